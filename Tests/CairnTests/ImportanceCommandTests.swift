import Foundation
import StudyEngine
import StudyModel
import StudyStorage
import Testing

@Suite struct ImportanceCommandTests {
  /// `tuned` has 60 trials of which `lr` decides all but a little; `two` has two objectives;
  /// `young` a trial.
  private struct Fixture: Sendable {
    let directory: URL

    static func shared() async throws -> Fixture { try await task.value }
    private static let task = Task { try await Fixture() }

    private init() async throws {
      directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("cairn-importance-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let store = try Store.open(
        at: directory.appendingPathComponent(".cairn").path, for: .writing(create: true))
      let database = StudyDatabase(store) { _ in nil }
      let space = try SearchSpace([
        Parameter(name: "lr", distribution: .float(try FloatDomain(low: 0, high: 1))),
        Parameter(name: "drop", distribution: .float(try FloatDomain(low: 0, high: 1))),
        Parameter(name: "fixed", distribution: .integer(try IntegerDomain(low: 3, high: 3))),
      ])
      let loss = Objective(name: "loss", direction: .minimize)
      for (name, objectives, count) in [
        ("tuned", [loss], 60), ("two", [loss, Objective(name: "size", direction: .minimize)], 60),
        ("young", [loss], 1),
      ] {
        let study = try await database.createStudy(
          name,
          StudyDefinition(
            objectives: objectives, space: space, sampler: ComponentChoice("random"), seed: 1))
        for number in 0..<count {
          guard case .trial(let trial) = try await database.ask(study, for: .current),
            let lr = trial.assignment["lr"]?.number, let drop = trial.assignment["drop"]?.number
          else { return }
          _ = try database.report(
            study, trial: trial.number, claim: trial.claim, step: 1, [.init("memory", drop)])
          try await database.tell(
            study, trial: trial.number, claim: trial.claim,
            state: number == 5 ? .failed : .complete,
            values: number == 5 ? [] : objectives.map { $0.name == "loss" ? lr : drop })
        }
      }
      try store.close()
    }

    func cairn(_ arguments: String...) throws -> CairnProcess {
      try CairnProcess(["importance"] + arguments, in: directory)
    }
  }

  @Test func `rows are the same in every format`() async throws {
    let fixture = try await Fixture.shared()
    let csv = try fixture.cairn("tuned", "--format", "csv")
    #expect(csv.status == 0, "\(csv.errors)")
    #expect(csv.lines[0] == "parameter,importance,stderr,target,method,trials,fit")
    #expect(csv.lines.count == 4)
    #expect(csv.lines[1].hasPrefix("lr,0."))
    #expect(csv.lines[3].hasPrefix("fixed,,,loss,fanova,59,0."))
    #expect(csv.errors == "left out: 1 failed\nnever varied: fixed\n")
    #expect(try fixture.cairn("tuned", "--quiet").errors.isEmpty)
    let lines = try fixture.cairn("tuned", "--format", "jsonl").lines
    #expect(lines.count == 3)
    #expect(lines[0].contains("\"parameter\": \"lr\", \"importance\": 0."))
    #expect(lines[0].contains("\"method\": \"fanova\", \"trials\": 59, \"fit\": 0."))
  }

  @Test func `a table has bars, and says what it rests on`() async throws {
    let table = try await Fixture.shared().cairn("tuned", "--format", "table")
    #expect(table.lines[0].hasPrefix("target = loss, method = fanova, trials = 59, fit = 0."))
    let bar = String(repeating: "█", count: 24)
    #expect(table.lines.contains { $0.hasPrefix("lr ") && $0.hasSuffix(bar) })
    #expect(table.errors.contains("not in the rows: "))
  }

  @Test func `pairs have two names`() async throws {
    let rows = try await Fixture.shared().cairn("tuned", "--pairs", "--format", "tsv").lines
    #expect(rows[0].hasPrefix("parameter\twith\timportance"))
    #expect(rows.contains { $0.hasPrefix("lr\tdrop\t") || $0.hasPrefix("drop\tlr\t") })
  }

  @Test(arguments: [
    (["two", "--target", "size"], "drop"), (["two", "--target", "loss"], "lr"),
    (["tuned", "--target", "memory"], "drop"), (["tuned", "--method", "permutation"], "lr"),
    (["tuned", "--method", "ped-anova", "--quantile", "0.25"], "lr"),
    (
      [
        "tuned", "--method", "ped-anova", "--quantile", "0.25", "--target", "memory", "--best",
        "highest",
      ], "drop"
    ),
    (["tuned", "--where", "number >= 20", "--seeds", "2"], "lr"),
  ])
  func `targets, methods and filters are told apart`(
    arguments: [String], parameter: String
  ) async throws {
    let process = try CairnProcess(
      ["importance"] + arguments, in: try await Fixture.shared().directory)
    #expect(process.status == 0, "\(process.errors)")
    #expect(process.lines.dropFirst().first?.hasPrefix(parameter + "\t") == true)
  }

  @Test(arguments: [
    (["young"], 1, "1 trial with \"loss\" cannot tell what matters: it takes 10"),
    (["tuned", "--where", "lr < 0"], 1, "0 trials with \"loss\" cannot tell"),
    (["two"], 2, "\"two\" has 2 objectives, and each has its own importances"),
    (["tuned", "--target", "memroy"], 2, "try: --target memory"),
    (["tuned", "--target", "duration_s", "--where", "state = 'failed'"], 1, "left out: 1 failed"),
    (["tuned", "--method", "shap"], 2, "fanova"),
    (["tuned", "--pairs", "--method", "permutation"], 2, "--pairs is of --method fanova"),
    (["tuned", "--quantile", "0.2"], 2, "--quantile is of --method ped-anova"),
    (["tuned", "--quantile", "1.5", "--method", "ped-anova"], 2, "between 0 and 1"),
    (["tuned", "--where", "lrr > 1"], 2, "try: lr"),
    (["tund"], 1, "try: tuned"),
  ])
  func `what cannot be told is said`(
    arguments: [String], status: Int32, message: String
  ) async throws {
    let process = try CairnProcess(
      ["importance"] + arguments, in: try await Fixture.shared().directory)
    #expect(process.status == status)
    #expect(process.output.isEmpty)
    #expect(process.errors.contains(message), "\(process.errors)")
  }
}
