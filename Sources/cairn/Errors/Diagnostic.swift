// What goes wrong, printed:
//
//     error: trial 0 exited 0 but never reported "accuracy"
//       it printed: "val_acc=0.91"
//       try: --metric accuracy='val_acc=(\S+)'

import PlainText

/// An error or warning as a person reads it. Thrown out of a command, it is printed and ends
/// the process with `status`.
@dynamicMemberLookup
struct Diagnostic: ExplainedError, Equatable {
  enum Severity: String {
    case error
    case warning
    case note
  }

  var explanation: Explanation

  init(_ explanation: Explanation) { self.explanation = explanation }

  init(
    _ fact: String, evidence: [String] = [], try suggestions: [String] = [],
    status: ExitStatus = .failure
  ) {
    explanation = Explanation(
      fact, evidence: evidence, try: suggestions,
      kind: status == .usage ? .wrongUsage : .failure)
  }

  subscript<Part>(dynamicMember part: WritableKeyPath<Explanation, Part>) -> Part {
    get { explanation[keyPath: part] }
    set { explanation[keyPath: part] = newValue }
  }

  var status: ExitStatus { ExitStatus(explanation.kind) }

  func text(as severity: Severity = .error, colored: Bool = false) -> String {
    var label = "\(severity.rawValue):"
    if colored { label = "\u{1B}[1;\(severity == .error ? 31 : 33)m\(label)\u{1B}[0m" }
    return "\(label) " + explanation.lines.map { Self.harmless($0) + "\n" }.joined()
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
