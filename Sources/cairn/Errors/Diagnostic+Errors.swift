// The one place where the errors of the libraries become what a person reads.

import PlainText
import SpaceNotation

extension Diagnostic {
  /// Describes any error.
  init(describing error: any Error) {
    self = error as? Diagnostic ?? Diagnostic(Explanation(describing: error))
  }

  /// `option` is what the text was given to.
  init(_ error: NotationError, option: String) {
    self.init(error.explanation)
    explanation.fact = "\(option): \(error.fact)"
  }
}

// What the supervisor says of a command that cannot be started is recorded as one text.
extension Diagnostic {
  /// Sorts the lines of a description into fact, evidence and suggestions.
  init(parsing description: String, status: ExitStatus = .failure) {
    // Two spaces are the description's own indentation; more say something (a caret's place).
    var lines = description.split(separator: "\n").map { line in
      String(line.hasPrefix("  ") ? line.dropFirst(2) : line)
    }
    self.init(lines.isEmpty ? "something went wrong" : lines.removeFirst(), status: status)
    for line in lines {
      if line.hasPrefix("try: ") {
        self.suggestions.append(String(line.dropFirst("try: ".count)))
      } else {
        self.evidence.append(line)
      }
    }
  }
}
