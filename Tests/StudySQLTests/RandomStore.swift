// A store with everything that is awkward in it: values of all kinds, few and many of them, trials
// in all states; some of it sealed in a checkpoint, some written since.

import Foundation
import StudyModel
import StudyStorage

@testable import StudySQL

struct RandomStore {
  private var generator: SeededGenerator
  private var builder = StoreBuilder()

  /// - Parameter trials: of the largest study.
  /// - Returns: what a store holds that was closed and opened again in between.
  static func snapshot(seed: UInt64, trials: Int) throws -> Snapshot {
    var random = RandomStore(generator: SeededGenerator(state: seed))
    let path = NSTemporaryDirectory() + "cairn-sql-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    var store = try Store.open(at: path, for: .writing(create: true), durability: .relaxed)
    let studies = try random.makeStudies(store)
    for part in 0..<3 {
      for (index, study) in studies.enumerated() {
        let count = index == 0 ? trials / 3 : 17
        try random.makeTrials(count, of: study, index: index, in: store)
      }
      if part == 1 { _ = try store.seal() }
      try store.close()
      store = try Store.open(at: path, for: .writing(create: false), durability: .relaxed)
    }
    let snapshot = try store.snapshot()
    // What is sealed is read later, when the files have gone.
    try store.close()
    return snapshot
  }

  private init(generator: SeededGenerator) { self.generator = generator }

  private mutating func oneIn(_ count: Int) -> Bool {
    Int.random(in: 0..<count, using: &generator) == 0
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }

  static let names = ["plain", "Weird \"name\" é\u{301}", "select", "PARAMS"]

  private mutating func makeStudies(_ store: Store) throws -> [StudyID] {
    var ids: [StudyID] = []
    for (index, name) in Self.names.enumerated() {
      let definition = StudyDefinition(
        objectives: index == 1 ? twoObjectives : [.standard],
        bounds: index == 1 ? [latencyBound] : [], seed: UInt64(index))
      ids.append(
        try store.commit(.decision) { snapshot, context in
          let id = snapshot.nextStudyID
          return (
            [
              .studyCreated(id: id, name: name, definition: definition, time: dawn),
              .studyAttributeSet(id, .user, key: "owner", value: "\"me\"", time: dawn),
              .studyAttributeSet(id, .system, key: "n", value: "16", time: dawn),
            ], id
          )
        }.result)
    }
    // The last one stays without trials.
    return Array(ids.dropLast())
  }

  private static let numbers: [Double] = [
    .nan, .infinity, -.infinity, -0.0, 0, 0.5, 1, 1.5, 2, 3, 1e-300, 1e300, 0x1p53, 0x1p63,
    -0x1p63, 16,
  ]
  private static let json = [
    "16", "\"16\"", "\"x\"", "null", "1.5", "true", "9223372036854775807", "-9223372036854775808",
    "9007199254740993", "[1, 2]", "{\"a\": 1}", "\"\"", "\" 7 \"", "NaN", "Infinity",
    "\"a\\u0000b\"",
    "\"É\"", "\"Complete\"",
  ]
  private static let steps: [Int64] = [
    .min, -3, 0, 1, 2, 5, 1 << 53, 1 << 53 + 1, .max - 1, .max,
  ]

  private mutating func number() -> Double {
    oneIn(2) ? pick(Self.numbers) : Double(Int.random(in: -40...40, using: &generator)) / 8
  }

  private mutating func assignment(_ index: Int, _ place: Int) -> Assignment {
    var assignment = Assignment()
    assignment.set("x", rate, Double(Int.random(in: 1...64, using: &generator)) / 64)
    if !oneIn(4) { assignment.set("n", layers, Double(Int.random(in: 1...8, using: &generator))) }
    assignment.set("opt", optimizer, oneIn(3) ? 1 : 0)
    if oneIn(2) { assignment.set("amp", flag, oneIn(2) ? 1 : 0) }
    let texts = try! Distribution.choice([.string("16"), .string("a"), .string("A"), .string("")])
    let more = try! Distribution.choice([.string("a"), .string("b"), .string("16")])
    assignment.set("word", place % 2 == 0 ? texts : more, Double(place % 3))
    let any = try! Distribution.choice([
      .null, .integer(16), .string("x"), .string("16"), .float(1.5), .bool(true),
      .integer(.max), .integer(1 << 53 + 1),
    ])
    assignment.set("any", any, Double(Int.random(in: 0..<8, using: &generator)))
    if index == 0, oneIn(8) { assignment.set("X", layers, 3) }
    if oneIn(16) { assignment.set("number", rate, 0.25) }
    // Now an integer, now a fraction.
    assignment.set("mixed", oneIn(2) ? layers : rate, oneIn(2) ? 1 : 0.5)
    return assignment
  }

