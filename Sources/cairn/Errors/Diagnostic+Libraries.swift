// The libraries' errors tell what to try in lines of their own: `try: …`, `did you mean: …`.

import ObjectiveProcess
import StudyEngine
import StudySQL
import StudyStorage

extension Diagnostic {
  /// Sorts the lines of an error's description into fact, evidence and suggestions.
  init(parsing description: String, status: ExitStatus = .failure) {
    // Two spaces are the description's own indentation; more say something (a caret's place).
    var lines = description.split(separator: "\n").map { line in
      String(line.hasPrefix("  ") ? line.dropFirst(2) : line)
    }
    self.init(lines.isEmpty ? "something went wrong" : lines.removeFirst(), status: status)
    for line in lines {
      if let suggestion = line.remainder(after: "try: ") {
        suggestions.append(suggestion)
      } else if let names = line.remainder(after: "did you mean: ") {
        suggestions += names.split(separator: ", ").map(String.init)
      } else {
        evidence.append(line)
      }
    }
  }

  /// What kind of mistake a library's error is.
  static func status(of error: any Error) -> ExitStatus {
    switch error {
    case is TemplateError, is MetricRuleError, is DeviceError: .usage
    default: .failure
    }
  }
}

extension String {
  fileprivate func remainder(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
