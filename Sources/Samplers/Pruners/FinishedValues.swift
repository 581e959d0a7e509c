// Values of finished trials in order, kept from one judgement to the next.

import StudyModel

/// Follows a study's finished trials: what it takes of each it takes once, since a finished trial
/// never changes.
struct FinishedValues: Sendable {
  /// Ascending, no NaN.
  private(set) var sorted: [Double] = []
  /// How many trials had a value, NaN too.
  private(set) var count = 0
  /// How many of the finished trials were looked at, and the last of them.
  private var seen = 0
  private var lastRow = -1
  /// Which trials were set aside then.
  private var setAside: UInt64 = 0

  /// Takes `value` of every trial that finished since it was last asked.
  ///
  /// - Returns: how many trials were looked at.
  mutating func follow(
    _ finished: SearchedRows, _ value: (_ row: Int) throws -> Double?
  ) throws -> Int {
    // A store that lost its tail, or of which trials were dropped, is another history.
    if setAside != finished.fingerprint || seen > finished.count
      || (seen > 0 && finished[seen - 1] != lastRow)
    {
      self = FinishedValues()
      setAside = finished.fingerprint
    }
    let new = seen..<finished.count
    for index in new {
      lastRow = finished[index]
      seen = index + 1
      guard let value = try value(lastRow) else { continue }
      count += 1
      if !value.isNaN { sorted.insert(value, at: countBelow(value, orEqual: true)) }
    }
    return new.count
  }

  /// How many values are smaller than `value`, or not larger.
  func countBelow(_ value: Double, orEqual: Bool = false) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value || (orEqual && sorted[middle] == value) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
