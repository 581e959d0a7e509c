// Random histories against the plain model, while snapshots are kept and looked at later.

@testable import StudyModel
import Testing

/// Random events of a study, most of them possible, some not.
private struct RandomEvents {
  static let study = StudyID(rawValue: 1)

  var random: SplitMix
  var plain: PlainStudy
  private var clock: Int64 = 0
  private var sequence: UInt32 = 0

  init(seed: Int) {
    random = SplitMix(seed)
    let count = random.below(3) + 1
    let objectives = (0..<count).map {
      Objective(name: "o\($0)", direction: $0 == 1 ? .maximize : .minimize)
    }
    let bounds =
      seed % 2 == 0 ? [] : [MetricBound(metric: "m0", relation: .atMost, limit: 1)]
    plain = PlainStudy(
      definition: StudyDefinition(objectives: objectives, bounds: bounds, seed: 1))
  }

  private mutating func now() -> Timestamp {
    // Mostly a little later; sometimes hours, so that differences of times do not fit 32 bits.
    clock += random.below(50) == 0 ? 9_000_000_000 : Int64(random.below(100))
    return Timestamp(rawValue: clock)
  }

  private mutating func value() -> Double {
    switch random.below(12) {
    case 0: .nan
    case 1: .infinity
    case 2: -0.0
    default: Double(random.below(6))
    }
  }

  private mutating func distribution() throws -> Distribution {
    random.below(3) == 0
      ? .categorical([.string("a"), .integer(Int64(random.below(3)))])
      : .float(try FloatDomain(low: 0, high: Double(random.below(4) + 1)))
  }

  private mutating func creation() throws -> TrialCreation {
    let last = plain.trials.last?.number ?? -1
    let gap = random.below(40) == 0 ? random.below(5) : 0
    let isBelow = random.below(60) == 0
    var assignment = Assignment()
    for index in 0..<random.below(4) {
      assignment.set("p\(index)", try distribution(), Double(random.below(2)))
    }
    if random.below(20) == 0 {
      assignment.set("own\(plain.trials.count)", try distribution(), 1)
    }
    return TrialCreation(
      id: TrialID(rawValue: UInt64(plain.trials.count) + 1),
      number: isBelow ? last : last + 1 + gap, time: now(), assignment: assignment,
      proposer: random.below(2) == 0 ? "" : "random",
      retryOf: random.below(9) == 0 ? random.below(5) : nil)
  }

  /// - Parameter record: the study so far, which knows what dropping trials comes to.
  mutating func next(_ record: StudyRecord) throws -> StudyEvent {
    guard !plain.trials.isEmpty, random.below(12) == 0 else { return try next() }
    let entries = (0...random.below(3)).map { _ in
      // The best, too, which are few.
      let best = record.bestTrials.map(\.number)
      let number =
        random.below(3) == 0 && !best.isEmpty
        ? best[random.below(best.count)] : plain.trials[random.below(plain.trials.count)].number
      let marks: [TrialMark] = [
        .dropped(.complete, reason: "bogus"), .dropped(.complete, reason: nil),
        .rerun(of: 0, ended: nil), .note("n\(random.below(3))"), .note(nil),
        .tag("t\(random.below(3))"), .untag("t\(random.below(3))"),
      ]
      return TrialMarking.Entry(number, marks[random.below(marks.count)])
    }
    let marked = entries.filter { entry in
      guard case .dropped = entry.mark else { return true }
      return plain.trials.first { $0.number == entry.number }?.state.isFinished == true
    }
    return .trialsMarked(Self.study, try record.marking(marked, time: now()))
  }

