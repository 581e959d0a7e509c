// A store with everything in it that a store can hold, recorded event by event.

import PlainText
import SpaceNotation
import StudyModel
import StudyStorage

/// Records histories. What it records follows from how much it recorded before, nothing else, but
/// for the store's own times.
struct StoreHistory {
  private let store: Store
  private var count: UInt64 = 0

  init(_ store: Store) { self.store = store }

  /// A number below `limit` that looks like none in particular.
  private mutating func below(_ limit: Int) -> Int {
    count += 1
    var word = count &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((word ^ word >> 31) % UInt64(limit))
  }

  private func record(_ events: [StudyEvent]) throws {
    _ = try store.commit(.decision) { _, _ in (events, ()) }
  }

  mutating func makeStudy(_ name: String, _ definition: StudyDefinition) throws -> StudyID {
    let id = try store.snapshot().nextStudyID
    try record([.studyCreated(id: id, name: name, definition: definition, time: time())])
    return id
  }

  /// Mostly a little later than the last; sometimes hours.
  private mutating func time() -> Timestamp {
    let hours = below(40) == 0 ? Int64(below(5)) * 3_600_000_000 : 0
    return Timestamp(rawValue: 1_700_000_000_000_000 + Int64(count) * 1_000_003 + hours)
  }

  // MARK: Studies

  static let hostileName = "ü \"quoted\"\n\t'; DROP TABLE x; --\u{1F600}"

  /// Two objectives, two bounds, and a space of all notations.
  static var definition: StudyDefinition {
    get throws {
      let parameters = try [
        "lr=log:1e-5..1e-1", "momentum=0..1", "dropout=0..0.5:step=0.1", "layers=1..8",
        "units=log:16..512", "z=normal:0,1", "rate=lognormal:-7,2", "width=int:normal:32,8",
        "size=ordered:small,medium,large", "opt=[\"adam\", null, true, 16, 0.5, [64, 64]]",
        "version=1.9,1.10", "fixed=fixed:7",
      ].map { try Parameter(notation: $0) }
      let conditional = Parameter(
        name: "a \"b\"\u{2028}", distribution: .float(try FloatDomain(low: 0, high: 1)),
        conditions: [ParameterCondition(parent: "opt", values: [.null, .string("adam")])])
      return StudyDefinition(
        objectives: [
          Objective(name: "loss", direction: .minimize, aggregate: .mean(count: 3)),
          Objective(name: "größe \"x\"", direction: .maximize),
        ], space: try SearchSpace(parameters + [conditional], constraints: ["layers < 9"]),
        bounds: [
          MetricBound(metric: "ms", relation: .atMost, limit: .infinity),
          MetricBound(metric: "acc", relation: .atLeast, limit: 0.5),
        ], sampler: .init("tpe", options: ["candidates": 24]), seed: .max, targetTrials: 30)
    }
  }

  /// Distributions as define-by-run clients use them, and values of each.
  private static var drawn: [(Distribution, [Double])] {
    get throws {
      [
        (.float(try FloatDomain(low: -0.0, high: 1)), [-0.0, 1, 0.1]),
        (.float(try FloatDomain(low: 1e-300, high: 1e300, isLogarithmic: true)), [1e-300, 1e300]),
        (.float(try FloatDomain(low: 0, high: 1, step: 0.1)), [0.3]),
        (.float(try FloatDomain(low: 8, high: 256, isLogarithmic: true, step: 8)), [16]),
        (.float(try .normal(NormalPrior(mean: 0, deviation: 2))), [-1.5, .infinity]),
        (.integer(try IntegerDomain(low: -(1 << 53), high: 1 << 53)), [-0x1p53, 0x1p53, 0]),
        (.integer(try IntegerDomain(low: 1, high: 1024, isLogarithmic: true)), [1024]),
        (.integer(try IntegerDomain(low: 0, high: 10, step: 5)), [5]),
        (.integer(try IntegerDomain(low: 8, high: 64, isLogarithmic: true, step: 8)), [8, 64]),
        (
          .categorical([
            .null, .bool(true), .bool(false), .integer(.min), .float(.nan), .float(0.5),
            .string(""), .string("a\tb"), .structure("[64,{\"a\":null}]"),
          ]), (0..<9).map(Double.init)
        ),
        (
          .categorical(
            try ChoiceDomain(
              [.float(1.9), .float(1.10)], texts: ["1.9", "1.10"], isOrdered: true)),
          [0, 1]
        ),
      ]
    }
  }

  // MARK: Trials

