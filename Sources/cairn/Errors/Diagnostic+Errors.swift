// The one place where the errors of the libraries become what a person reads.

import CommandTemplates
import MetricReading
import Supervision
import Samplers
import SpaceNotation
import StudyModel
import StudySQL
import StudyStorage

extension Diagnostic {
  /// Describes any error. Those about what was typed end with the status of wrong usage.
  init(describing error: any Error) {
    switch error {
    case let diagnostic as Diagnostic: self = diagnostic
    case let error as NotationError: self.init(error)
    case let error as SpaceFileError:
      self.init(
        error.fact, evidence: error.evidence, try: error.suggestions, status: .usage)
    case let error as SearchSpaceError: self.init(error.description, status: .usage)
    case let error as QueryError: self.init(error)
    case let error as StorageError: self.init(error)
    case let error as DomainError: self.init(error.description, status: .usage)
    default: self.init(parsing: String(describing: error), status: Self.status(of: error))
    }
  }

  /// `option` is what the text was given to, when that is not plain from the text.
  init(_ error: NotationError, option: String? = nil) {
    self.init(
      (option.map { "\($0): " } ?? "") + error.fact, evidence: error.evidence,
      try: error.suggestions, status: .usage)
  }
}

// SQL.
extension Diagnostic {
  /// A wrong expression is a wrong command line; a query that fails while it runs is not.
  init(_ error: QueryError) {
    var evidence: [String] = []
    if let excerpt = error.excerpt {
      evidence = [excerpt.line, String(repeating: " ", count: excerpt.column) + "^"]
    }
    let status: ExitStatus =
      switch error {
      case .failed, .tooMuchWork, .unknownStudy: .failure
      case .interrupted: .interrupted
      default: .usage
      }
    self.init(
      error.fact, evidence: evidence, try: error.suggestion.map { [$0] } ?? [], status: status)
  }
}

// The libraries' other errors tell what to try in lines of their own: `try: …`,
// `did you mean: …`.
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
    case is TemplateError, is MetricRuleError, is DeviceError, is SamplerError: .usage
    default: .failure
    }
  }
}

extension String {
  fileprivate func remainder(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
