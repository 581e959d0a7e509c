// Importance as rows, and what is to be said beside them.

package import ImportanceAnalysis
import PlainText
package import StudyModel
package import StudySQL

/// The answer to a question, for people and programs.
package struct ImportanceListing {
  private static let barWidth = 24
  /// A table leaves out pairs of which less is to be told.
  private static let leastPair = 0.001

  private let report: ImportanceReport
  private let question: ImportanceQuestion
  private let target: String
  private let isForPeople: Bool

  /// - Parameters:
  ///   - isForPeople: whether rows have bars, and pairs that hardly matter are left out.
  package init(
    _ report: ImportanceReport, to question: ImportanceQuestion, of record: StudyRecord,
    isForPeople: Bool
  ) {
    self.report = report
    self.question = question
    self.isForPeople = isForPeople
    target = question.target.name(in: record)
  }

  /// What each row holds.
  package var columns: [ResultColumn] {
    var names = ["parameter"]
    if question.withPairs { names.append("with") }
    names += ["importance", "stderr"]
    if isForPeople { names.append("share") }
    return
      (names + ["target", "method", "trials"]
      + (report.fit == nil ? ["best"] : ["fit"])).map { ResultColumn($0) }
  }

  /// A row a parameter, and a pair where pairs are asked for.
  package func write(to writer: inout RowWriter) throws {
    let largest = report.entries.first?.importance ?? 0
    for entry in shown {
      var row: [SQLValue] = [.text(entry.parameters[0])]
      if question.withPairs {
        row.append(entry.parameters.count > 1 ? .text(entry.parameters[1]) : .null)
      }
      row += [number(entry.importance), number(entry.deviation)]
      if isForPeople {
        row.append(
          .text(
            largest > 0
              ? Bar.text((entry.importance ?? 0) / largest, width: Self.barWidth) : ""))
      }
      row += [
        .text(target), .text(question.method.rawValue), .integer(Int64(report.trialCount)),
        report.fit.map { number($0) } ?? .integer(Int64(report.bestCount ?? 0)),
      ]
      try writer.write(row)
    }
  }

  private var shown: [ImportanceReport.Entry] {
    isForPeople
      ? report.entries.filter {
        $0.parameters.count == 1 || $0.importance ?? 0 >= Self.leastPair
      } : report.entries
  }

  /// To three digits behind the point for people, since no more are known.
  private func number(_ value: Double?) -> SQLValue {
    guard let value else { return .null }
    return .real(isForPeople ? (value * 1000).rounded() / 1000 : value)
  }

  /// Lines about what the rows rest on.
  package var notes: [String] {
    var notes: [String] = []
    if !report.omissions.isEmpty {
      notes.append("left out: \(report.omissions.joined(separator: ", "))")
    }
    if report.usableCount > report.trialCount {
      notes.append(
        "\(report.trialCount) of \(report.usableCount) trials, drawn at random, were looked at")
    }
    let constant = report.entries.filter { $0.importance == nil }.map { $0.parameters[0] }
    if !constant.isEmpty {
      notes.append("never varied: \(constant.joined(separator: ", ").neutralized)")
    }
    let hidden = report.entries.count - shown.count
    if hidden > 0 {
      notes.append("not shown: \(Measures.count(hidden, "pair")) of less than \(Self.leastPair)")
    }
    if isForPeople, question.method == .fanova {
      notes.append(remainder)
    }
    return notes
  }

  /// What no row accounts for.
  private var remainder: String {
    let sum = report.entries.reduce(0) { $0 + ($1.importance ?? 0) }
    let share = max(0, 1 - sum).text(significantDigits: 2)
    return "not in the rows: \(share), of "
      + (question.withPairs ? "three parameters or more together" : "parameters together")
      + ", or noise"
  }
}
