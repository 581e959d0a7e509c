// What recording costs through the library: trials with five parameters and many reports,
// told durably, as a training program that embeds Cairn would record them.

import StudyEngine
import StudyModel
import StudyStorage

/// One measurement, as `tools/bench` reads it.
struct StoreBenchmark {
  var trials = 100
  var reportsPerTrial = 100
  var durability = Durability.standard

  /// One trial: its creation, five parameters, its reports, its result.
  var operations: Int { trials * (1 + 5 + reportsPerTrial + 1) }

  /// - Returns: seconds for all operations.
  func run(in directory: String) async throws -> Double {
    let store = try Store.open(
      at: directory, for: .writing(create: true), durability: durability)
    let database = StudyDatabase(store) { _ in nil }
    let study = try await database.createStudy("bench", try definition())
    let start = ContinuousClock.now
    for _ in 0..<trials {
      guard case .trial(let trial) = try await database.ask(study, for: .current) else { break }
      for step in 0..<reportsPerTrial {
        try database.report(
          study, trial: trial.number, claim: trial.claim, step: Int64(step),
          [.init("value", 1 / Double(step + 1))])
        if durability == .strict { try await database.flush() }
      }
      try await database.tell(
        study, trial: trial.number, claim: trial.claim, state: .complete, values: [0.5])
    }
    let elapsed = ContinuousClock.now - start
    let seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    try store.close()
    return seconds
  }

  private func definition() throws -> StudyDefinition {
    let parameters = try (0..<5).map { index in
      Parameter(
        name: "x\(index)", distribution: .float(try FloatDomain(low: 0, high: 1)))
    }
    return StudyDefinition(
      space: try SearchSpace(parameters), sampler: ComponentChoice("random"), seed: 1)
  }
}
