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
