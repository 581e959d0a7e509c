// A finished trial as lines, for a log or a pipe.

import PlainText
import StudyModel
import StudySQL

extension AttemptEnd {
  /// The reason's first line, as it may be printed; further ones say what to try.
  var briefReason: String {
    String(reason.prefix { !$0.isNewline }).neutralized
  }
}

enum TrialLine {
  private static let failureLines = 5

  /// `trial 12 complete accuracy 0.973 in 3.2 s: lr=0.0012 layers=3`; a failed one with its
  /// reason and the last lines it printed, indented.
  static func lines(_ state: StudyState, row: Int) -> [String] {
    let trials = state.trials
    let end = trials.lastAttempt[row].flatMap { trials.attempts[$0].end }
    let status = trials.states[row]
    let reason = status == .complete ? "" : (end?.briefReason ?? "")
    // "pruned at step 3" says both.
    let isSaid = reason.hasPrefix(status.name)
    var line = "trial \(trials.numbers[row]) \(isSaid ? reason : status.name)"
    let values = state.valueText(row: row)
    if !values.isEmpty { line += " \(values)" }
    if !reason.isEmpty && !isSaid { line += " (\(reason))" }
    if let seconds = end?.usage?.wallSeconds {
      line += " in \(Measures.duration(seconds: seconds))"
    }
    let parameters = state.parameterText(row: row)
    if !parameters.isEmpty { line += ": \(parameters)" }
    return [line] + printed(end)
  }

  /// An attempt that was not its trial's last.
  static func lines(attempt: Int, of trial: Int, _ end: AttemptEnd, retried: Bool) -> [String] {
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