  private mutating func next() throws -> StudyEvent {
    let study = Self.study
    if plain.trials.isEmpty { return .trialCreated(study, try creation()) }
    // Mostly one of the last trials, so that those before are finished and packed.
    let row =
      random.below(10) == 0
      ? random.below(plain.trials.count) : max(0, plain.trials.count - 1 - random.below(8))
    let trial = plain.trials[row]
    let (number, claim) = (trial.number, trial.claim)
    switch random.below(16) {
    case 0, 1: return .trialCreated(study, try creation())
    case 2, 3, 4:
      sequence += 1
      let deadline = LeaseDeadline(
        bootMicroseconds: UInt64(sequence), bootID: "boot \(random.below(3))",
        wall: Timestamp(rawValue: Int64(sequence)))
      let claim = TrialClaim(
        claim: ClaimID(epoch: 1, sequence: sequence),
        lease: random.below(2) == 0 ? .held : .detached(deadline: deadline), host: "host",
        worker: "worker \(random.below(3))", time: now())
      return .trialClaimed(study, trial: number, claim)
    case 5:
      return .attemptEnded(
        study, trial: number, claim: claim ?? ClaimID(epoch: 9, sequence: 9),
        AttemptEnd(outcome: .interrupted, reason: "why", lastLines: "last"), time: now())
    case 6, 7, 8:
      let states: [TrialState] = [.complete, .complete, .complete, .pruned, .failed]
      let count = plain.definition.objectives.count - (random.below(8) == 0 ? 1 : 0)
      return .trialFinished(
        study, trial: number,
        TrialResult(
          claim: claim, state: states[random.below(5)], values: (0..<count).map { _ in value() },
          violations: random.below(3) == 0 ? [] : [value() - 2],
          end: random.below(2) == 0
            ? nil : AttemptEnd(outcome: .failed, reason: "r", exitStatus: 3), time: now()))
    case 9:
      let scope: AttributeScope = random.below(2) == 0 ? .user : .system
      let key = random.below(3) == 0 ? "own \(number)" : "k\(random.below(2))"
      return .trialAttributeSet(
        study, trial: number, scope, key: key, value: random.below(4) == 0 ? nil : "\(row)")
    case 10:
      return .parameterSet(
        study, trial: number, name: "p\(random.below(5))", try distribution(), internalValue: 1)
    case 11: return .stopRequested(study, trial: number, time: now())
    default:
      let metric = random.below(10) == 0 ? "own \(number)" : "m\(random.below(3))"
      let step = random.below(4) == 0 ? Int64(random.below(30)) * 7 - 40 : Int64(random.below(12))
      return .metricsReported(
        study, trial: number,
        MetricReport(claim: claim, step: step, entries: [.init(metric, value())], time: now()))
    }
  }
}

/// Says wherever `record` differs from `plain`.
private func compare(_ record: StudyRecord, with plain: PlainStudy, _ note: String) throws {
  #expect(record.trialCount == plain.trials.count, "\(note)")
  #expect(Array(record.finishedRows) == plain.finished, "\(note)")
  #expect(record.openRows == plain.trials.indices.filter { !plain.trials[$0].state.isFinished })
  #expect(record.bestTrials.map(\.row) == plain.bestRows, "\(note)")
  for state in TrialState.allCases {
    #expect(record.count(state) == plain.trials.count { $0.state == state }, "\(note)")
    #expect(
      record.searchedCount(state)
        == plain.trials.count { $0.state == state && !$0.marks.isSetAside }, "\(note)")
  }
  let searched = plain.finished.filter { !plain.trials[$0].marks.isSetAside }
  #expect(Array(record.searchedRows) == searched, "\(note)")
  #expect(searched.indices.allSatisfy { record.searchedRows[$0] == searched[$0] }, "\(note)")
  for count in [0, 1, plain.finished.count / 2, plain.finished.count, Int.max] {
    let first = plain.finished.prefix(count).filter { !plain.trials[$0].marks.isSetAside }
    #expect(Array(record.searchedRows.prefix(ofFinished: count)) == first, "\(note)")
  }
  #expect(plain.trials.indices.allSatisfy { record.marks(ofRow: $0) == plain.trials[$0].marks })
  #expect(record.setAsideCount == plain.trials.count { $0.marks.isSetAside }, "\(note)")
  let loaded = try record.load(.all)
  let history = History(record)
  for (row, trial) in plain.trials.enumerated() {
    let note = "\(note), row \(row)"
    try compare(history, row: row, with: trial, named: record.parameterNames, note)
    #expect(record.row(ofNumber: trial.number) == row, "\(note)")
    #expect(record.number(ofRow: row) == trial.number, "\(note)")
    try compare(try record.trial(row), with: trial, of: record, note)
    try compare(loaded, row: row, with: trial, note)
    let alone = try record.load(.all, rows: row..<row + 1)
    try compare(alone, row: row, with: trial, note)
    if let open = record.openTrial(row) {
      #expect(open.state == trial.state && open.claim == trial.claim, "\(note)")
      #expect(open.stopRequested == trial.stopRequested, "\(note)")
    }
  }
}

