// A curve in a line of text.

package enum Sparkline {
  private static let levels = Array("▁▂▃▄▅▆▇█")

  /// `values` from the smallest to the largest, at most `width` columns: of more values, each
  /// column is the mean of its share. A gap where there is no finite number.
  package static func text(_ values: [Double], width: Int) -> String {
    let points = condensed(values, to: width)
    let numbers = points.compactMap(\.self)
    guard let low = numbers.min(), let high = numbers.max() else {
      return String(repeating: " ", count: points.count)
    }
    return String(
      points.map { point in
        guard let point else { return " " }
        // Half of each, lest the difference overflows.
        let range = high / 2 - low / 2
        let share = range > 0 ? (point / 2 - low / 2) / range : 0.5
        return levels[min(levels.count - 1, max(0, Int(share * Double(levels.count))))]
      })
  }

  private static func condensed(_ values: [Double], to width: Int) -> [Double?] {
    let count = min(values.count, width)
    return (0..<count).map { column in
      let share = values[column * values.count / count..<(column + 1) * values.count / count]
      let numbers = share.filter(\.isFinite)
      return numbers.isEmpty ? nil : numbers.reduce(0) { $0 + $1 / Double(numbers.count) }
    }
  }
}
