import StudyEngine
import StudyModel
import Testing

/// Studies with `--pruner curve`, on objectives whose curves are known: what is given up, what is
/// kept, and that nothing but the history decides it.
@Suite struct CurvePruningTests {
  private static let steps: Int64 = 30

  /// A trial's curve, to be minimized.
  private enum Curve {
    /// `end + 1/step`.
    case falling(to: Double)
    /// At 1.1 until that step, and at `end` from there on.
    case blooming(at: Int64, to: Double)

    func value(_ step: Int64) -> Double {
      let wave = 0.004 * Double(step % 3)
      return switch self {
      case .falling(let end): end + 1 / Double(step) + wave
      case .blooming(let when, let end): (step < when ? 1.1 : end) + wave
      }
    }
  }

  private static let ordinary = [0.1, 0.2, 0.3, 0.5, 0.8, 0.4].map { Curve.falling(to: $0) }
  private static let mixed =
    ordinary + [
      .falling(to: 1.5), .falling(to: 0.05), .blooming(at: 20, to: 0.01), .falling(to: 0.9),
      .falling(to: 0.02), .falling(to: 2), .blooming(at: 10, to: 0), .falling(to: 0.3),
      .falling(to: -0.1), .falling(to: 0.7),
    ]

  private func makeStudy(
    _ database: StudyDatabase, _ direction: StudyDirection = .minimize
  ) async throws -> StudyID {
    try await database.makeStudy {
      $0.objectives = [Objective(name: "value", direction: direction)]
      $0.pruner = ComponentChoice("curve")
    }
  }

  /// Runs one trial; the step at which it was pruned, nil where it ended by itself.
  private func run(
    _ curve: Curve, of study: StudyID, sign: Double = 1, _ open: () throws -> StudyDatabase
  ) async throws -> Int64? {
    let trial = try await open().take(study)
    for step in 1...Self.steps where try open().report(trial, step, sign * curve.value(step)) {
      try await open().tell(trial, .pruned)
      return step
    }
    try await open().tell(trial, .complete, sign * curve.value(Self.steps))
    return nil
  }

  @Test(arguments: [StudyDirection.minimize, .maximize])
  func `the hopeless are given up early, and what may win never`(
    direction: StudyDirection
  ) async throws {
    let directory = try TemporaryStore()
    let database = try directory.open()
    let study = try await makeStudy(database, direction)
    let sign = direction == .minimize ? 1.0 : -1
    for curve in Self.ordinary {
      #expect(try await run(curve, of: study, sign: sign) { database } == nil)
    }
    for end in [3.0, 1.5, 2] {
      let stopped = try await run(.falling(to: end), of: study, sign: sign) { database }
      #expect(stopped.map { $0 <= Self.steps / 3 } ?? false)
    }
    for end in [0.05, 0, -0.1] {
      #expect(try await run(.falling(to: end), of: study, sign: sign) { database } == nil)
    }
  }

  @Test func `a plateau is borne while finished trials left theirs later, and no longer`()
    async throws
  {
    let directory = try TemporaryStore()
    let database = try directory.open()
    let study = try await makeStudy(database)
    for when in [12, 15, 18] as [Int64] {
      #expect(try await run(.blooming(at: when, to: 0.1), of: study) { database } == nil)
    }
    for end in [0.6, 0.5, 0.4] {
      #expect(try await run(.falling(to: end), of: study) { database } == nil)
    }
    #expect(try await run(.blooming(at: 17, to: 0.05), of: study) { database } == nil)
    let stopped = try await run(.blooming(at: 40, to: 0), of: study) { database }
    #expect(stopped.map { $0 > 15 && $0 <= 22 } ?? false, "\(stopped ?? -1)")
  }

  @Test func `every process decides the same, whatever it has seen before`() async throws {
    func decisions(_ open: (TemporaryStore) throws -> () throws -> StudyDatabase) async throws
      -> [Int64?]
    {
      let directory = try TemporaryStore()
      let database = try open(directory)
      let study = try await makeStudy(try database())
      var stops: [Int64?] = []
      for curve in Self.mixed { stops.append(try await run(curve, of: study, database)) }
      return stops
    }
    let expected = try await decisions { directory in
      let database = try directory.open()
      return { database }
    }
    #expect(expected.contains { $0 != nil } && expected.filter { $0 == nil }.count > 6)
    // Each question goes to a process that has just begun.
    #expect(try await decisions { directory in { try directory.open() } } == expected)
  }

  @Test func `with trials side by side, the order in which they finish decides`() async throws {
    func decisions(_ workers: Int, renewed: Bool) async throws -> [Int: Int64] {
      let directory = try TemporaryStore()
      let database = try directory.open()
      let study = try await makeStudy(database)
      var waiting = Self.mixed[...]
      var busy: [(trial: AskedTrial, curve: Curve, step: Int64)] = []
      var stops: [Int: Int64] = [:]
      while !waiting.isEmpty || !busy.isEmpty {
        while busy.count < workers, let curve = waiting.popFirst() {
          busy.append((try await database.take(study), curve, 0))
        }
        for index in busy.indices.reversed() {
          busy[index].step += 1
          let (trial, curve, step) = busy[index]
          let judge = renewed ? try directory.open() : database
          if try judge.report(trial, step, curve.value(step)) {
            stops[trial.number] = step
            try await database.tell(trial, .pruned)
          } else if step == Self.steps {
            try await database.tell(trial, .complete, curve.value(step))
          } else {
            continue
          }
          busy.remove(at: index)
        }
      }
      return stops
    }
    for workers in [3, 8] {
      let stops = try await decisions(workers, renewed: false)
      #expect(try await decisions(workers, renewed: true) == stops)
      // Hopeless ones that began once enough had finished are given up; winners never.
      #expect(stops[11] != nil)
      #expect([7, 14].allSatisfy { stops[$0] == nil })
    }
  }
}
