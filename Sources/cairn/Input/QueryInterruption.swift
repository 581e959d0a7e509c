// Ctrl-C while a query runs.

import Foundation
import StudySQL

/// Ends running queries at SIGINT and SIGTERM, so that they can clean up; the second signal ends
/// the process.
enum QueryInterruption {
  static let cancellation = QueryCancellation()

  static func install() {
    // Made before a handler needs it, which must not.
    _ = cancellation
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        let cancellation = QueryInterruption.cancellation
        if cancellation.isCancelled { _exit(ExitStatus.interrupted.rawValue) }
        cancellation.cancel()
      }
    }
  }
}
