// What it costs to tell which parameters matter.

import ArgumentParser
import ImportanceAnalysis
import StudyModel
import StudyStorage

struct ImportanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "importance", abstract: "Measure importance of a stored study, as a line of JSON.")

  @Option(help: "The directory of the store.") var store: String
  @Option(help: "The study.") var study: String
  @Option(help: "fanova, ped-anova or permutation.") var method = "fanova"
  @Flag(help: "Pairs too.") var pairs = false
  @Option(help: "How often; the median counts.") var rounds = 11

  func run() throws {
    guard let method = ImportanceMethod(rawValue: method) else {
      throw ValidationError("there is no method \(method)")
    }
    let snapshot = try Store.open(at: store, for: .reading).snapshot()
    guard let record = snapshot.study(named: study) else {
      throw ValidationError("there is no study \(study)")
    }
    var question = ImportanceQuestion(.objective(0))
    question.method = method
    question.withPairs = pairs
    var report = try record.importance(question)
    var times: [Double] = []
    for _ in 0..<max(1, rounds) {
      times.append(try seconds { report = try record.importance(question) })
    }
    let shares = report.entries.filter { $0.parameters.count == 1 }.map {
      "\"\($0.parameters[0])\": \($0.importance ?? 0)"
    }
    print(
      "{\"seconds\": \(times.sorted()[times.count / 2]), \"fastest\": \(times.min() ?? 0), "
        + "\"importance\": {\(shares.joined(separator: ", "))}}")
  }
}