  /// A trial of `study`, from its creation to where it stays.
  mutating func addTrial(_ study: StudyID) throws {
    let number = try nextNumber(study) + (below(20) == 0 ? 3 : 0)
    try record([try creation(study, number)])
    for _ in 0..<below(3) { try addAttempt(study, number) }
    let claim = ClaimID(epoch: UInt32(below(1 << 20)), sequence: UInt32(below(1000)))
    let isClaimed = below(5) > 0
    if isClaimed { try record(claimed(study, number, claim)) }
    try record(reports(study, number, isClaimed ? claim : nil))
    try record(attributes(study, number))
    // Some stay open.
    if below(6) == 0 {
      try mark(study, number)
      return try record([.stopRequested(study, trial: number, time: time())])
    }
    try finish(study, number, isClaimed ? claim : nil)
    try mark(study, number)
    try mark(study, below(number + 1))
  }

  private mutating func mark(_ study: StudyID, _ number: Int) throws {
    let marks: [TrialMark] = [
      .dropped(.complete, reason: "b\u{0}gus"), .dropped(.complete, reason: nil),
      .rerun(of: 0, ended: nil), .note("ñ \"x\"\n"), .note(nil), .tag("t1"), .tag("t,2"),
      .untag("t1"),
    ]
    guard below(2) == 0, let state = try store.snapshot()[study],
      let row = state.row(ofNumber: number)
    else { return }
    var mark = marks[below(marks.count)]
    // What is open is not dropped, although somebody said so.
    if case .dropped = mark, state.openTrial(row) != nil { mark = .note("open") }
    let marking = try state.marking([.init(number, mark)], time: time())
    if !marking.entries.isEmpty { try record([.trialsMarked(study, marking)]) }
  }

  private func nextNumber(_ study: StudyID) throws -> Int {
    try store.snapshot()[study]?.nextNumber ?? 0
  }

  /// Reports of every open trial, and the ends of some.
  mutating func finishOpenTrials(_ study: StudyID) throws {
    for trial in try store.snapshot()[study].map({ Array($0.openTrials) }) ?? [] {
      try record(reports(study, trial.number, trial.claim))
      if below(3) > 0 { try finish(study, trial.number, trial.claim) }
    }
  }

  private mutating func finish(_ study: StudyID, _ number: Int, _ claim: ClaimID?) throws {
    let state: TrialState = [.complete, .complete, .pruned, .failed][below(4)]
    let hasEnd = claim != nil && below(2) == 0
    let result = TrialResult(
      claim: claim, state: state,
      values: state == .failed ? [] : [value(), value()],
      violations: below(3) == 0 ? [] : [value(), -1], end: hasEnd ? end() : nil, time: time())
    try record([.trialFinished(study, trial: number, result)])
    // Who comes too late is not heard.
    try record([
      .trialFinished(study, trial: number, result),
      .trialAttributeSet(study, trial: number, .user, key: "late", value: "1"),
    ])
  }

  private mutating func creation(_ study: StudyID, _ number: Int) throws -> StudyEvent {
    var entries: [Assignment.Entry] = []
    for (index, (distribution, values)) in try Self.drawn.enumerated() where below(3) > 0 {
      // One name has several distributions.
      let name = index == 3 ? "p0" : "p\(index)\u{0301}"
      if entries.contains(where: { $0.name == name }) { continue }
      entries.append(
        Assignment.Entry(
          name: name, distribution: distribution, internalValue: values[below(values.count)]))
    }
    let memory = SamplerMemory(sampler: "gp", bytes: [0, 255, 7])
    return .trialCreated(
      study,
      TrialCreation(
        id: try store.snapshot().nextTrialID, number: number, time: time(),
        assignment: Assignment(entries), proposer: ["", "tpe", "random"][below(3)],
        memory: below(4) == 0 ? memory : nil, retryOf: below(5) == 0 ? 0 : nil))
  }

  private mutating func claimed(
    _ study: StudyID, _ number: Int, _ claim: ClaimID
  ) -> [StudyEvent] {
    let deadline = LeaseDeadline(
      bootMicroseconds: 1 << 50, bootID: "boot \(below(2))", wall: Timestamp(rawValue: .max))
    let lease: Lease = [.held, .detached(deadline: nil), .detached(deadline: deadline)][below(3)]
    let memory = SamplerMemory(sampler: "gp", bytes: [1])
    var events: [StudyEvent] = [
      .trialClaimed(
        study, trial: number,
        TrialClaim(
          claim: claim, lease: lease, host: "höst", worker: "w\(below(3))", time: time(),
          memory: below(3) == 0 ? memory : nil))
    ]
    if below(2) == 0 {
      events.append(
        .processStarted(
          study, trial: number, claim: claim,
          ProcessIdentity(host: "h", bootID: "b", processGroup: -1, startTicks: .max)))
    }
    return events
  }

