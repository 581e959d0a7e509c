// What goes wrong is told in three parts: the fact, the evidence, and what to try.
//
//     error: trial 0 exited 0 but never reported "accuracy"
//       it printed: "val_acc=0.91"
//       try: --metric accuracy='val_acc=(\S+)'

import PlainText
import StudySQL

/// An error or warning as a person reads it. Thrown out of a command, it is printed and ends
/// the process with `status`.
struct Diagnostic: Error, Equatable {
  enum Severity: String {
    case error
    case warning
  }

  /// One line without a full stop.
  var fact: String
  /// What was seen, by lines.
  var evidence: [String] = []
  /// What may help, best first.
  var suggestions: [String] = []
  var status = ExitStatus.failure

  init(
    _ fact: String, evidence: [String] = [], try suggestions: [String] = [],
    status: ExitStatus = .failure
  ) {
    self.fact = fact
    self.evidence = evidence
    self.suggestions = suggestions
    self.status = status
  }

  func text(as severity: Severity = .error, colored: Bool = false) -> String {
    var label = "\(severity.rawValue):"
    if colored { label = "\u{1B}[1;\(severity == .error ? 31 : 33)m\(label)\u{1B}[0m" }
    var lines = ["\(label) \(Self.harmless(fact))"]
    lines += evidence.map { "  \(Self.harmless($0))" }
    for (index, suggestion) in suggestions.enumerated() {
      lines.append((index == 0 ? "  try: " : "   or: ") + Self.harmless(suggestion))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Names, files and what objectives printed may hold what a terminal obeys. Only ends of lines
  /// stay, since a command that is quoted may have several.
  private static func harmless(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).neutralized }.joined(separator: "\n")
  }

  /// Prints it on standard error.
  func print(as severity: Severity = .error) {
    StandardError.write(text(as: severity, colored: Terminal.error.usesColor))
  }
}
