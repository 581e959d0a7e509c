// Where a curve is going: a mixture over shapes, each fitted by weighted least squares in running
// sums, so that a report costs the same however long the curve is.

import Glibc

/// The curve so far, as sums.
struct CurveExtrapolation: Sendable {
  /// Draws the level toward the last value and the slope toward none.
  private static let ridge = 4e-4
  /// The deviation at the end that no shape foretells, when all of the curve is still to come: it
  /// falls with what is left. A slow start says little of where a curve ends, and its few points
  /// lie on every shape.
  private static let unforeseen = 0.4

  private let axis: CurveAxis
  private(set) var count = 0
  private(set) var place = 1.0
  private(set) var last = 0.0
  // Weights are 0.3 + 0.7 i/t for the i-th of t points: of every sum there is one of plain terms
  // and one of terms times i.
  private var values = WeightedSum()
  private var squares = WeightedSum()
  private var shapes = [WeightedSum](repeating: .init(), count: CurveAxis.shapeCount)
  private var shapeSquares = [WeightedSum](repeating: .init(), count: CurveAxis.shapeCount)
  private var products = [WeightedSum](repeating: .init(), count: CurveAxis.shapeCount)

  private struct WeightedSum {
    var plain = 0.0
    var ascending = 0.0

    mutating func add(_ term: Double, _ index: Double) {
      plain += term
      ascending += index * term
    }

    func total(_ count: Double) -> Double { 0.3 * plain + 0.7 / count * ascending }
  }

  init(_ axis: CurveAxis) { self.axis = axis }

  /// Adds the next point: `place` is on the axis, `position` on the scale.
  mutating func add(_ position: Double, at place: Double) {
    count += 1
    self.place = place
    last = position
    let index = Double(count)
    values.add(position, index)
    squares.add(position * position, index)
    let terms = axis.shapes(at: place)
    for shape in 0..<CurveAxis.shapeCount {
      shapes[shape].add(terms[shape], index)
      shapeSquares[shape].add(terms[shape] * terms[shape], index)
      products[shape].add(terms[shape] * position, index)
    }
  }

  /// Mean and standard deviation of the position at the end of a full trial.
  ///
  /// - Precondition: there is a point.
  func end() -> (mean: Double, deviation: Double) {
    let n = Double(count)
    let weight = 0.3 * n + 0.35 * (n + 1)
    let (sum, square) = (values.total(n), squares.total(n))
    let ends = axis.shapes(at: axis.length)
    let left = Self.unforeseen * max(0, axis.length - place) / axis.length
    var logWeights: [Double] = []
    var means: [Double] = []
    var variances: [Double] = []
    for shape in 0..<CurveAxis.shapeCount {
      let (a12, product) = (shapes[shape].total(n), products[shape].total(n))
      let a11 = weight + Self.ridge
      let a22 = shapeSquares[shape].total(n) + Self.ridge
      let determinant = a11 * a22 - a12 * a12
      let target = sum + Self.ridge * last
      var slope = (a11 * product - a12 * target) / determinant
      var level = (a22 * target - a12 * product) / determinant
      if !(slope >= 0) { (slope, level) = (0, target / a11) }
      let error =
        square - 2 * level * sum - 2 * slope * product + level * level * weight
        + 2 * level * slope * a12 + slope * slope * (a22 - Self.ridge)
      let variance = (max(0, error) + 0.0012) / (n + 3)
      let end = ends[shape]
      means.append(level + slope * end)
      variances.append(
        variance * (1 + (a22 - 2 * a12 * end + a11 * end * end) / determinant) + left * left)
      logWeights.append(
        -0.5 * (n + 3) * log(variance) - 0.25 * log(determinant / (variance * variance)))
    }
    let top = logWeights.max() ?? 0
    var (total, mean, second) = (0.0, 0.0, 0.0)
    for shape in means.indices {
      let weight = exp(logWeights[shape] - top)
      total += weight
      mean += weight * means[shape]
      second += weight * (variances[shape] + means[shape] * means[shape])
    }
    mean /= total
    return (mean, (max(0, second / total - mean * mean) + 1e-4).squareRoot())
  }
}
