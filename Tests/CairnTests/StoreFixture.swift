// A store with a few studies in a directory of its own, made through the library.

import Foundation
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage
import Testing

/// `digits` has six trials of all states, `front` two objectives and five trials, `bounded` only
/// a trial that breaks its bound, `spare` none, `odd 'name` a parameter with a space.
struct StoreFixture: Sendable {
  /// Where commands run; the store is `.cairn` in it.
  let directory: URL

  /// One for all tests that only read.
  static func shared() async throws -> StoreFixture { try await task.value }

  private static let task = Task { try await StoreFixture() }
  private static let worker = Worker(host: "elm", name: "worker 1")

  private init() async throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("cairn-reading-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let store = try Store.open(
      at: directory.appendingPathComponent(".cairn").path, for: .writing(create: true))
    let database = StudyDatabase(store) { try SQLConstraintEvaluator($0) }
    try await Self.makeDigits(database, store.path)
    try await Self.makeFront(database)
    try await Self.makeBounded(database)
    _ = try await database.createStudy("spare", StudyDefinition(seed: 1))
    try await Self.makeOdd(database)
    try store.close()
  }

  func cairn(_ arguments: String..., input: String = "") throws -> CairnProcess {
    try CairnProcess(arguments, in: directory, input: input)
  }

  /// What is printed where it must go well.
  func output(_ arguments: String..., input: String = "") throws -> String {
    let process = try CairnProcess(arguments, in: directory, input: input)
    #expect(process.status == 0, "\(arguments): \(process.errors)")
    return process.output
  }

  func shell(_ line: String) throws -> CairnProcess {
    try CairnProcess(shell: line, in: directory)
  }

  // MARK: Studies

  private static func makeDigits(_ database: StudyDatabase, _ store: String) async throws {
    var definition = StudyDefinition(
      objectives: [Objective(name: "accuracy", direction: .maximize)],
      space: try SearchSpace(
        [
          Parameter(notation: "lr=log:1e-5..1e-1"), Parameter(notation: "layers=1..8"),
          Parameter(notation: "opt=adam,sgd"), Parameter(notation: "amp=bool"),
        ], constraints: ["layers * lr < 10"]),
      pruner: ComponentChoice("median"), seed: 7, targetTrials: 40)
    definition.run = RunConfiguration(
      command: ["python3", "train.py", "{args}", "it's"], workingDirectory: ".")
    let study = try await database.createStudy("digits", definition)
    _ = try await database.enqueue(
      study,
      try [
        ["lr=0.0005", "layers=2", "opt=adam", "amp=true"],
        ["lr=0.01", "layers=4", "opt=sgd", "amp=false"],
        ["lr=0.1", "layers=1", "opt=adam", "amp=false"],
        ["lr=0.00002", "layers=8", "opt=sgd", "amp=true"],
        ["lr=0.05", "layers=3", "opt=adam", "amp=true"],
        ["lr=0.003"],
      ].map { try Assignment(notation: $0, in: definition.space) })
    for number in 0..<5 {
      let trial = try await ask(database, study)
      try #require(trial.number == number)
      try await finish(trial, in: database, store)
    }
  }

  private static func finish(
    _ trial: AskedTrial, in database: StudyDatabase, _ store: String
  ) async throws {
    func report(_ metric: String, _ values: [Double]) throws {
      for (step, value) in values.enumerated() {
        try database.report(
          trial.study, trial: trial.number, claim: trial.claim, step: Int64(step),
          [.init(metric, value)])
      }
    }
    let files = TrialFiles(store: store, study: trial.study, trial: trial.number)
    switch trial.number {
    case 0:
      try report("accuracy", [0.5, 0.95, 0.92])
      try report("val/loss", [1.5, 0.25])
      try await database.setAttribute(
        trial.study, trial: 0, .user, "note", json: #""a \"good\" one""#)
      try FileManager.default.createDirectory(
        atPath: files.directory, withIntermediateDirectories: true)
      try Data("epoch 0\nepoch 1\n".utf8).write(to: URL(fileURLWithPath: files.log(attempt: 1)))
      try await database.tell(
        trial.study, trial: 0, claim: trial.claim, state: .complete, values: [0.92],
        end: AttemptEnd(
          outcome: .finished, exitStatus: 0,
          usage: ResourceUsage(wallSeconds: 75, cpuSeconds: 2.5, peakResidentBytes: 1 << 30)))
    case 1:
      try report("accuracy", [0.1, 0.2])
      try await database.tell(trial.study, trial: 1, claim: trial.claim, state: .pruned)
    case 2:
      try await database.tell(
        trial.study, trial: 2, claim: trial.claim, state: .failed,
        end: AttemptEnd(
          outcome: .failed, reason: "exit status 3", lastLines: "Traceback\nValueError: no",
          exitStatus: 3))
    case 3:
      try report("accuracy", [0.7, .nan, 0.85])
      try await database.tell(
        trial.study, trial: 3, claim: trial.claim, state: .complete, values: [0.85])
    default: break  // it goes on running
    }
  }

  private static func makeFront(_ database: StudyDatabase) async throws {
    let definition = StudyDefinition(
      objectives: [
        Objective(name: "loss", direction: .minimize),
        Objective(name: "speed", direction: .maximize),
      ],
      space: try SearchSpace([Parameter(notation: "width=1..64")]),
      sampler: ComponentChoice("random"), seed: 1)
    let study = try await database.createStudy("front", definition)
    for values in [[1.0, 5], [2, 6], [0.5, 1], [2, 2], [3, 5]] {
      let trial = try await ask(database, study)
      try await database.tell(
        study, trial: trial.number, claim: trial.claim, state: .complete, values: values)
    }
  }

  private static func makeBounded(_ database: StudyDatabase) async throws {
    let definition = StudyDefinition(
      bounds: [MetricBound(metric: "latency", relation: .atMost, limit: 20)], seed: 1)
    let study = try await database.createStudy("bounded", definition)
    let trial = try await ask(database, study)
    try database.report(
      study, trial: trial.number, claim: trial.claim, step: 0, [.init("latency", 30)])
    try await database.tell(
      study, trial: trial.number, claim: trial.claim, state: .complete, values: [1])
  }

  private static func makeOdd(_ database: StudyDatabase) async throws {
    let definition = StudyDefinition(
      space: try SearchSpace([
        Parameter(notation: "batch size=16,32"), Parameter(notation: "on=1e-7..1e-6"),
        Parameter(notation: "text=choice(\"it's $HOME\",\"b c\")"),
        Parameter(notation: "batch-size=1..4"),
      ]), seed: 1)
    let study = try await database.createStudy("odd 'name", definition)
    let assignment = try Assignment(
      notation: ["batch size=16", "on=1e-7", "text=it's $HOME", "batch-size=2"],
      in: definition.space)
    _ = try await database.enqueue(study, [assignment])
    let trial = try await ask(database, study)
    try await database.tell(
      study, trial: trial.number, claim: trial.claim, state: .complete, values: [0.1])
  }

  private static func ask(_ database: StudyDatabase, _ study: StudyID) async throws -> AskedTrial {
    let outcome = try await database.ask(
      study, for: worker, lease: .detached(deadline: nil), keepingTarget: false)
    guard case .trial(let trial) = outcome else { throw CancellationError() }
    return trial
  }
}
