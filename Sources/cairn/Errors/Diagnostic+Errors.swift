// The one place where the errors of the libraries become what a person reads.

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
