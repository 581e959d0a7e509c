import Foundation
import PlainText

/// How the process ends, for scripts to go by. Thrown, it ends a command without a word: what
/// there was to say has been said.
enum ExitStatus: Int32, Error {
  case success = 0
  case failure = 1
  /// The command line is wrong, or contradicts the study.
  case usage = 2
  /// Stopped by Ctrl-C or SIGTERM, as shells report a process that SIGINT ended.
  case interrupted = 130

  init(_ kind: Explanation.Kind) {
    self =
      switch kind {
      case .wrongUsage: .usage
      case .failure: .failure
      case .interruption: .interrupted
      }
  }

  func exit() -> Never { Foundation.exit(rawValue) }
}
