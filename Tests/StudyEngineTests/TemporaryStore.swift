import Foundation
import StudyEngine
import StudyModel
import StudyStorage

/// A store in a directory of its own, which goes with it.
final class TemporaryStore {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cairn-engine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Another handle, as another process would have. To let go of it is to die without a word.
  func open(
    makingSamplers: @escaping SamplerMaker = SamplerMakers.catalog
  ) throws -> StudyDatabase {
    let store = try Store.open(
      at: path + "/store", for: .writing(create: true), durability: .relaxed)
    return StudyDatabase(store, makingSamplers: makingSamplers) { space in
      space.constraints.isEmpty ? nil : SumBound()
    }
  }
}

/// Stands for SQL expressions: `x + y <= 1`, whatever the constraint says.
struct SumBound: ConstraintEvaluator {
  func firstBroken(by assignment: Assignment) -> Int? {
    assignment.entries.compactMap(\.value.number).reduce(0, +) <= 1 ? nil : 0
  }
}

extension Worker {
  static let tester = Worker(host: "here", name: "tester")
}

extension SearchSpace {
  /// One number between 0 and 1.
  static func unit() throws -> SearchSpace { try SearchSpace([.unit("x")]) }
}

extension Parameter {
  static func unit(_ name: String) throws -> Parameter {
    Parameter(name: name, distribution: .float(try FloatDomain(low: 0, high: 1)))
  }

  static func choice(_ name: String, _ choices: ParameterValue...) throws -> Parameter {
    Parameter(name: name, distribution: try .choice(choices))
  }
}

extension StudyDatabase {
  func makeStudy(
    _ name: String = "s", _ space: SearchSpace? = nil, sampler: String = "random",
    target: Int? = nil, _ adjust: (inout StudyDefinition) -> Void = { _ in }
  ) async throws -> StudyID {
    var definition = StudyDefinition(
      space: try space ?? .unit(), sampler: ComponentChoice(sampler), seed: 7,
      targetTrials: target)
    adjust(&definition)
    return try await createStudy(name, definition)
  }

  /// The next trial.
  func take(_ study: StudyID, lease: Lease = .held) async throws -> AskedTrial {
    let outcome = try await ask(study, for: .tester, lease: lease)
    guard case .trial(let trial) = outcome else { throw NoTrial(outcome: outcome) }
    return trial
  }

  func tell(
    _ trial: AskedTrial, _ state: TrialState = .complete, _ values: Double...
  ) async throws {
    try await tell(
      trial.study, trial: trial.number, claim: trial.claim, state: state, values: values)
  }

  @discardableResult
  func report(_ trial: AskedTrial, _ step: Int64, _ value: Double) throws -> Bool {
    try report(
      trial.study, trial: trial.number, claim: trial.claim, step: step, [.init("value", value)])
  }

  func trials(_ study: StudyID) throws -> LoadedColumns { try state(of: study).load(.all) }
}

struct NoTrial: Error {
  let outcome: AskOutcome
}