private func compare(
  _ record: TrialRecord, with trial: PlainTrial, of study: StudyRecord, _ note: String
) throws {
  #expect(record.number == trial.number && record.id == trial.id, "\(note)")
  #expect(record.state == trial.state && record.created == trial.created, "\(note)")
  #expect(record.started == trial.started && record.ended == trial.ended, "\(note)")
  #expect(record.proposer == trial.proposer && record.retryOf == trial.retryOf, "\(note)")
  #expect(
    Dictionary(uniqueKeysWithValues: record.assignment.entries.map { ($0.name, $0) })
      == trial.parameters, "\(note)")
  #expect(record.attempts.map(\.claim) == trial.attempts.map(\.claim), "\(note)")
  #expect(record.attempts.map(\.end) == trial.attempts.map(\.end), "\(note)")
  #expect(record.attempts.map(\.ended) == trial.attempts.map(\.ended), "\(note)")
  for (scope, attributes) in [
    (AttributeScope.user, record.userAttributes), (.system, record.systemAttributes),
  ] {
    let found = Dictionary(uniqueKeysWithValues: attributes.map { ($0.key, $0.json) })
    #expect(found == trial.attributes[scope], "\(note)")
  }
  for metric in study.metricNames {
    let points = trial.points(metric)
    let found = try study.series(of: metric, row: record.row)
    #expect(isSame(found, points), "\(note), \(metric)")
    let summary = record.series.first { $0.metric == metric }?.summary
    try compare(summary, with: points, note)
    for step in [-40, 0, 3, 7, 9, 100, Int64.min, .max] {
      let value = try study.value(of: metric, row: record.row, atStep: step)
      let expected = points.first { $0.step == step }?.value
      #expect(value?.bitPattern == expected?.bitPattern, "\(note), \(metric) at \(step)")
    }
  }
}

private func compare(
  _ history: History, row: Int, with trial: PlainTrial, named names: [String], _ note: String
) throws {
  let cells = try history.trial(row)
  #expect(cells.state == trial.state && cells.proposer == trial.proposer, "\(note)")
  #expect(cells.lastAttempt?.claim == trial.attempts.last?.claim, "\(note)")
  for index in history.objectives.indices {
    let expected = trial.values.indices.contains(index) ? trial.values[index] : nil
    #expect(cells.value(ofObjective: index)?.bitPattern == expected?.bitPattern, "\(note)")
  }
  for name in names {
    let known = history.parameter(name)
    let found = known.flatMap { cells.parameter($0) }
    let entry = trial.parameters[name]
    #expect(found?.value.bitPattern == entry?.internalValue.bitPattern, "\(note), \(name)")
    if let known, let found {
      #expect(known.distribution(found.distribution) == entry?.distribution, "\(note), \(name)")
    }
  }
}

private func compare(
  _ summary: SeriesSummary?, with points: [MetricPoint], _ note: String
) throws {
  guard let summary else {
    #expect(points.isEmpty, "\(note)")
    return
  }
  let numbers = points.map(\.value).filter { !$0.isNaN }
  #expect(summary.count == points.count, "\(note)")
  #expect(summary.nanCount == points.count - numbers.count, "\(note)")
  #expect(isSame([summary.first, summary.last], [points[0], points[points.count - 1]]), "\(note)")
  #expect(summary.minimum == numbers.min() ?? .infinity, "\(note)")
  #expect(summary.maximum == numbers.max() ?? -.infinity, "\(note)")
  #expect(summary.sum == numbers.reduce(0, +), "\(note)")
}