  private mutating func addAttempt(_ study: StudyID, _ number: Int) throws {
    let claim = ClaimID(epoch: UInt32(below(1 << 20)), sequence: 5)
    try record(claimed(study, number, claim))
    try record(reports(study, number, claim))
    try record([
      .attemptEnded(study, trial: number, claim: claim, end(), time: time())
    ])
  }

  private mutating func end() -> AttemptEnd {
    let outcome = AttemptOutcome.allCases[below(AttemptOutcome.allCases.count)]
    let usage = ResourceUsage(wallSeconds: 1.5, cpuSeconds: 0.25, peakResidentBytes: 1 << 40)
    return AttemptEnd(
      outcome: outcome, reason: ["", "exit status 3"][below(2)],
      lastLines: ["", "Traceback\nb\u{1F600}\u{0}"][below(2)],
      exitStatus: below(2) == 0 ? -9 : nil, usage: below(2) == 0 ? usage : nil)
  }

  private mutating func value() -> Double {
    let special: [Double] = [
      .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e300,
      Double(bitPattern: 0x7FF8_0000_DEAD_BEEF),
    ]
    let place = below(14)
    return place < special.count ? special[place] : Double(below(1000)) / 999
  }

  private mutating func reports(
    _ study: StudyID, _ number: Int, _ claim: ClaimID?
  ) -> [StudyEvent] {
    let metrics = ["loss", "größe \"x\"", "", "val/acc"]
    let isIrregular = below(3) == 0
    return (0..<below(7)).map { place in
      let entries = metrics.filter { _ in below(2) == 0 }
        .map { MetricReport.Entry($0, value()) }
      let step = isIrregular ? [3, .min, .max, 5, 4, 3, -1][place] : Int64(place * 2)
      return .metricsReported(
        study, trial: number,
        MetricReport(claim: claim, step: step, entries: entries, time: time()))
    }
  }

  private mutating func attributes(_ study: StudyID, _ number: Int) -> [StudyEvent] {
    let texts = ["\"a \\\"good\\\" one\"", "[1, 2.5, null]", "NaN", "1e5", "no JSON {", nil]
    return (0..<below(6)).map { _ in
      .trialAttributeSet(
        study, trial: number, below(2) == 0 ? .user : .system, key: "k\(below(3)) \"'",
        value: texts[below(texts.count)])
    }
  }

  // MARK: Many trials

  /// Small trials of `study`, a few to a frame.
  mutating func addSmallTrials(_ trials: Int, _ study: StudyID, curves: Int) throws {
    let domain = Distribution.float(try FloatDomain(low: 1e-5, high: 1, isLogarithmic: true))
    var id = try store.snapshot().nextTrialID.rawValue
    var events: [StudyEvent] = []
    let first = try nextNumber(study)
    for place in 0..<trials {
      let number = first + place
      let entry = Assignment.Entry(
        name: "lr", distribution: domain, internalValue: Double(below(1 << 30)) / 0x1p30)
      events.append(
        .trialCreated(
          study,
          TrialCreation(
            id: TrialID(rawValue: id), number: number, time: time(),
            assignment: Assignment([entry]), proposer: "random")))
      id += 1
      if place < curves {
        events += (0..<100).map { step in
          .metricsReported(
            study, trial: number,
            MetricReport(
              claim: nil, step: Int64(step), entries: [.init("loss", Double(below(999)) / 1000)],
              time: time()))
        }
      }
      events.append(
        .trialFinished(
          study, trial: number,
          TrialResult(
            claim: nil, state: .complete, values: [Double(below(1 << 20))], time: time())))
      if events.count >= 500 {
        try record(events)
        events = []
      }
    }
    try record(events)
  }

  /// Everything of a study that is no trial's.
  mutating func edit(_ study: StudyID, _ definition: StudyDefinition) throws {
    try record([
      .studyEdited(study, definition: definition, time: time()),
      .studyAttributeSet(study, .user, key: "ü", value: "{\"a\": [1]}", time: time()),
      .studyAttributeSet(study, .system, key: "gone", value: "1", time: time()),
      .studyAttributeSet(study, .system, key: "gone", value: nil, time: time()),
      .stopRequested(study, trial: nil, time: time()),
    ])
  }

  mutating func delete(_ study: StudyID) throws {
    try record([.studyDeleted(study, time: time())])
  }
}
