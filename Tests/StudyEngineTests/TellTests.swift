import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// What may be said of a trial, and what follows from it.
@Suite struct TellTests {
  let directory: TemporaryStore
  let database: StudyDatabase

  init() throws {
    directory = try TemporaryStore()
    database = try directory.open()
  }

  private func refused(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
  ) async {
    do {
      try await body()
      Issue.record("it was not refused", sourceLocation: sourceLocation)
    } catch {
      #expect("\(error)" == text, sourceLocation: sourceLocation)
    }
  }

  @Test func `a pruner judges reports of the objective, where the trial is now`() async throws {
    let study = try await database.makeStudy {
      $0.pruner = ComponentChoice("median", options: ["startup": 1])
    }
    let first = try await database.take(study)
    for step in Int64(0)..<5 { try database.report(first, step, 1) }
    try await database.tell(first, .complete, 1)
    let bad = try await database.take(study)
    func report(_ step: Int64, _ name: String, _ value: Double) throws -> Bool {
      try database.report(
        study, trial: bad.number, claim: bad.claim, step: step, [.init(name, value)])
    }
    #expect(try report(1, "value", 0.5) == false)
    #expect(try report(3, "value", 0.25) == false)
    // It has gone beyond step 2, and says nothing of the objective at step 4.
    #expect(try report(2, "value", 9) == false)
    #expect(try report(4, "lr", 0.1) == false)
    let worse = try await database.take(study)
    for (name, isPruned) in [("lr", false), ("value", true), ("lr", false)] {
      #expect(
        try database.report(
          study, trial: worse.number, claim: worse.claim, step: 3, [.init(name, 9)]) == isPruned)
    }
  }

  @Test func `finished trials never change`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try await database.tell(trial, .complete, 1)
    let refusal = "trial 0 of s is complete; finished trials never change"
    await refused(refusal) { try await database.tell(trial, .failed) }
    await refused(refusal) { try database.report(trial, 1, 1) }
    await refused(refusal) {
      try await database.setAttribute(study, trial: 0, .user, "note", json: "1")
    }
    #expect(try database.trials(study).metric("value") == nil)
  }

  @Test func `trials that are not there, or that nobody took, are refused`() async throws {
    let study = try await database.makeStudy()
    await refused("s has no trial 0; it has none yet") {
      try await database.tell(study, trial: 0, claim: nil, state: .failed)
    }
    _ = try await database.enqueue(study, [Assignment()])
    await refused("trial 0 of s is waiting; nobody has asked for it\n  try: cairn ask s") {
      try database.report(study, trial: 0, claim: nil, step: 0, [.init("value", 1)])
    }
  }

  @Test func `values are one an objective, and numbers`() async throws {
    let study = try await database.makeStudy {
      $0.objectives = [
        Objective(name: "loss", direction: .minimize), Objective(name: "acc", direction: .maximize),
      ]
    }
    let trial = try await database.take(study)
    await refused("s has 2 objectives (loss, acc), and 1 value came") {
      try await database.tell(trial, .complete, 1)
    }
    await refused(
      "trial 0 of s cannot be complete with NaN as a value\n  try: state failed"
    ) { try await database.tell(trial, .complete, 1, .nan) }
    await refused("trial 0 of s has no value: it never reported \"loss\", \"acc\"") {
      try await database.tell(trial)
    }
    try await database.tell(trial, .complete, -.infinity, 1)
    #expect(try database.trials(study).objectiveValues(ofRow: 0) == [-.infinity, 1])
  }

  @Test func `a complete trial without values has what its reports come to`() async throws {
    let study = try await database.makeStudy {
      $0.objectives = [
        Objective(name: "loss", direction: .minimize, aggregate: .minimum),
        Objective(name: "acc", direction: .maximize, aggregate: .mean(count: 2)),
      ]
    }
    let trial = try await database.take(study)
    for (step, loss, acc) in [(0, 3.0, 0.25), (1, 1.0, 0.5), (2, 2.0, 0.75)] {
      try database.report(
        study, trial: 0, claim: trial.claim, step: Int64(step),
        [.init("loss", loss), .init("acc", acc)])
    }
    try await database.tell(trial)
    #expect(try database.trials(study).objectiveValues(ofRow: 0) == [1, 0.625])
  }

  @Test func `a pruned trial has its last intermediate value`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try database.report(trial, 2, 0.5)
    try database.report(trial, 1, 0.75)
    try await database.tell(trial, .pruned)
    let silent = try await database.take(study)
    try await database.tell(silent, .pruned)
    let hopeless = try await database.take(study)
    try database.report(hopeless, 0, .nan)
    try await database.tell(hopeless, .pruned)

    let trials = try database.trials(study)
    #expect(trials.states.allSatisfy { $0 == .pruned })
    #expect((0..<3).map { trials.objectiveValues(ofRow: $0) } == [[0.5], [], []])
  }

  @Test func `bounds are judged by what was told and reported`() async throws {
    let study = try await database.makeStudy {
      $0.bounds = [
        MetricBound(metric: "latency", relation: .atMost, limit: 20),
        MetricBound(metric: "value", relation: .atLeast, limit: 1),
      ]
    }
    let kept = try await database.take(study)
    try database.report(study, trial: 0, claim: kept.claim, step: 0, [.init("latency", 15)])
    try await database.tell(kept, .complete, 1.5)
    let silent = try await database.take(study)
    try await database.tell(silent, .complete, 0.5)
    let trials = try database.trials(study)
    #expect(trials.violations.map { $0[0] } == [-5, -0.5])
    #expect(trials.violations.map { $0[1] } == [.infinity, 0.5])
    #expect(trials.isFeasible(row: 0))
    #expect(!trials.isFeasible(row: 1))
  }

  @Test func `reports are judged by the pruner`() async throws {
    let study = try await database.makeStudy {
      $0.pruner = ComponentChoice("median", options: ["startup": 3])
    }
    for value in [1.0, 2.0, 3.0] {
      let trial = try await database.take(study)
      #expect(try !database.report(trial, 0, value))
      try await database.tell(trial, .complete, value)
    }
    let good = try await database.take(study)
    #expect(try !database.report(good, 0, 1.5))
    let bad = try await database.take(study)
    #expect(try database.report(bad, 0, 2.5))
  }

  @Test func `a failed attempt is followed by another under a new claim`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try database.report(trial, 0, 1)
    try database.report(trial, 1, 2)
    let next = try await database.retryAttempt(
      of: trial, after: AttemptEnd(outcome: .failed, reason: "exit status 3"), by: .tester)
    #expect(next.number == 0)
    #expect(next.attempt == 2)
    #expect(next.assignment == trial.assignment)
    await refused(
      "trial 0 of s is no longer this worker's: it was taken for dead, and the trial was given back"
    ) { try database.report(trial, 2, 3) }
    try database.report(next, 1, 5)
    try await database.tell(next, .complete, 5)

    let trials = try database.trials(study)
    #expect(try trials.metric("value")?.series(ofRow: 0).map(\.value) == [1, 5])
    #expect(trials.attempts(ofRow: 0).map(\.end?.outcome) == [.failed, .finished])
  }

  @Test func `a deleted study takes no more, and its name is free`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try await database.deleteStudy(study)
    await refused("the study has been deleted") { try database.report(trial, 0, 1) }
    await refused("the study has been deleted") { try await database.tell(trial, .complete, 1) }
    await #expect(throws: EngineError.self) { try await database.ask(study, for: .tester) }
    let again = try await database.makeStudy()
    #expect(again != study)
    #expect(try database.state(of: again).trialCount == 0)
  }

  @Test func `a study that others run is deleted only on purpose`() async throws {
    let study = try await database.makeStudy()
    let other = try directory.open()
    let trial = try await other.take(study)
    await refused("trial 0 of s is being run by tester on here\n  try: cairn stop s 0") {
      try await database.deleteStudy(study)
    }
    try await database.deleteStudy(study, evenIfRunning: true)
    await refused("the study has been deleted") { try other.report(trial, 0, 1) }
  }

  @Test func `attributes are set while a trial is open`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try await database.setAttribute(study, trial: 0, .user, "note", json: "\"odd\"")
    try await database.setAttribute(study, trial: 0, .user, "gone", json: "1")
    try await database.setAttribute(study, trial: 0, .user, "gone", json: nil)
    try await database.tell(trial, .complete, 1)
    let attributes = try database.trials(study).userAttributes
    #expect(attributes.map(\.key) == ["note", "gone"])
    #expect(attributes.map { $0.json[0] } == ["\"odd\"", nil])
  }
}
