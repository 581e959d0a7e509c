// A trial's curve and where it was expected to go, drawn in text.

import PlainText
import Samplers
import StudyModel

/// Rows of characters: the curve as dots, the best trial's value as a line, and in the last column
/// what the trial was expected to end at: its middle, and between what with a chance of 90 %.
struct CurveChart {
  private static let columns = 48
  private static let rows = 8

  let points: [MetricPoint]
  let forecast: CurveForecast

  /// From the largest value to the smallest, with a scale at the left; none where no value is
  /// finite, or all are alike.
  var lines: [String] {
    let ends = [forecast.best, forecast.expected, forecast.optimistic, forecast.pessimistic]
    // What is far above the rest would flatten all of it.
    let values = (points.map(\.value) + ends).filter(\.isFinite)
    guard let low = values.min(), let high = values.max(), low < high,
      let first = points.map(\.step).min(), first < forecast.lastStep
    else { return [] }
    let span = Double(forecast.lastStep) - Double(first)
    func row(_ value: Double) -> Int? {
      guard value.isFinite else { return nil }
      return Int(((high - value) / (high - low) * Double(Self.rows - 1)).rounded())
    }
    var grid = Array(repeating: Array(repeating: " ", count: Self.columns), count: Self.rows)
    if let best = row(forecast.best) { grid[best] = grid[best].map { _ in "┄" } }
    for point in points {
      guard let place = row(point.value) else { continue }
      let share = (Double(point.step) - Double(first)) / span
      grid[place][Swift.min(Self.columns - 1, Int(share * Double(Self.columns - 1)))] = "•"
    }
    let fan = [forecast.optimistic, forecast.pessimistic].compactMap(row).sorted()
    if fan.count == 2 { for place in fan[0]...fan[1] { grid[place][Self.columns - 1] = "│" } }
    if let middle = row(forecast.expected) { grid[middle][Self.columns - 1] = "◆" }
    let labels = [high.text(significantDigits: 4), low.text(significantDigits: 4)]
    let width = labels.map(\.count).max() ?? 0
    return grid.enumerated().map { index, cells in
      let label = index == 0 ? labels[0] : index == Self.rows - 1 ? labels[1] : ""
      return String(repeating: " ", count: width - label.count) + label + " ┤"
        + String(cells.joined().reversed().drop { $0 == " " }.reversed())
    }
  }
}
