// A function, as far as some observations tell.

import Glibc
package import Numerics

/// A zero-mean Gaussian process, conditioned on observations with normal noise.
///
/// Source: Rasmussen & Williams (2006), algorithm 2.1.
package struct GaussianProcess: Sendable {
  /// What the observations are interpolated with.
  package let hyperparameters: Hyperparameters
  let covariance: Covariance
  private(set) var prepared: Covariance.Prepared
  private(set) var factor: Cholesky
  /// L⁻¹ y.
  private var half: [Double]
  /// K⁻¹ y.
  private(set) var weights: [Double]

  /// - Parameters:
  ///   - points: `n × d`, one point a row, as `dimensions` have them.
  ///   - targets: `n` values, standardized.
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(row:)`` when the covariance matrix is
  ///   singular to rounding, which takes less noise than a fit allows.
  /// - Complexity: O(n³) time and O(n²) memory.
  package init(
    _ points: Matrix, _ targets: [Double], _ dimensions: [InputDimension],
    _ hyperparameters: Hyperparameters
  ) throws(LinearAlgebraError) {
    precondition(points.rows == targets.count)
    self.hyperparameters = hyperparameters
    covariance = Covariance(dimensions, hyperparameters)
    prepared = covariance.prepare(points)
    factor = try Cholesky(covariance.ofObservations(prepared))
    half = factor.halfSolve(targets)
    weights = factor.backSolve(half)
  }

  /// How many observations there are.
  package var count: Int { factor.count }

  var dimensionCount: Int { covariance.dimensions.count }

  /// Observes other values at the same points.
  ///
  /// - Complexity: O(n²).
  package mutating func setTargets(_ targets: [Double]) {
    half = factor.halfSolve(targets)
    weights = factor.backSolve(half)
  }

  /// Observes one more point; ``setTargets(_:)`` must follow.
  ///
  /// - Complexity: O(n²).
  package mutating func append(_ point: [Double]) throws(LinearAlgebraError) {
    let new = covariance.prepare(Matrix([point], columns: point.count))
    try factor.append(
      covariance.between(new, prepared).elements,
      diagonal: covariance.signal + covariance.noise)
    prepared.append(new)
  }

  /// Mean and variance of the function (without noise) at each of some points.
  ///
  /// - Complexity: O(n²) a point.
  package func posterior(at points: Matrix) -> (means: [Double], variances: [Double]) {
    let cross = covariance.between(covariance.prepare(points), prepared)
    let solved = factor.halfSolve(rows: cross)
    return (cross.times(weights), variances(solved))
  }

  /// What is left of the signal's variance; `solved` has L⁻¹ k for each point.
  func variances(_ solved: Matrix) -> [Double] {
    solved.squaredRowLengths().map { explained in
      max(covariance.signal - explained, covariance.signal * 1e-12)
    }
  }

  /// What is predicted of each observation's value from all the others, with its variance, noise
  /// included.
  ///
  /// Source: Rasmussen & Williams (2006), equations 5.10 to 5.12.
  package func leaveOneOut(_ targets: [Double]) -> (means: [Double], variances: [Double]) {
    let inverse = factor.lowerInverse()
    let diagonal = (0..<count).map { inverse[$0, $0] }
    return (
      targets.indices.map { targets[$0] - weights[$0] / diagonal[$0] }, diagonal.map { 1 / $0 }
    )
  }

  /// What is known at one point, with what its gradient takes.
  func look(at point: [Double]) -> PointPosterior {
    let own = covariance.prepare(Matrix([point], columns: point.count))
    let (covariances, slopes) = covariance.withSlopes(own, prepared)
    let solved = factor.halfSolve(covariances)
    let variance = covariance.signal - dotProduct(solved, solved)
    return PointPosterior(
      point: own, covariances: covariances, slopes: slopes, solved: solved,
      variance: max(variance, covariance.signal * 1e-12))
  }

  /// The gradient of Σ weights · covariances over the point that was looked at.
  func gradient(at look: PointPosterior, weights: [Double]) -> [Double] {
    covariance.gradient(look.point, prepared, slopes: look.slopes, weights: weights)
  }

  /// The gradient of the mean at a point.
  package func meanGradient(at point: [Double]) -> [Double] {
    let own = covariance.prepare(Matrix([point], columns: point.count))
    let slopes = covariance.withSlopes(own, prepared).slopes
    return covariance.gradient(own, prepared, slopes: slopes, weights: weights)
  }

  /// A process that has also observed `points`, and K⁻¹y for `samples` joint draws of what might
  /// be seen there (with noise), together with the draws themselves.
  ///
  /// L of the whole is [L 0; V L'], so values y' = V L⁻¹y + L' z for standard normal z have
  /// L⁻¹[y y'] = [L⁻¹y z], and need not be drawn before they are solved for.
  ///
  /// - Parameter normals: one row a draw, one column a point.
  func observing(
    _ points: [[Double]], normals: Matrix
  ) throws(LinearAlgebraError) -> (process: GaussianProcess, weights: Matrix, values: Matrix) {
    var process = self
    for point in points { try process.append(point) }
    let (old, all) = (count, process.count)
    var weights = Matrix(rows: normals.rows, columns: all)
    var values = Matrix(rows: normals.rows, columns: points.count)
    for draw in 0..<normals.rows {
      let half = half + normals.row(draw)
      for (column, value) in process.factor.backSolve(half).enumerated() {
        weights[draw, column] = value
      }
      for place in points.indices {
        var value = 0.0
        for column in 0...(old + place) {
          value += process.factor[old + place, column] * half[column]
        }
        values[draw, place] = value
      }
    }
    return (process, weights, values)
  }
}

/// What a process knows at one point.
struct PointPosterior {
  let point: Covariance.Prepared
  let covariances: [Double]
  let slopes: [Double]
  /// L⁻¹ k.
  let solved: [Double]
  let variance: Double
}
