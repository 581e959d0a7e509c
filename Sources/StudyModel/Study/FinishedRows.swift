// The order in which a study's trials finished.

/// The rows of finished trials in the order in which they finished.
public struct FinishedRows: RandomAccessCollection, Sendable {
  /// Those that a study began with; then, by place behind them, the others.
  private let first: [Int]
  private var others = IntegerMap<Int>()

  init(_ first: [Int] = []) { self.first = first }

  mutating func append(_ row: Int) { others[UInt64(others.count)] = row }

  public var startIndex: Int { 0 }
  public var endIndex: Int { first.count + others.count }
  /// The row that the trial of this place stands in.
  public subscript(index: Int) -> Int {
    index < first.count ? first[index] : others[UInt64(index - first.count)]!
  }

  /// Where the trial in `row` stands; nil: it has not finished.
  ///
  /// - Complexity: O(1) where trials finish about as they were made, as they do; O(n) at worst.
  func place(of row: Int) -> Int? {
    if isEmpty { return nil }
    // There are no more before it than rows below and those that overtook it.
    let start = Swift.min(row, count - 1)
    for distance in 0...Swift.max(start, count - 1 - start) {
      if start - distance >= 0, self[start - distance] == row { return start - distance }
      if start + distance < count, self[start + distance] == row { return start + distance }
    }
    return nil
  }
}
