// How well hyperparameters explain what was observed.

import Glibc
import Numerics

/// −ln of the marginal likelihood of some observations, and its gradient.
///
/// Keeps the squared distance of each pair of points in each dimension, so that all scaled
/// distances are one product of a matrix with a vector, and the gradient over all lengthscales is
/// another.
struct MarginalLikelihood {
  private let targets: [Double]
  /// One row a pair (0, 1), (0, 2), (1, 2), (0, 3), …, one column a dimension.
  private let distances: Matrix

  /// - Parameters:
  ///   - points: `n × d`, as ``InputDimension`` has them.
  ///   - targets: `n` values.
  init(_ points: Matrix, _ targets: [Double], _ dimensions: [InputDimension]) {
    precondition(points.rows == targets.count && points.columns == dimensions.count)
    self.targets = targets
    let (n, d) = (points.rows, points.columns)
    var elements: [Double] = []
    elements.reserveCapacity(n * (n - 1) / 2 * d)
    let isPlain = dimensions.allSatisfy(\.isPlain)
    for a in 0..<n {
      for b in 0..<a {
        if isPlain {
          for j in 0..<d {
            let difference = points.elements[a * d + j] - points.elements[b * d + j]
            elements.append(difference * difference)
          }
        } else {
          for j in 0..<d {
            elements.append(dimensions[j].squaredDistance(points[a, j], points[b, j]))
          }
        }
      }
    }
    distances = Matrix(rows: n * max(0, n - 1) / 2, columns: d, elements: elements)
  }

  /// ½ yᵀK⁻¹y + ½ ln det K; adds its gradient over ln ℓ…, ln σ_f², ln σ_n². Infinite where K is
  /// not positive definite.
  ///
  /// - Complexity: O(n³ + n² d).
  ///
  /// Source: Rasmussen & Williams (2006), equations 5.8 and 5.9.
  func value(
    _ vector: [Double], family: KernelFamily, adding gradient: inout [Double]
  ) -> Double {
    let (n, d) = (targets.count, distances.columns)
    let weights = vector[..<d].map { exp(-2 * $0) }
    let (signal, noise) = (exp(vector[d]), exp(vector[d + 1]))
    let squared = distances.times(weights)
    var slopes = squared
    var covariance = Matrix(rows: n, columns: n)
    family.fill(
      &covariance.elements, &slopes, count: n, signal: signal, diagonal: signal + noise)
    let factor: Cholesky
    do { factor = try Cholesky(covariance) } catch { return .infinity }
    let half = factor.halfSolve(targets)
    let alpha = factor.backSolve(half)
    let inverse = factor.lowerInverse()
    var trace = 0.0
    for a in 0..<n { trace += alpha[a] * alpha[a] - inverse[a, a] }
    // W = αα^T − K⁻¹; by pairs, W times the slope.
    let signalPart = Self.weigh(
      &slopes, covariance.elements, inverse.elements, alpha)
    let lengthGradient = distances.transposedTimes(slopes)
    for j in 0..<d { gradient[j] -= signal * weights[j] * lengthGradient[j] }
    gradient[d] -= 0.5 * signal * trace + signalPart
    gradient[d + 1] -= 0.5 * noise * trace
    return 0.5 * dotProduct(half, half) + 0.5 * factor.logDeterminant
  }

  /// Multiplies each pair's slope by its element of W; returns Σ W k over pairs.
  private static func weigh(
    _ slopes: inout [Double], _ covariance: [Double], _ inverse: [Double], _ alpha: [Double]
  ) -> Double {
    let n = alpha.count
    var sum = 0.0
    var pair = 0
    for a in 0..<n {
      let own = alpha[a]
      for b in 0..<a {
        let weight = own * alpha[b] - inverse[a * n + b]
        sum += weight * covariance[a * n + b]
        slopes[pair] *= weight
        pair += 1
      }
    }
    return sum
  }
}

extension KernelFamily {
  /// Fills the lower triangle of a covariance matrix from the squared distances in `slopes`, by
  /// pairs, and puts the slopes in their place.
  fileprivate func fill(
    _ covariance: inout [Double], _ slopes: inout [Double], count n: Int, signal: Double,
    diagonal: Double
  ) {
    var pair = 0
    for a in 0..<n {
      for b in 0..<a {
        let (correlation, slope) = evaluate(slopes[pair])
        covariance[a * n + b] = signal * correlation
        slopes[pair] = slope
        pair += 1
      }
      covariance[a * n + a] = diagonal
    }
  }
}
