// The normal distribution and what is cut out of it, accurate far into both tails.

import Glibc

private let logSqrtTwoPi = 0.918938533204672741780329736406

/// P(Z ≤ x) of a standard normal Z, to a few ulp relative in the left tail.
package func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }

/// ln of the standard normal density at `x`.
package func logNormalDensity(_ x: Double) -> Double { -0.5 * x * x - logSqrtTwoPi }

/// ln P(Z ≤ x), without underflow however far left.
package func logNormalCDF(_ x: Double) -> Double {
  if x > 0 { return log1p(-normalCDF(-x)) }
  if x > -20 { return log(normalCDF(x)) }
  if x == -.infinity { return -.infinity }
  // Mills' ratio by its continued fraction, 1/(t + 1/(t + 2/(t + 3/(t + …)))): from t = 20 on
  // a dozen terms are exact to the last bit.
  let t = -x
  var fraction = t
  for k in stride(from: 24.0, to: 0, by: -1) { fraction = t + k / fraction }
  return logNormalDensity(x) - log(fraction)
}

/// ln P(a ≤ Z ≤ b); −∞ where `a ≥ b`.
///
/// Works in the left tail, where differences are exact, by symmetry; narrow intervals by a
/// series about their middle, so that the mass of a small step in a wide kernel keeps its digits.
package func logNormalMass(_ a: Double, _ b: Double) -> Double {
  guard a < b else { return a.isNaN || b.isNaN ? .nan : -.infinity }
  let width = b - a
  let middle = 0.5 * (a + b)
  if width * max(1, abs(middle)) < 0.03 {
    // ∫φ = φ(m)·w·(1 + (m² − 1)w²/24 + (m⁴ − 6m² + 3)w⁴/1920 + …)
    let m2 = middle * middle
    let w2 = width * width
    let correction = w2 * ((m2 - 1) / 24 + w2 * (m2 * m2 - 6 * m2 + 3) / 1920)
    return logNormalDensity(middle) + log(width) + log1p(correction)
  }
  if b <= 0 { return logLeftMass(a, b) }
  if a >= 0 { return logLeftMass(-b, -a) }
  let outside = normalCDF(a) + normalCDF(-b)
  if outside < 0.5 { return log1p(-outside) }
  return log(0.5 * (erf(b * 0.5.squareRoot()) - erf(a * 0.5.squareRoot())))
}

private func logLeftMass(_ a: Double, _ b: Double) -> Double {
  let upper = logNormalCDF(b)
  return upper + log1p(-exp(logNormalCDF(a) - upper))
}

/// The x with P(Z ≤ x) = p; −∞ at 0, ∞ at 1, NaN outside.
///
/// Source: Wichura (1988), algorithm AS 241 (PPND16), relative accuracy about 1e-16.
package func normalQuantile(_ p: Double) -> Double {
  guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
  let q = p - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    return q * (polynomial(r, centralNumerator) / polynomial(r, centralDenominator))
  }
  var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
  let magnitude: Double
  if r <= 5 {
    r -= 1.6
    magnitude = polynomial(r, middleNumerator) / polynomial(r, middleDenominator)
  } else {
    r -= 5
    magnitude = polynomial(r, tailNumerator) / polynomial(r, tailDenominator)
  }
  return q < 0 ? -magnitude : magnitude
}

/// The x with ln P(Z ≤ x) = y, for y far below what a probability can hold.
package func normalQuantile(ofLog y: Double) -> Double {
  if y > -600 { return normalQuantile(exp(y)) }
  if y == -.infinity { return -.infinity }
  var x = -(-2 * (y + logSqrtTwoPi)).squareRoot()
  for _ in 0..<20 {
    let logCDF = logNormalCDF(x)
    let step = (logCDF - y) * exp(logCDF - logNormalDensity(x))
    x -= step
    if abs(step) < 1e-14 * abs(x) { break }
  }
  return x
}

/// The value below which the share `q` of a standard normal cut to `a ... b` lies.
package func truncatedNormalQuantile(_ q: Double, from a: Double, to b: Double) -> Double {
  if a > 0 { return -truncatedNormalQuantile(1 - q, from: -b, to: -a) }
  // What lies beyond nine deviations is less than a Double tells from nothing or all.
  if a < -9 && b > 9 && q > 0x1p-53 { return min(max(normalQuantile(q), a), b) }
  let lower = normalCDF(a)
  let p = lower + q * (normalCDF(b) - lower)
  let x: Double
  if p > 1e-280 {
    x = normalQuantile(p)
  } else {
    let logLower = logNormalCDF(a)
    let logPart = log(q) + logNormalMass(a, b)
    let top = max(logLower, logPart)
    x = normalQuantile(ofLog: top + log(exp(logLower - top) + exp(logPart - top)))
  }
  return min(max(x, a), b)
}

private typealias Coefficients = (
  Double, Double, Double, Double, Double, Double, Double, Double
)

private func polynomial(_ x: Double, _ c: Coefficients) -> Double {
  ((((((c.7 * x + c.6) * x + c.5) * x + c.4) * x + c.3) * x + c.2) * x + c.1) * x + c.0
}

private let centralNumerator: Coefficients = (
  3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
  3.3430575583588128105e4, 2.5090809287301226727e3
)
private let centralDenominator: Coefficients = (
  1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
  2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
  5.2264952788528545610e3
)
private let middleNumerator: Coefficients = (
  1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
  3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
  2.27238449892691845833e-2, 7.74545014278341407640e-4
)
private let middleDenominator: Coefficients = (
  1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
  1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
  1.05075007164441684324e-9
)
private let tailNumerator: Coefficients = (
  6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
  2.71155556874348757815e-5, 2.01033439929228813265e-7
)
private let tailDenominator: Coefficients = (
  1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
  7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
  2.04426310338993978564e-15
)
