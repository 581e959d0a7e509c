// A trial as people name it: by its number, or by what it is among the others.

import ArgumentParser
import PlainText
import StudyModel

enum TrialReference: Equatable {
  case number(Int)
  /// The one that began last.
  case last
  case best

  static let help = "Its number, last or best."
}

extension TrialReference: ExpressibleByArgument {
  static var defaultCompletionKind: CompletionKind { .list(["last", "best"]) }

  init?(argument: String) {
    switch argument {
    case "last": self = .last
    case "best": self = .best
    default:
      guard let number = Int(argument), number >= 0 else { return nil }
      self = .number(number)
    }
  }
}

extension StudyRecord {
  /// The row of the trial that is meant.
  ///
  /// - Throws: ``Diagnostic`` when there is no such trial, or more than one is best.
  func row(of trial: TrialReference) throws -> Int {
    switch trial {
    case .number(let number): return try existingRow(ofTrial: number)
    case .last:
      for row in (0..<trialCount).reversed() {
        if try state(ofRow: row) != .waiting || openTrial(row)?.lastAttempt != nil { return row }
      }
      throw Diagnostic(
        "no trial of \(study.name.jsonQuoted) has begun",
        try: trialCount == 0 ? [] : [ShellText.line(["cairn", "trials", study.name])])
    case .best:
      if bestTrials.count == 1 { return bestTrials[0].row }
      guard !bestTrials.isEmpty else {
        throw Diagnostic(
          "no trial of \(study.name.jsonQuoted) is the best: none is complete",
          try: trialCount == 0 ? [] : [ShellText.line(["cairn", "trials", study.name])])
      }
      let numbers = bestTrials.prefix(10).map { String($0.number) }.joined(separator: ", ")
      throw Diagnostic(
        "\(bestTrials.count) trials of \(study.name.jsonQuoted) are best, each in its own way",
        evidence: ["trials \(numbers)\(bestTrials.count > 10 ? ", …" : "")"],
        try: ["the number of one of them"])
    }
  }
}
