import PlainText
import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// Which trial comes next, with which parameters.
@Suite struct AskTests {
  let directory: TemporaryStore
  let database: StudyDatabase

  init() throws {
    directory = try TemporaryStore()
    database = try directory.open()
  }

  @Test func `a trial lives from ask to tell`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    #expect(trial.number == 0)
    #expect(trial.attempt == 1)
    #expect(trial.assignment["x"]?.number != nil)
    try database.report(trial, 0, 0.5)
    try database.report(trial, 1, 0.25)
    try await database.tell(trial, .complete, 0.125)

    let trials = try database.trials(study)
    #expect(trials.states[0] == .complete)
    #expect(trials.objectiveValues(ofRow: 0) == [0.125])
    #expect(try trials.metric("value")?.series(ofRow: 0).map(\.value) == [0.5, 0.25])
    #expect(trials.assignment(ofRow: 0) == trial.assignment)
    #expect(trials.proposers[0] == "random")
    #expect(trials.lastAttempt(ofRow: 0)?.end?.outcome == .finished)
  }

  @Test func `all of it is there when the store is opened again`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try database.report(trial, 3, 0.5)
    try await database.tell(trial, .complete, 0.5)
    let before = try database.trials(study)
    try database.store.close()

    let after = try directory.open().trials(study)
    #expect(after.rows.count == 1)
    #expect(after.states[0] == .complete)
    #expect(after.assignment(ofRow: 0) == before.assignment(ofRow: 0))
    #expect(after.attempts(ofRow: 0) == before.attempts(ofRow: 0))
  }

  @Test func `what a study starts with are its first trials, without what cannot exist`()
    async throws
  {
    let flag = Distribution.categorical([.bool(false), .bool(true)])
    let space = try SearchSpace([
      Parameter(name: "a", distribution: flag),
      Parameter(
        name: "b", distribution: flag, conditions: [.init(parent: "a", values: [.bool(true)])]),
      Parameter(
        name: "c", distribution: flag, conditions: [.init(parent: "b", values: [.bool(true)])]),
    ])
    func start(_ values: [(String, Double)]) -> Assignment {
      Assignment(values.map { .init(name: $0, distribution: flag, internalValue: $1) })
    }
    let study = try await database.createStudy(
      "starts", StudyDefinition(space: space, sampler: .init("random"), seed: 1),
      starting: [
        start([("a", 1), ("b", 1), ("c", 0)]), start([("a", 0), ("b", 1), ("c", 1)]),
        start([("b", 1)]),
      ])
    let trials = try database.trials(study)
    #expect(trials.rows.count == 3)
    #expect(
      (0..<3).map { trials.assignment(ofRow: $0).json } == [
        #"{"a": true, "b": true, "c": false}"#, #"{"a": false}"#, #"{"b": true}"#,
      ])
    for number in 0..<3 { #expect(try await database.take(study).number == number) }
    #expect(try await database.take(study).number == 3)
  }

  @Test func `waiting trials come before new ones, the earliest first`() async throws {
    let study = try await database.makeStudy()
    let first = try await database.take(study)
    let second = try await database.take(study)
    for trial in [second, first] {
      try await database.endAttempt(
        study, trial: trial.number, claim: trial.claim, AttemptEnd(outcome: .interrupted))
    }
    let again = try await database.take(study)
    #expect(again.number == 0)
    #expect(again.attempt == 2)
    #expect(again.assignment == first.assignment)
    #expect(again.claim != first.claim)
    #expect(try await database.take(study).number == 1)
    #expect(try await database.take(study).number == 2)
  }

  @Test func `what an enqueued trial leaves open is chosen, its conditional children too`()
    async throws
  {
    let space = try SearchSpace([
      .choice("opt", .string("adam"), .string("sgd")),
      Parameter(
        name: "momentum", distribution: .float(try FloatDomain(low: 0, high: 1)),
        conditions: [ParameterCondition(parent: "opt", values: [.string("sgd")])]),
      .unit("x"),
    ])
    let study = try await database.makeStudy("s", space)
    let opt = try #require(space["opt"]).distribution
    var sgd = Assignment()
    sgd.set("opt", opt, 1)
    var adam = Assignment()
    adam.set("opt", opt, 0)
    #expect(try await database.enqueue(study, [sgd, adam]) == [0, 1])
    #expect(try database.trials(study).states.allSatisfy { $0 == .waiting })

    let first = try await database.take(study)
    #expect(first.assignment["opt"] == .string("sgd"))
    #expect(first.assignment["momentum"] != nil)
    #expect(first.assignment["x"] != nil)
    let second = try await database.take(study)
    #expect(second.assignment["opt"] == .string("adam"))
    #expect(second.assignment["momentum"] == nil)
    #expect(second.assignment["x"] != nil)

    let trials = try database.trials(study)
    #expect(Set(trials.assignment(ofRow: 0).entries) == Set(first.assignment.entries))
    #expect(trials.proposers[0] == "")
  }

  @Test func `the target counts accomplished and open trials, not failed ones`() async throws {
    let study = try await database.makeStudy(target: 3)
    let first = try await database.take(study)
    let second = try await database.take(study)
    let third = try await database.take(study)
    #expect(try await database.ask(study, for: .tester) == .noPlace(running: 3))
    try await database.tell(first, .complete, 1)
    #expect(try await database.ask(study, for: .tester) == .noPlace(running: 2))
    try await database.tell(second, .failed)
    let fourth = try await database.take(study)
    #expect(fourth.number == 3)
    try database.report(third, 0, 1)
    try await database.tell(third, .pruned)
    try await database.tell(fourth, .complete, 2)
    #expect(try await database.ask(study, for: .tester) == .noPlace(running: 0))
    #expect(try database.state(of: study).accomplishedCount == 3)

    let beyond = try await database.ask(study, for: .tester, keepingTarget: false)
    guard case .trial(let trial) = beyond else { throw NoTrial(outcome: beyond) }
    #expect(trial.number == 4)
  }

  @Test(arguments: ["random", "qmc", "grid", "tpe"])
  func `a finite space is exhausted when every point was tried`(sampler: String) async throws {
    let space = try SearchSpace([
      .choice("a", .integer(1), .integer(2)), .choice("b", .bool(false), .bool(true)),
    ])
    let study = try await database.makeStudy("s", space, sampler: sampler)
    var seen = Set<Assignment>()
    for _ in 0..<4 {
      let trial = try await database.take(study)
      seen.insert(trial.assignment)
      try await database.tell(trial, .complete, 0)
    }
    #expect(seen.count == 4)
    #expect(try await database.ask(study, for: .tester) == .exhausted(tried: 4))

    // Whoever enqueues may repeat a point, but a trial that fixes nothing cannot be filled, and
    // does not stand in the way of others.
    var fixed = Assignment()
    fixed.set("a", try #require(space["a"]).distribution, 0)
    _ = try await database.enqueue(study, [Assignment(), fixed])
    let repeated = try await database.take(study)
    #expect(repeated.number == 5)
    #expect(repeated.assignment.entries.count == 2)
    #expect(try await database.ask(study, for: .tester) == .exhausted(tried: 4))
  }

  @Test func `constraints hold for what is proposed`() async throws {
    let space = try SearchSpace([.unit("x"), .unit("y")], constraints: ["x + y <= 1"])
    let study = try await database.makeStudy("s", space)
    for _ in 0..<30 {
      let trial = try await database.take(study)
      #expect(try SumBound().isSatisfied(by: trial.assignment))
    }
  }

  @Test func `finished trials are enqueued again and stay as they are`() async throws {
    let study = try await database.makeStudy()
    let trial = try await database.take(study)
    try await database.tell(trial, .failed)
    #expect(try await database.retry(study, trials: [0]) == [1])
    let again = try await database.take(study)
    #expect(again.number == 1)
    #expect(again.attempt == 1)
    #expect(again.assignment == trial.assignment)
    let trials = try database.trials(study)
    #expect(trials.retryOf[1] == 0)
    #expect(trials.states[0] == .failed)
    await #expect { try await database.retry(study, trials: [9]) } throws: {
      "\($0)" == "s has no trial 9; its trials are 0 to 1"
    }
  }

  @Test func `an edit changes who proposes, from the next trial on, for every handle`()
    async throws
  {
    let study = try await database.makeStudy()
    let other = try directory.open()
    _ = try await other.take(study)
    var definition = try database.state(of: study).study.definition
    definition.sampler = ComponentChoice("qmc")
    definition.space = try SearchSpace([
      Parameter(name: "x", distribution: .float(try FloatDomain(low: 5, high: 6)))
    ])
    try await database.editStudy(try database.state(of: study).study, definition)
    let trial = try await other.take(study)
    #expect(trial.assignment["x"]?.number.map { $0 >= 5 && $0 <= 6 } == true)
    #expect(try other.trials(study).proposers.map { $0 } == ["random", "qmc"])
  }

  @Test func `an edit of a definition that was edited meanwhile is refused`() async throws {
    let study = try await database.makeStudy()
    let other = try directory.open()
    let seen = try database.state(of: study).study
    var definition = seen.definition
    definition.targetTrials = 50
    try await other.editStudy(seen, definition)
    definition.targetTrials = 10
    await #expect(throws: EngineError.self) { try await database.editStudy(seen, definition) }
    let after = try database.state(of: study).study
    #expect(after.definition.targetTrials == 50)
    #expect(after.edits == 1)
    try await database.editStudy(after, definition)
    #expect(try database.state(of: study).study.definition.targetTrials == 10)
  }

  @Test func `of many who edit at once every change holds`() async throws {
    let study = try await database.makeStudy()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        let database = try directory.open()
        group.addTask {
          for _ in 0..<5 {
            while true {
              let seen = try database.state(of: study).study
              var definition = seen.definition
              definition.targetTrials = (definition.targetTrials ?? 0) + 1
              do {
                try await database.editStudy(seen, definition)
                break
              } catch EngineError.editedMeanwhile {}
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try database.state(of: study).study.definition.targetTrials == 20)
  }

  @Test func `what makes a study unusable is said before it is made or changed`() async throws {
    let space = try SearchSpace.unit()
    let bad = StudyDefinition(space: space, sampler: ComponentChoice("tpee"), seed: 1)
    await #expect { try await database.createStudy("s", bad) } throws: {
      Explanation(describing: $0).suggestions == ["tpe"]
    }
    let study = try await database.makeStudy()
    let seen = try database.state(of: study).study
    await #expect(throws: EngineError.self) { try await database.editStudy(seen, bad) }
    await #expect { try await database.makeStudy() } throws: {
      "\($0)".hasPrefix("there is already a study \"s\"")
    }
    #expect { try database.study(named: "S") } throws: {
      Explanation(describing: $0).suggestions == ["s", "cairn studies"]
    }
  }
}
