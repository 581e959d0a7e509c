// A finished trial as lines, for a log or a pipe.

import PlainText
package import StudyModel

extension AttemptEnd {
  /// The reason's first line, as it may be printed; further ones say what to try.
  package var briefReason: String {
    String(reason.prefix { !$0.isNewline }).neutralized
  }

  /// What the reason says to try.
  var advice: [String] {
    reason.split(whereSeparator: \.isNewline).dropFirst().map { line in
      String(line.hasPrefix("try: ") ? line.dropFirst("try: ".count) : line).neutralized
    }
  }
}

/// The line that is printed when a trial has ended.
package enum TrialLine {
  private static let failureLines = 5

  /// `trial 12 complete accuracy 0.973 in 3.2 s: lr=0.0012 layers=3`; a failed one with its
  /// reason and the last lines it printed, indented.
  package static func lines(_ state: StudyRecord, row: Int) throws -> [String] {
    let trial = try state.trial(row)
    let end = trial.attempts.last?.end
    let status = trial.state
    let reason = status == .complete ? "" : (end?.briefReason ?? "")
    // "pruned at step 3" says both.
    let isSaid = reason.hasPrefix(status.name)
    var line = "trial \(trial.number) \(isSaid ? reason : status.name)"
    let values = state.text(ofValues: trial.values)
    if !values.isEmpty { line += " \(values)" }
    let broken = state.boundsBroken(by: trial)
    if !broken.isEmpty { line += ", breaks \(broken.joined(separator: ", ").neutralized)" }
    if !reason.isEmpty && !isSaid { line += " (\(reason))" }
    if let seconds = end?.usage?.wallSeconds {
      line += " in \(Measures.duration(seconds: seconds))"
    }
    let parameters = trial.assignment.summary
    if !parameters.isEmpty { line += ": \(parameters)" }
    return [line] + printed(end)
  }

  /// An attempt that was not its trial's last.
  package static func lines(attempt: Int, of trial: Int, _ end: AttemptEnd, retried: Bool)
    -> [String]
  {
    let next = retried ? "runs again" : "waits to run again"
    return ["trial \(trial), attempt \(attempt): \(end.briefReason); \(next)"] + printed(end)
  }

  private static func printed(_ end: AttemptEnd?) -> [String] {
    guard let end, !end.lastLines.isEmpty else { return [] }
    return end.lastLines.split(separator: "\n").suffix(failureLines).map {
      "    \(String($0).neutralized)"
    }
  }
}