  private mutating func makeTrials(
    _ count: Int, of study: StudyID, index: Int, in store: Store
  ) throws {
    var begun = 0
    while begun < count {
      let batch = min(200, count - begun)
      begun += batch
      let assignments = (0..<batch).map { assignment(index, $0 + begun) }
      var generator = SeededGenerator(state: UInt64.random(in: 0...UInt64.max, using: &generator))
      var other = RandomStore(generator: generator)
      generator = other.generator
      _ = try store.commit(.decision) { snapshot, context in
        var events: [StudyEvent] = []
        let ids = snapshot.nextTrials(batch, of: study) ?? []
        for (place, id) in ids.enumerated() {
          events += other.trial(
            id, assignments[place], of: study, index: index, context.claim, dawn)
          events += Self.marks(id.number, of: study, dawn)
        }
        return (events, ())
      }
    }
  }

  private mutating func trial(
    _ id: (id: TrialID, number: Int), _ assignment: Assignment, of study: StudyID, index: Int,
    _ claim: ClaimID, _ now: Timestamp
  ) -> [StudyEvent] {
    func later(_ seconds: Int) -> Timestamp {
      Timestamp(rawValue: now.rawValue + Int64(seconds) * 1_000_003)
    }
    var events: [StudyEvent] = [
      .trialCreated(
        study,
        TrialCreation(
          id: id.id, number: id.number, time: now, assignment: assignment,
          proposer: pick(["random", "TPE", "", "gp"]),
          retryOf: id.number > 0 && oneIn(9) ? id.number / 2 : nil))
    ]
    if oneIn(12) { return events }
    // Claims are told apart by trial here, so one serves for all.
    events.append(
      .trialClaimed(
        study, trial: id.number,
        TrialClaim(
          claim: claim, lease: .held, host: pick(["elm", "Oak"]), worker: "w:\(id.number % 3)",
          time: later(id.number))))
    for metric in ["loss", "val/loss", "Loss"] where !oneIn(3) {
      let isRegular = oneIn(2)
      var last = Int64.min
      for place in 0..<Int.random(in: 0...5, using: &generator) {
        let step = isRegular ? Int64(place) : pick(Self.steps)
        last = max(last, step)
        events.append(
          .metricsReported(
            study, trial: id.number,
            MetricReport(
              claim: claim, step: step, entries: [.init(metric, number())],
              time: later(id.number + place))))
      }
    }
    for (key, scope) in [("note", AttributeScope.user), ("tag", .user), ("gpu", .system)]
    where oneIn(2) {
      events.append(
        .trialAttributeSet(study, trial: id.number, scope, key: key, value: pick(Self.json)))
    }
    let state = pick([
      nil, TrialState.complete, .complete, .complete, .complete, .pruned, .failed,
    ])
    guard let state else { return events }
    let values = (0..<(index == 1 ? 2 : 1)).map { _ in number() }
    let end = AttemptEnd(
      outcome: state == .failed ? .failed : .finished, reason: state == .failed ? "exit 3" : "",
      exitStatus: state == .failed ? 3 : oneIn(2) ? 0 : nil,
      usage: oneIn(2)
        ? ResourceUsage(
          wallSeconds: Double(id.number) / 4, cpuSeconds: 1, peakResidentBytes: 4096) : nil)
    events.append(
      .trialFinished(
        study, trial: id.number,
        TrialResult(
          claim: claim, state: state, values: state == .complete ? values : [],
          violations: index == 1 ? [number()] : [], end: end, time: later(id.number + 4))))
    return events
  }

  /// What is said of one trial in five. (Which trials are best then is nobody's concern here.)
  private static func marks(_ number: Int, of study: StudyID, _ time: Timestamp) -> [StudyEvent] {
    guard number % 5 == 2 else { return [] }
    let marks: [TrialMark] = [
      .note("see \(number % 3)"), .tag("good"), .tag("slow"),
      .dropped(.complete, reason: "bogus"), .rerun(of: 0, ended: nil),
    ]
    let entries = marks.enumerated().filter { (number / 5 + $0.offset) % 3 != 0 }.map {
      TrialMarking.Entry(number, $0.element)
    }
    return [.trialsMarked(study, TrialMarking(entries, time: time))]
  }
}
