// Ctrl-C while a query runs, and what a query may take.

import Foundation
import StudySQL

/// Ends running queries at SIGINT and SIGTERM, so that they can clean up. The second signal ends
/// the process, and so does one step of a query that does not end: SQLite looks up from its work
/// between the calls of functions only.
enum QueryInterruption {
  static let cancellation = QueryCancellation()

  /// Memory that queries may take together, in bytes; the rest of the process has its own.
  private static let memoryLimit = 512 << 20

  /// From the first signal on, in microseconds.
  private static let patience: UInt32 = 120_000

  static func install() {
    QueryLimits.limitProcess(toBytes: memoryLimit)
    // Made before a handler needs it, which must not.
    _ = cancellation
    _ = patience
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        let cancellation = QueryInterruption.cancellation
        if cancellation.isCancelled { _exit(ExitStatus.interrupted.rawValue) }
        cancellation.cancel()
        ualarm(QueryInterruption.patience, 0)
      }
    }
    signal(SIGALRM) { _ in _exit(ExitStatus.interrupted.rawValue) }
  }
}
