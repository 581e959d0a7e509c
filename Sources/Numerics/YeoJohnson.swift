// A power transformation for values of either sign.

import Glibc

/// Yeo & Johnson's transformation: a Box-Cox transformation of 1 + x where x ≥ 0, mirrored with
/// 2 − λ where not. Strictly increasing; λ = 1 changes nothing.
///
/// Source: Yeo & Johnson (2000), "A new family of power transformations to improve normality or
/// symmetry".
package struct YeoJohnson: Hashable, Sendable {
  /// The power.
  package var lambda: Double

  /// The transformation of this power.
  package init(lambda: Double) { self.lambda = lambda }

  /// The transformed value.
  package func apply(_ x: Double) -> Double {
    x >= 0 ? Self.power(log1p(x), lambda) : -Self.power(log1p(-x), 2 - lambda)
  }

  /// The value whose transformed one is `y`; ±∞ beyond what any value is transformed to.
  package func invert(_ y: Double) -> Double {
    y >= 0 ? Self.root(y, lambda) : -Self.root(-y, 2 - lambda)
  }

  /// ((1 + x)^p − 1)/p, given ln(1 + x).
  private static func power(_ logarithm: Double, _ p: Double) -> Double {
    p == 0 ? logarithm : expm1(p * logarithm) / p
  }

  private static func root(_ y: Double, _ p: Double) -> Double {
    if p == 0 { return expm1(y) }
    return p * y <= -1 ? .infinity : expm1(log1p(p * y) / p)
  }

  /// ln of the likelihood of λ, its mean and variance at their best: −n/2 ln s² + (λ − 1) Σ
  /// sign(x) ln(1 + |x|).
  package static func logLikelihood(of lambda: Double, _ values: [Double]) -> Double {
    let transform = YeoJohnson(lambda: lambda)
    let transformed = values.map(transform.apply)
    let count = Double(values.count)
    let mean = transformed.reduce(0, +) / count
    let variance = transformed.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let jacobian = values.reduce(0) { $0 + ($1 < 0 ? -log1p(-$1) : log1p($1)) }
    return -0.5 * count * log(variance) + (lambda - 1) * jacobian
  }

  /// The most likely power within `range` for `values` to be normal, by golden sections; λ = 1
  /// where the likelihood cannot be computed.
  package static func fit(_ values: [Double], in range: ClosedRange<Double>) -> YeoJohnson {
    let ratio = 0.618033988749894848
    var (low, high) = (range.lowerBound, range.upperBound)
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (fa, fb) = (logLikelihood(of: a, values), logLikelihood(of: b, values))
    while high - low > 1e-4 {
      guard fa.isFinite || fb.isFinite else { return YeoJohnson(lambda: 1) }
      if fb.isNaN || fa >= fb {
        (high, b, fb) = (b, a, fa)
        a = high - ratio * (high - low)
        fa = logLikelihood(of: a, values)
      } else {
        (low, a, fa) = (a, b, fb)
        b = low + ratio * (high - low)
        fb = logLikelihood(of: b, values)
      }
    }
    return YeoJohnson(lambda: 0.5 * (low + high))
  }
}
