import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// The same seed and the same results give the same trials, however often the process changes.
@Suite struct DeterminismTests {
  private static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(
        name: "lr", distribution: .float(try FloatDomain(low: 1e-5, high: 1, isLogarithmic: true))),
      Parameter(name: "layers", distribution: .integer(try IntegerDomain(low: 1, high: 4))),
      .choice("opt", .string("adam"), .string("sgd")),
      Parameter(
        name: "momentum", distribution: .float(try FloatDomain(low: 0, high: 1, step: 0.25)),
        conditions: [ParameterCondition(parent: "opt", values: [.string("sgd")])]),
    ])
  }

  /// Some function of the parameters.
  private static func objective(_ assignment: Assignment) -> Double {
    assignment.entries.enumerated().reduce(0) {
      $0 + Double($1.offset + 1) * $1.element.internalValue
    }
  }

  private static func run(
    _ sampler: ComponentChoice, reopening: Bool, dropping: Bool = false
  ) async throws -> [Assignment] {
    let directory = try TemporaryStore()
    var database = try directory.open()
    let study = try await database.makeStudy("s", try space()) { $0.sampler = sampler }
    var proposals: [Assignment] = []
    for number in 0..<30 {
      if reopening {
        try database.store.close()
        database = try directory.open()
      }
      let trial = try await database.take(study)
      proposals.append(trial.assignment)
      let value = objective(trial.assignment)
      try database.report(trial, 0, value)
      switch number % 6 {
      case 4: try await database.tell(trial, .pruned)
      case 5: try await database.tell(trial, .failed)
      default: try await database.tell(trial, .complete, value)
      }
      if dropping { try await mark(study, after: number, in: database) }
    }
    return proposals
  }

  /// Drops some trials, restores some, and runs one again.
  private static func mark(
    _ study: StudyID, after number: Int, in database: StudyDatabase
  ) async throws {
    let state = try database.state(of: study)
    let ended = state.finishedRows.suffix(3).map { state.number(ofRow: $0) }
    switch number % 7 {
    case 3:
      try await database.mark(
        study, [ended[0], ended[2]].map { .init($0, .dropped(.complete, reason: "bogus")) })
    case 5:
      // The one that was the last then.
      try await database.mark(study, [.init(ended[0], .dropped(.complete, reason: nil))])
    case 6:
      let first = state.number(ofRow: 0)
      try await database.requestReruns(of: first, in: study, count: number / 7 + 1)
      let asked = try await database.ask(study, for: .tester, rerunsOf: first)
      guard case .trial(let rerun) = asked else { throw NoTrial(outcome: asked) }
      try await database.tell(rerun, .complete, -1e6)
    default: break
    }
  }

  @Test(arguments: [
    ComponentChoice("random"), ComponentChoice("qmc"),
    ComponentChoice("grid", options: ["points": 4]), ComponentChoice("tpe"),
    ComponentChoice("auto"), ComponentChoice("gp", options: ["startup": 4]),
  ])
  func `one process an ask gives the same as one process for all`(
    sampler: ComponentChoice
  ) async throws {
    let together = try await Self.run(sampler, reopening: false)
    let apart = try await Self.run(sampler, reopening: true)
    #expect(together == apart)
    #expect(Set(together).count == together.count)
  }

  @Test(arguments: [
    ComponentChoice("grid", options: ["points": 4]), ComponentChoice("tpe"),
    ComponentChoice("gp", options: ["startup": 4]),
  ])
  func `so it is when trials are dropped, restored and run again`(
    sampler: ComponentChoice
  ) async throws {
    let together = try await Self.run(sampler, reopening: false, dropping: true)
    let apart = try await Self.run(sampler, reopening: true, dropping: true)
    #expect(together == apart)
    // It makes a difference.
    #expect(try await Self.run(sampler, reopening: false) != together)
  }

  @Test func `an interrupted trial leaves no mark on those after it`() async throws {
    func run(interrupting: Bool) async throws -> [Assignment] {
      let database = try TemporaryStore()
      let handle = try database.open()
      let study = try await handle.makeStudy("s", try Self.space(), sampler: "tpe")
      var proposals: [Assignment] = []
      for number in 0..<20 {
        var trial = try await handle.take(study)
        if interrupting && number % 3 == 0 {
          try handle.report(trial, 0, 100)
          try await handle.endAttempt(
            study, trial: trial.number, claim: trial.claim, AttemptEnd(outcome: .interrupted))
          trial = try await handle.take(study)
        }
        proposals.append(trial.assignment)
        try handle.report(trial, 0, Self.objective(trial.assignment))
        try await handle.tell(trial, .complete, Self.objective(trial.assignment))
      }
      return proposals
    }
    #expect(try await run(interrupting: true) == run(interrupting: false))
  }
}