private func isSame(_ a: [MetricPoint], _ b: [MetricPoint]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy {
      $0.step == $1.step && $0.time == $1.time && $0.value.bitPattern == $1.value.bitPattern
    }
}

private func compare(
  _ loaded: LoadedColumns, row: Int, with trial: PlainTrial, _ note: String
) throws {
  #expect(loaded.numbers[row] == trial.number && loaded.states[row] == trial.state, "\(note)")
  #expect(loaded.ids[row] == trial.id && loaded.created[row] == trial.created, "\(note)")
  #expect(loaded.started[row] == trial.started && loaded.ended[row] == trial.ended, "\(note)")
  #expect(loaded.proposers[row] == trial.proposer, "\(note)")
  #expect(loaded.retryOf[row] == trial.retryOf, "\(note)")
  for (index, column) in loaded.values.enumerated() {
    let expected = trial.values.indices.contains(index) ? trial.values[index] : nil
    #expect(column[row]?.bitPattern == expected?.bitPattern, "\(note)")
  }
  #expect(loaded.isFeasible(row: row) == trial.violations.allSatisfy { $0 <= 0 }, "\(note)")
  for column in loaded.parameters {
    let entry = trial.parameters[column.name]
    #expect(column.internalValues[row] == entry?.internalValue, "\(note) \(column.name)")
    #expect(column.distribution(ofRow: row) == entry?.distribution, "\(note) \(column.name)")
  }
  for column in loaded.userAttributes {
    #expect(column.json[row] == trial.attributes[.user]?[column.key], "\(note)")
  }
  #expect(loaded.lastAttempt(ofRow: row)?.claim == trial.attempts.last?.claim, "\(note)")
  #expect(loaded.attempts(ofRow: row).count == trial.attempts.count, "\(note)")
  for metric in loaded.metrics {
    #expect(
      isSame(try metric.series(ofRow: row), trial.points(metric.name)), "\(note) \(metric.name)")
  }
}

/// A block that stands for one on a disk.
private struct KeptBlock: StoredBlock {
  let block: TrialBlock
  let count: Int
  let missing: [Int]

  init(_ packed: PackedBlock) throws {
    block = try packed.load(.all)
    count = block.count
    missing = block.columns.isPacked.indices.filter { [block] in !block.columns.isPacked[$0] }
  }

  func load(_ contents: BlockContents) -> TrialBlock { block }

  func zone(of column: ZoneColumn) -> ColumnZone? { nil }
}

/// `record` written down and read back.
private func restored(_ record: StudyRecord) throws -> StudyRecord {
  var image = try record.image()
  for index in image.blocks.indices {
    image.blocks[index].packed = .stored(try KeptBlock(image.blocks[index].packed))
  }
  return try #require(StudyRecord(image))
}

@Suite struct RandomHistoryTests {
  @Test(arguments: 0..<24) func `a record that is written down and read back goes on as it was`(
    seed: Int
  ) throws {
    var events = RandomEvents(seed: seed)
    var record = StudyRecord(
      id: RandomEvents.study, name: "s", definition: events.plain.definition,
      time: Timestamp(rawValue: 0))
    for index in 0..<1500 {
      let event = try events.next(record)
      let expected = events.plain.apply(event)
      #expect(record.apply(event) == expected, "\(event)")
      if index % 200 == 150 {
        record = try restored(record)
        try compare(record, with: events.plain, "after event \(index)")
      }
    }
    try compare(record, with: events.plain, "at the end")
  }

