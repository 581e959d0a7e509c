// How much a point promises.

import Glibc
package import Numerics

/// The logarithm of the expected improvement on an incumbent, times the probability that a trial
/// there is feasible.
///
/// Where trials are running, the improvement is averaged over joint draws of what they may bring,
/// so that another trial is not sent where one runs already.
///
/// Source: Ament et al. (2023); Snoek et al. (2012), section 3.2, for running trials; Gardner et
/// al. (2014), "Bayesian optimization with inequality constraints".
package struct Acquisition: Sendable {
  private let improvement: ExpectedImprovement?
  private let feasibilities: [Feasibility]

  /// With neither, it is the same everywhere.
  package init(improvement: ExpectedImprovement?, feasibilities: [Feasibility] = []) {
    self.improvement = improvement
    self.feasibilities = feasibilities
  }

  /// Its value at each of some points.
  package func values(at points: Matrix) -> [Double] {
    var sums = improvement?.values(at: points) ?? [Double](repeating: 0, count: points.rows)
    for feasibility in feasibilities {
      for (row, value) in feasibility.values(at: points).enumerated() { sums[row] += value }
    }
    return sums
  }

  /// Its value at a point; adds to the gradient over the point's coordinates.
  package func value(at point: [Double], adding gradient: inout [Double]) -> Double {
    var sum = improvement?.value(at: point, adding: &gradient) ?? 0
    for feasibility in feasibilities { sum += feasibility.value(at: point, adding: &gradient) }
    return sum
  }
}

/// ln of the expected improvement of a function that is to be small.
package struct ExpectedImprovement: Sendable {
  private let process: GaussianProcess
  /// K⁻¹y, one row a draw.
  private let weights: Matrix
  /// The lowest value, by draw.
  private let incumbents: [Double]

  /// On `incumbent`, by what `process` knows.
  package init(_ process: GaussianProcess, incumbent: Double) {
    self.process = process
    weights = Matrix([process.weights], columns: process.count)
    incumbents = [incumbent]
  }

  /// The same while trials run at `pending`.
  ///
  /// - Parameter normals: standard normal numbers, one row a draw, one column a pending trial.
  package init(
    _ process: GaussianProcess, incumbent: Double, pending: [[Double]], normals: Matrix
  ) throws(LinearAlgebraError) {
    let (grown, weights, values) = try process.observing(pending, normals: normals)
    self.process = grown
    self.weights = weights
    incumbents = (0..<normals.rows).map { values.row($0).reduce(incumbent, min) }
  }

  func values(at points: Matrix) -> [Double] {
    let covariance = process.covariance
    let cross = covariance.between(covariance.prepare(points), process.prepared)
    let variances = process.variances(process.factor.halfSolve(rows: cross))
    let means = cross.timesTransposed(weights)
    return (0..<points.rows).map { row in
      let deviation = variances[row].squareRoot()
      return Self.logMean(
        incumbents.indices.map { draw in
          log(deviation)
            + logExpectedImprovement((incumbents[draw] - means[row, draw]) / deviation)
        })
    }
  }

  func value(at point: [Double], adding gradient: inout [Double]) -> Double {
    let look = process.look(at: point)
    let deviation = look.variance.squareRoot()
    let means = weights.times(look.covariances)
    let z = incumbents.indices.map { (incumbents[$0] - means[$0]) / deviation }
    let logs = z.map(logExpectedImprovement)
    let mean = Self.logMean(logs)
    // ∂ ln(σ h)/∂μ = −Φ/(σ h), ∂ ln(σ h)/∂σ = φ/(σ h), each draw weighed by its share.
    var overMeans = [Double](repeating: 0, count: z.count)
    var overDeviation = 0.0
    for draw in z.indices {
      let share = exp(logs[draw] - mean) / Double(z.count)
      overMeans[draw] = -share * exp(logNormalCDF(z[draw]) - logs[draw]) / deviation
      overDeviation += share * exp(logNormalDensity(z[draw]) - logs[draw]) / deviation
    }
    // ∂μ = Σ α ∂k and ∂σ = −Σ K⁻¹k ∂k / σ.
    var combined = weights.transposedTimes(overMeans)
    let inverse = process.factor.backSolve(look.solved)
    for index in combined.indices { combined[index] -= overDeviation / deviation * inverse[index] }
    for (index, part) in process.gradient(at: look, weights: combined).enumerated() {
      gradient[index] += part
    }
    return log(deviation) + mean
  }

  /// ln of the mean of e^x.
  private static func logMean(_ x: [Double]) -> Double {
    if x.count == 1 { return x[0] }
    let top = x.max() ?? 0
    guard top.isFinite else { return top }
    return top + log(x.reduce(0) { $0 + exp($1 - top) } / Double(x.count))
  }
}

/// ln of the probability that what a process models is at most a threshold.
package struct Feasibility: Sendable {
  private let process: GaussianProcess
  private let threshold: Double
  private let isBarrier: Bool

  /// - Parameters:
  ///   - threshold: as the process' targets are.
  ///   - isBarrier: whether points that are more likely than three times out of four beyond it are
  ///     shunned, whatever they promise otherwise. Where all else is known to the last digit, a
  ///     product of improvement and probability would send trial after trial to where they fail.
  package init(_ process: GaussianProcess, atMost threshold: Double, isBarrier: Bool = false) {
    self.process = process
    self.threshold = threshold
    self.isBarrier = isBarrier
  }

  /// The quarter's quantile, and how steeply it is fenced in.
  private static let barrier = (z: -0.6744897501960817, slope: 30.0)

  /// The value at a standardized distance from the threshold, and its slope.
  private func value(_ z: Double) -> (value: Double, slope: Double) {
    let value = logNormalCDF(z)
    let hazard = exp(logNormalDensity(z) - value)
    guard isBarrier, z < Self.barrier.z else { return (value, hazard) }
    let depth = Self.barrier.z - z
    return (value - Self.barrier.slope * depth * depth, hazard + 2 * Self.barrier.slope * depth)
  }

  func values(at points: Matrix) -> [Double] {
    let (means, variances) = process.posterior(at: points)
    return zip(means, variances).map { value((threshold - $0) / $1.squareRoot()).value }
  }

  func value(at point: [Double], adding gradient: inout [Double]) -> Double {
    let look = process.look(at: point)
    let deviation = look.variance.squareRoot()
    let z = (threshold - dotProduct(look.covariances, process.weights)) / deviation
    let (value, slope) = value(z)
    // ∂z = −∂μ/σ − z ∂σ/σ.
    let inverse = process.factor.backSolve(look.solved)
    let weights = inverse.indices.map { index in
      slope * (z / look.variance * inverse[index] - process.weights[index] / deviation)
    }
    for (index, part) in process.gradient(at: look, weights: weights).enumerated() {
      gradient[index] += part
    }
    return value
  }
}
