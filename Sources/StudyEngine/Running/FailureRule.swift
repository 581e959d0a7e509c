// When a run is hopeless: a command line that is wrong fails a thousand times as it fails three
// times.

package struct FailureRule: Sendable {
  package struct Verdict: Hashable, Sendable, CustomStringConvertible {
    package let failures: Int
    package let total: Int
    package let lastReason: String

    package var description: String {
      switch (failures, total) {
      case (1, 1): "the first trial failed"
      case (1, _): "1 trial failed"
      case (_, failures): "all of the first \(failures) trials failed"
      case (_, 0): "\(failures) trials failed in a row"
      default: "\(failures) trials failed"
      }
    }
  }

  /// Stop at so many failures; nil: when the first 3 all fail, or 10 in a row do.
  let maximum: Int?
  private var finished = 0
  private var failures = 0
  private var inARow = 0

  package init(maximum: Int?) { self.maximum = maximum }

  /// Takes the end of a trial; answers whether the run is hopeless by now.
  package mutating func record(failed: Bool, reason: String) -> Verdict? {
    finished += 1
    guard failed else {
      inARow = 0
      return nil
    }
    failures += 1
    inARow += 1
    if let maximum {
      guard failures >= maximum else { return nil }
      return Verdict(failures: failures, total: finished, lastReason: reason)
    }
    if failures == 3 && finished == 3 {
      return Verdict(failures: 3, total: 3, lastReason: reason)
    }
    if inARow >= 10 { return Verdict(failures: inARow, total: 0, lastReason: reason) }
    return nil
  }
}
