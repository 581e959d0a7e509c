// How well hyperparameters explain what was observed.

import Glibc
import Numerics

/// −ln of the marginal likelihood of some observations, and its gradient.
///
/// Over plain dimensions distances, and sums over pairs that are weighed by distances, are products
/// of matrices; over the others the squared distances of all pairs are kept.
struct MarginalLikelihood {
  private let targets: [Double]
  private let dimensionCount: Int
  private let plain: [Int]
  /// Coordinates in the plain dimensions, about the middle, one row a point; and one row a
  /// dimension.
  private let coordinates: Matrix
  private let columns: Matrix
  /// Dimensions that are not plain, with the squared distances of the pairs (1, 0), (2, 0), (2, 1),
  /// (3, 0), …
  private let others: [(dimension: Int, distances: [Double])]
  /// Room for two matrices, kept from one evaluation to the next.
  private var covariance = Matrix(rows: 0, columns: 0)
  private var slopes = Matrix(rows: 0, columns: 0)

  /// - Parameters:
  ///   - points: `n × d`, as ``InputDimension`` has them.
  ///   - targets: `n` values.
  init(_ points: Matrix, _ targets: [Double], _ dimensions: [InputDimension]) {
    precondition(points.rows == targets.count && points.columns == dimensions.count)
    self.targets = targets
    dimensionCount = dimensions.count
    let n = points.rows
    let plain = dimensions.indices.filter { dimensions[$0].isPlain }
    self.plain = plain
    coordinates = Matrix(
      rows: n, columns: plain.count,
      elements: (0..<n).flatMap { row in plain.map { points[row, $0] - 0.5 } })
    columns = Matrix(
      rows: plain.count, columns: n,
      elements: plain.flatMap { column in (0..<n).map { points[$0, column] - 0.5 } })
    others = dimensions.indices.filter { !dimensions[$0].isPlain }.map { dimension in
      let column = (0..<n).map { points[$0, dimension] }
      return (
        dimension,
        (0..<n).flatMap { a in
          (0..<a).map { dimensions[dimension].squaredDistance(column[a], column[$0]) }
        }
      )
    }
  }

  /// ½ yᵀK⁻¹y + ½ ln det K; adds its gradient over ln ℓ…, ln σ_f², ln σ_n². Infinite where K is
  /// not positive definite.
  ///
  /// - Complexity: O(n³ + n² d).
  ///
  /// Source: Rasmussen & Williams (2006), equations 5.8 and 5.9.
  mutating func value(
    _ vector: [Double], family: KernelFamily, adding gradient: inout [Double]
  ) -> Double {
    let (n, d) = (targets.count, dimensionCount)
    let weights = vector[..<d].map { exp(-2 * $0) }
    let (signal, noise) = (exp(vector[d]), exp(vector[d + 1]))
    fillDistances(vector, weights)
    if slopes.rows != n { slopes = Matrix(rows: n, columns: n) }
    for row in 0..<n {
      let places = row * n..<row * n + row
      family.evaluate(
        &covariance.elements, slopes: &slopes.elements, in: places, signal: signal)
      covariance.elements[row * n + row] = signal + noise
    }
    var matrix = Matrix(rows: 0, columns: 0)
    swap(&matrix, &covariance)
    let factor: Cholesky
    do { factor = try Cholesky(consume matrix) } catch { return .infinity }
    let half = factor.halfSolve(targets)
    let alpha = factor.backSolve(half)
    let value = 0.5 * dotProduct(half, half) + 0.5 * factor.logDeterminant
    covariance = factor.lowerInverse()
    // W = αα^T − K⁻¹; by pairs, W times the slope. K⁻¹ is all that `covariance` holds now.
    var trace = 0.0
    for a in 0..<n { trace += alpha[a] * alpha[a] - covariance.elements[a * n + a] }
    weighSlopes(alpha)
    for (place, sum) in plainSums().enumerated() {
      gradient[plain[place]] -= weights[plain[place]] * sum
    }
    for (dimension, distances) in others {
      gradient[dimension] -= weights[dimension] * sum(distances)
    }
    // tr(WK) = yᵀK⁻¹y − n, and the function's part of K is what is not noise.
    gradient[d] -= 0.5 * (dotProduct(targets, alpha) - Double(n) - noise * trace)
    gradient[d + 1] -= 0.5 * noise * trace
    return value
  }

  /// Puts the squared scaled distances into the lower triangle of `covariance`.
  private mutating func fillDistances(_ vector: [Double], _ weights: [Double]) {
    let n = targets.count
    let inverseLengths = plain.map { exp(-vector[$0]) }
    let d = plain.count
    var scaled = coordinates
    var squares = [Double](repeating: 0, count: n)
    for row in 0..<n {
      var sum = 0.0
      for place in 0..<d {
        let value = scaled.elements[row * d + place] * inverseLengths[place]
        scaled.elements[row * d + place] = value
        sum += value * value
      }
      squares[row] = sum
    }
    covariance.setProduct(of: scaled, transposed: scaled)
    for row in 0..<n {
      setSquaredDistances(
        &covariance.elements, in: row * n..<row * n + row, own: squares[row], squares: squares)
    }
    for (dimension, distances) in others {
      let weight = weights[dimension]
      var pair = 0
      for row in 0..<n {
        for index in row * n..<row * n + row {
          covariance.elements[index] += weight * distances[pair]
          pair += 1
        }
      }
    }
  }

  /// Multiplies the slopes by W, elementwise; K⁻¹ is in `covariance`.
  private mutating func weighSlopes(_ alpha: [Double]) {
    let n = alpha.count
    for a in 0..<n {
      let own = alpha[a]
      for b in 0..<a {
        slopes.elements[a * n + b] *= own * alpha[b] - covariance.elements[a * n + b]
      }
    }
  }

  /// By plain dimension: the sum over all pairs of the weighed slope times the squared distance,
  /// Σ_ab s_ab (x_a − x_b)² = Σ_a x_a² Σ_b (s_ab + s_ba) − 2 Σ_a x_a Σ_b s_ab x_b.
  private func plainSums() -> [Double] {
    let (n, d) = (targets.count, plain.count)
    var totals = [Double](repeating: 0, count: n)
    for a in 0..<n {
      var total = 0.0
      for b in 0..<a {
        let slope = slopes.elements[a * n + b]
        total += slope
        totals[b] += slope
      }
      totals[a] += total
    }
    let products = slopes.timesTransposed(columns)
    var sums = [Double](repeating: 0, count: d)
    for a in 0..<n {
      for place in 0..<d {
        let x = coordinates.elements[a * d + place]
        sums[place] += x * (x * totals[a] - 2 * products.elements[a * d + place])
      }
    }
    return sums
  }

  /// The sum over all pairs of the weighed slope times the squared distance.
  private func sum(_ distances: [Double]) -> Double {
    let n = targets.count
    var (sum, pair) = (0.0, 0)
    for row in 0..<n {
      for index in row * n..<row * n + row {
        sum += slopes.elements[index] * distances[pair]
        pair += 1
      }
    }
    return sum
  }
}
