// Searching what is in order.

extension RandomAccessCollection where Index == Int {
  /// The first index whose element `isBehind`, everything behind it being so too; `endIndex` when
  /// none is.
  ///
  /// - Complexity: O(log n).
  @inlinable package func firstPlace(where isBehind: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension RandomAccessCollection where Index == Int, Element: Comparable {
  /// Where `element` is in a collection in ascending order; nil when it is not there.
  ///
  /// - Complexity: O(log n).
  func place(of element: Element) -> Int? {
    let place = firstPlace { $0 >= element }
    return place < endIndex && self[place] == element ? place : nil
  }
}
