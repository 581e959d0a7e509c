// The steps of a study's curves on one axis: epochs, batches and seconds alike.

import Glibc

/// Steps counted in units of the usual distance between reports, from 1 for the first, and put into
/// bins, of which a long curve has no more than a short one could.
struct CurveAxis: Equatable, Sendable {
  /// The shapes that a curve may take towards its end, as functions of the place; see
  /// ``CurveExtrapolation``.
  static let shapeCount = 9
  private static let binLimit = 200.0

  /// The place at which a full trial ends.
  let length: Double
  let binCount: Int
  private let first: Double
  private let spacing: Double
  private let binWidth: Double
  /// By bin: the shapes at the only place it has, where bins are of one place.
  private var shapesByBin: [[Double]] = []

  /// - Parameters:
  ///   - first: the step at which trials commonly report first.
  ///   - spacing: how many steps are commonly between reports; above 0.
  ///   - lastStep: at which a full trial reports last.
  init(first: Int64, spacing: Double, lastStep: Int64) {
    self.first = Double(first)
    self.spacing = spacing
    length = max(1, 1 + (Double(lastStep) - max(Double(first), spacing)) / spacing)
    binWidth = max(1, length / Self.binLimit)
    binCount = Int((length - 1) / binWidth) + 1
    if binWidth == 1 { shapesByBin = (1...binCount).map { computedShapes(at: Double($0)) } }
  }

  func place(ofStep step: Int64) -> Double { max(1, 1 + (Double(step) - first) / spacing) }

  /// Beyond ``binCount`` past the end.
  func bin(ofPlace place: Double) -> Int {
    Int(min((place - 1) / binWidth + 1e-9, Double(binCount) + 1))
  }

  /// u^−0.3, u^−0.6, u^−1, u^−2, e^(−u/0.05T), e^(−u/0.15T), e^(−u/0.4T), −0.2 ln(u/T), 0.
  func shapes(at place: Double) -> [Double] {
    if !shapesByBin.isEmpty, place == place.rounded(), place <= Double(binCount) {
      return shapesByBin[Int(place) - 1]
    }
    return computedShapes(at: place)
  }

  private func computedShapes(at u: Double) -> [Double] {
    let logarithm = log(u)
    let share = u / length
    return [
      exp(-0.3 * logarithm), exp(-0.6 * logarithm), 1 / u, 1 / (u * u), exp(-share / 0.05),
      exp(-share / 0.15), exp(-share / 0.4), -0.2 * (logarithm - log(length)), 0,
    ]
  }
}
