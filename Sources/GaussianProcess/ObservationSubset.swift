// Which observations a model is made of, where there are too many for all.

import Numerics

/// Points with the values that were seen there, small ones being wanted most.
package struct Observations: Sendable {
  /// One point a value.
  package var points: [[Double]] = []
  package var values: [Double] = []

  /// None yet.
  package init() {}

  /// One value for each of `points`.
  package init(points: [[Double]], values: [Double]) {
    precondition(points.count == values.count)
    self.points = points
    self.values = values
  }

  /// Those at some places.
  package func at(_ places: [Int]) -> Observations {
    Observations(points: places.map { points[$0] }, values: places.map { values[$0] })
  }

  /// At most `limit` places, ascending, that tell most about where the values are small: a quarter
  /// of them the best, a quarter the nearest to the best one by the kernel's lengthscales, and the
  /// rest spread evenly over the order of observation.
  ///
  /// - Complexity: O(n log n + n d).
  package func places(
    upTo limit: Int, _ dimensions: [InputDimension], _ hyperparameters: Hyperparameters
  ) -> [Int] {
    let count = values.count
    guard count > limit else { return Array(0..<count) }
    let covariance = Covariance(dimensions, hyperparameters)
    var isTaken = [Bool](repeating: false, count: count)
    var left = limit
    func take(_ place: Int) {
      guard left > 0, !isTaken[place] else { return }
      isTaken[place] = true
      left -= 1
    }
    let byValue = Self.order(values)
    for place in byValue.prefix(limit / 4) { take(place) }
    let best = covariance.prepare(Matrix([points[byValue[0]]], columns: dimensions.count))
    let all = covariance.prepare(Matrix(points, columns: dimensions.count))
    let byDistance = Self.order(covariance.squaredDistances(best, all).elements)
    var near = limit / 4
    for place in byDistance where near > 0 && !isTaken[place] {
      take(place)
      near -= 1
    }
    let others = (0..<count).filter { !isTaken[$0] }
    let spread = left
    for index in 0..<spread { take(others[index * others.count / spread]) }
    return isTaken.indices.filter { isTaken[$0] }
  }

  private static func order(_ values: [Double]) -> [Int] {
    values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
  }
}
