import Foundation
import StudyModel
import Testing

@testable import ImportanceAnalysis

/// Shares against Optuna's; see tools/reference/importance.py.
@Suite struct OptunaImportanceTests {
  struct History: Decodable, CustomTestStringConvertible {
    struct Trial: Decodable {
      let params: [String: Value]
      let value: Double
    }
    struct Case: Decodable {
      let method: String
      let quantile: Double
      let shares: [String: Double]
    }
    enum Value: Decodable {
      case number(Double)
      case text(String)

      init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let number = try? single.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try single.decode(String.self))
        }
      }
    }
    let name: String
    let direction: String
    let trials: [Trial]
    let cases: [Case]

    var testDescription: String { "\(name), \(direction)" }
  }

  static let histories = try! JSONDecoder().decode(
    [History].self, from: Data(importanceFixtures.utf8))

  private static let domains: [String: Distribution] = [
    "x": .float(-3, 5), "lr": .float(1e-5, 1e-1, log: true), "drop": .float(0, 0.9, step: 0.1),
    "layers": .int(1, 8), "batch": .int(16, 240, step: 16), "units": .int(4, 1024, log: true),
    "kind": .strings(["a", "b", "c"]), "opt": .strings(["adam", "sgd"]), "momentum": .unit,
    "y": .unit, "idle": .unit, "n": .int(0, 9),
  ]

  private static func fixture(_ history: History) -> HistoryFixture {
    var fixture = HistoryFixture(objectives: [
      Objective(name: "value", direction: StudyDirection(rawValue: history.direction)!)
    ])
    for (number, trial) in history.trials.enumerated() {
      let entries = trial.params.sorted { $0.key < $1.key }.map { name, value in
        var domain = domains[name]!
        if history.name == "widened", name == "x" { domain = .float(0, number < 60 ? 1 : 4) }
        let kept =
          switch value {
          case .number(let number): number
          case .text(let text): domain.internalValue(of: .string(text))!
          }
        return (name, domain, kept)
      }
      fixture.add(entries, [trial.value])
    }
    return fixture
  }

  @Test(arguments: histories)
  func `PED-ANOVA is Optuna's to the last digits`(history: History) throws {
    let fixture = Self.fixture(history)
    for expected in history.cases where expected.method == "ped-anova" {
      let trials = try TargetedTrials(of: .objective(0), in: fixture.record, among: nil)
      let columns = trials.parameters.map {
        DensityColumn($0.regimeValues, domains: $0.regimeOfTrial, of: $0.regimes)
      }
      let sign = history.direction == "minimize" ? 1.0 : -1
      let analysis = DensityANOVA(
        columns, losses: trials.targets.map { sign * $0 }, quantile: expected.quantile, seeds: 1)
      #expect(trials.parameters.count == expected.shares.count)
      for (parameter, share) in zip(trials.parameters, analysis.shares) {
        #expect(
          abs(share - expected.shares[parameter.name]!) < 1e-9,
          "\(parameter.name) at \(expected.quantile)")
      }
    }
  }

  @Test func `fANOVA is Optuna's within what forests differ by`() throws {
    let history = Self.histories.first { $0.name == "linear" }!
    let expected = history.cases.first { $0.method == "fanova" }!
    let report = try Self.fixture(history).importance(seeds: 64)
    let sum = report.entries.reduce(0) { $0 + ($1.importance ?? 0) }
    for (name, share) in expected.shares {
      #expect(abs((report[name] ?? 0) / sum - share) < 0.05, "\(name)")
    }
  }
}