  @Test(arguments: 0..<24) func `a record tells what a plain model tells, then and later`(
    seed: Int
  ) throws {
    var events = RandomEvents(seed: seed)
    var record = StudyRecord(
      id: RandomEvents.study, name: "s", definition: events.plain.definition,
      time: Timestamp(rawValue: 0))
    var kept: [(record: StudyRecord, plain: PlainStudy)] = []
    for index in 0..<1500 {
      let event = try events.next(record)
      let expected = events.plain.apply(event)
      let tookEffect = record.apply(event)
      #expect(tookEffect == expected, "\(event)")
      if index % 250 == 100 { kept.append((record, events.plain)) }
    }
    try compare(record, with: events.plain, "at the end")
    for (index, (record, plain)) in kept.enumerated() {
      try compare(record, with: plain, "snapshot \(index)")
    }
  }

  @Test func `which trials are set aside is one number whatever the order`() throws {
    var record = StudyRecord(
      id: RandomEvents.study, name: "s", definition: StudyDefinition(seed: 1),
      time: Timestamp(rawValue: 0))
    let time = Timestamp(rawValue: 1)
    for number in 0..<40 {
      record.apply(
        .trialCreated(
          RandomEvents.study,
          TrialCreation(id: TrialID(rawValue: UInt64(number) + 1), number: number, time: time)))
      record.apply(
        .trialFinished(
          RandomEvents.study, trial: number,
          TrialResult(claim: nil, state: .complete, values: [Double(number)], time: time)))
    }
    func mark(_ numbers: [Int], _ reason: String?) throws {
      let entries = numbers.map { TrialMarking.Entry($0, .dropped(.complete, reason: reason)) }
      record.apply(.trialsMarked(RandomEvents.study, try record.marking(entries, time: time)))
    }
    let none = record.searchedRows.fingerprint
    try mark([3, 0, 17], "x")
    let some = record.searchedRows.fingerprint
    #expect(some != none && record.bestTrials.map(\.number) == [1])
    try mark([3, 1], nil)
    #expect(record.searchedRows.fingerprint != some)
    try mark([0, 17], nil)
    #expect(record.searchedRows.fingerprint == none && record.bestTrials.map(\.number) == [0])
    try mark([17, 0], "y")
    try mark([3], "z")
    #expect(record.searchedRows.fingerprint == some && record.accomplishedCount == 37)
    // Dropping what is not among the best changes nothing of them, and looks at no other trial.
    #expect(
      try record.marking([.init(5, .dropped(.complete, reason: "w"))], time: time).best == nil)
  }

  @Test(arguments: 0..<40) func `the best trials are those that nothing beats`(seed: Int) throws {
    var random = SplitMix(seed)
    let count = random.below(3) + 1
    let definition = StudyDefinition(
      objectives: (0..<count).map {
        Objective(name: "o\($0)", direction: random.below(2) == 0 ? .minimize : .maximize)
      }, bounds: [MetricBound(metric: "m", relation: .atMost, limit: 0)], seed: 1)
    let study = StudyID(rawValue: 1)
    let time = Timestamp(rawValue: 0)
    var record = StudyRecord(id: study, name: "s", definition: definition, time: time)
    var plain = PlainStudy(definition: definition)
    func apply(_ event: StudyEvent) {
      let tookEffect = (record.apply(event), plain.apply(event))
      #expect(tookEffect == (true, true))
    }
    for number in 0..<60 {
      let id = TrialID(rawValue: UInt64(number) + 1)
      apply(.trialCreated(study, TrialCreation(id: id, number: number, time: time)))
    }
    // Trials end in any order, so that rows and the order of finishing differ.
    for number in (0..<60).shuffled(using: &random) {
      let values = (0..<count).map { _ -> Double in
        switch random.below(20) {
        case 0: .nan
        case 1: .infinity
        case 2: -.infinity
        default: Double(random.below(5))
        }
      }
      apply(
        .trialFinished(
          study, trial: number,
          TrialResult(
            claim: nil, state: random.below(6) == 0 ? .pruned : .complete, values: values,
            violations: random.below(4) == 0 ? [Double(random.below(3)) - 1] : [], time: time)))
      #expect(record.bestTrials.map(\.row) == plain.bestRows)
    }
  }
}
