import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// Trials that were dropped, and trials that are run again, are no part of the search.
@Suite struct SetAsideTests {
  private let directory: TemporaryStore
  private let database: StudyDatabase

  init() throws {
    directory = try TemporaryStore()
    database = try directory.open()
  }

  /// A study whose trials came to 0, 1, 2, ….
  private func study(
    _ count: Int, _ adjust: (inout StudyDefinition) -> Void = { _ in }
  ) async throws -> StudyID {
    let study = try await database.makeStudy(target: count, adjust)
    for value in 0..<count {
      try await database.tell(database.take(study), .complete, Double(value))
    }
    return study
  }

  private func drop(_ numbers: Int..., of study: StudyID, reason: String? = "bogus") async throws {
    try await database.mark(study, numbers.map { .init($0, .dropped(.complete, reason: reason)) })
  }

  @Test func `another trial is run in place of one that was dropped`() async throws {
    let study = try await study(3)
    guard case .noPlace = try await database.ask(study, for: .tester) else {
      Issue.record("it has its trials")
      return
    }
    try await drop(0, of: study)
    #expect(try database.state(of: study).bestTrials.map(\.number) == [1])
    let trial = try await database.take(study)
    #expect(trial.number == 3)
    try await database.tell(trial, .complete, 7)
    try await drop(0, of: study, reason: nil)
    #expect(try database.state(of: study).accomplishedCount == 4)
    #expect(try database.state(of: study).bestTrials.map(\.number) == [0])
  }

  @Test func `only what has ended is dropped`() async throws {
    let study = try await study(1)
    let open = try await database.ask(study, for: .tester, keepingTarget: false)
    guard case .trial(let trial) = open else { throw NoTrial(outcome: open) }
    await #expect { try await drop(0, trial.number, of: study) } throws: { error in
      guard case EngineError.openTrial(_, 1, .running) = error else { return false }
      return true
    }
    // Not half of it.
    #expect(try database.state(of: study).setAsideCount == 0)
    await #expect(throws: EngineError.self) { try await drop(9, of: study) }
  }

  @Test func `reruns have the parameters, and are asked for by name only`() async throws {
    let study = try await study(3) {
      $0.pruner = ComponentChoice("median", options: ["startup": 1])
    }
    let new = try await database.requestReruns(of: 1, in: study, count: 2)
    #expect(new == [3, 4])
    #expect(try await database.requestReruns(of: 1, in: study, count: 2).isEmpty)
    guard case .noPlace(running: 0) = try await database.ask(study, for: .tester) else {
      Issue.record("a rerun was given to the search")
      return
    }
    let asked = try await database.ask(study, for: .tester, rerunsOf: 1)
    guard case .trial(let rerun) = asked else { throw NoTrial(outcome: asked) }
    let original = try database.state(of: study).trial(1)
    #expect(rerun.assignment == original.assignment)
    // No pruner stops it, however bad it is.
    #expect(try database.report(rerun, 0, 1e9) == false)
    try await database.tell(rerun, .complete, -1e9)
    let state = try database.state(of: study)
    #expect(state.bestTrials.map(\.number) == [0])
    #expect(state.accomplishedCount == 3 && state.count(.complete) == 4)
    #expect(Array(state.searchedRows) == [0, 1, 2])
    #expect(History(state).openRows.isEmpty && state.openRows == [4])
    // One that failed is not there; one that waits is.
    let second = try await database.ask(study, for: .tester, rerunsOf: 1)
    guard case .trial(let failing) = second else { throw NoTrial(outcome: second) }
    try await database.tell(failing, .failed)
    #expect(try await database.requestReruns(of: 1, in: study, count: 2) == [5])
    guard case .noPlace = try await database.ask(study, for: .tester, rerunsOf: 0) else {
      Issue.record("a rerun of another trial")
      return
    }
  }

  @Test func `what cannot be run again says why`() async throws {
    let study = try await study(1)
    try await database.requestReruns(of: 0, in: study, count: 1)
    for number in [1, 7] {
      await #expect(throws: EngineError.self) {
        try await database.requestReruns(of: number, in: study, count: 1)
      }
    }
    let asked = try await database.ask(study, for: .tester, rerunsOf: 0)
    guard case .trial(let rerun) = asked else { throw NoTrial(outcome: asked) }
    try await database.tell(rerun, .complete, 1)
    await #expect(throws: EngineError.self) {
      try await database.requestReruns(of: 1, in: study, count: 1)
    }
    let known = try database.state(of: study).study
    var definition = known.definition
    definition.space = try SearchSpace([.unit("x"), .unit("y")])
    try await database.editStudy(known, definition)
    await #expect(throws: EngineError.self) {
      try await database.requestReruns(of: 0, in: study, count: 3)
    }
  }

  @Test func `notes and tags of finished trials are there when the store is opened again`()
    async throws
  {
    let study = try await study(3)
    #expect(
      try await database.mark(
        study, [.init(1, .note("jumped")), .init(1, .tag("a")), .init(1, .tag("a"))]) == 2)
    try await drop(0, of: study)
    _ = try database.store.compact()
    try await database.mark(study, [.init(2, .tag("b"))])
    try database.store.close()
    let again = try directory.open()
    let state = try again.state(of: study)
    #expect(state.marks(ofRow: 1).note == "jumped" && state.marks(ofRow: 1).tags == ["a"])
    #expect(state.marks(ofRow: 2).tags == ["b"])
    #expect(state.bestTrials.map(\.number) == [1] && state.accomplishedCount == 2)
    #expect(Array(state.searchedRows) == [1, 2])
    try await again.mark(study, [.init(0, .dropped(.complete, reason: nil))])
    #expect(try again.state(of: study).bestTrials.map(\.number) == [0])
  }

  @Test func `what a source has dropped a study learns from no more, in whatever process`()
    async throws
  {
    let source = try await study(6) { $0.sampler = ComponentChoice("random") }
    func proposals(reopening: Bool, _ name: String) async throws -> [Assignment] {
      var handle = database
      let known = try handle.state(of: source)
      var definition = StudyDefinition(space: try .unit(), sampler: ComponentChoice("gp"), seed: 3)
      definition.sources = [try known.warmSource(for: definition)]
      let study = try await handle.createStudy(name, definition)
      var found: [Assignment] = []
      for number in 0..<6 {
        if reopening { handle = try directory.open() }
        let trial = try await handle.take(study)
        found.append(trial.assignment)
        try await handle.tell(trial, .complete, Double(number % 3))
        if number == 2 {
          try await handle.mark(source, [.init(0, .dropped(.complete, reason: "bogus"))])
        }
      }
      try await handle.mark(source, [.init(0, .dropped(.complete, reason: nil))])
      return found
    }
    #expect(
      try await proposals(reopening: false, "one") == proposals(reopening: true, "another"))
  }
}
