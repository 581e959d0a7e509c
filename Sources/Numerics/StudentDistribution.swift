// Student's t distribution, for what is estimated from a few observations.

import Glibc

/// P(X ≤ x) of Student's t distribution with `degrees` of freedom, which need not be whole.
///
/// By the regularized incomplete beta function; relative accuracy about 1e-14 in the left tail.
///
/// - Precondition: `degrees` is positive.
package func studentCDF(_ x: Double, degrees: Double) -> Double {
  precondition(degrees > 0)
  if x.isNaN { return .nan }
  let square = x * x
  let share = square.isInfinite ? 0 : degrees / (degrees + square)
  let tail = 0.5 * regularizedBeta(share, 0.5 * degrees, 0.5)
  return x <= 0 ? tail : 1 - tail
}

/// The x with P(X ≤ x) = p; −∞ at 0, ∞ at 1, NaN outside.
///
/// By halving, to about 1e-12 relative: for what is shown, not for inner loops.
package func studentQuantile(_ p: Double, degrees: Double) -> Double {
  guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
  if p > 0.5 { return -studentQuantile(1 - p, degrees: degrees) }
  var (low, high) = (-1.0, 0.0)
  while studentCDF(low, degrees: degrees) > p, low > -1e300 { (low, high) = (2 * low, low) }
  for _ in 0..<80 {
    let middle = 0.5 * (low + high)
    if studentCDF(middle, degrees: degrees) > p { high = middle } else { low = middle }
  }
  return 0.5 * (low + high)
}

/// The regularized incomplete beta function Iₓ(a, b).
///
/// Source: its continued fraction (DLMF 8.17.22) by Lentz's method, on the side of the mean where
/// that converges quickly.
package func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - regularizedBeta(1 - x, b, a) }
  let front = exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x) - log(a))
  let tiny = 1e-300
  var c = 1.0
  var d = 1 / max(abs(1 - (a + b) * x / (a + 1)), tiny)
  if 1 - (a + b) * x / (a + 1) < 0 { d = -d }
  var fraction = d
  for step in 1...300 {
    let m = Double(step)
    for numerator in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
      -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      d = 1 + numerator * d
      if abs(d) < tiny { d = tiny }
      c = 1 + numerator / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      fraction *= c * d
    }
    if abs(c * d - 1) < 1e-16 { break }
  }
  return front * fraction
}

/// ln Γ(x) for x > 0, without the sign that C's function leaves in a global variable.
///
/// Source: Lanczos (1964) with g = 7 and nine terms, relative accuracy about 1e-15.
package func logGamma(_ x: Double) -> Double {
  if x < 0.5 { return log(.pi / sin(.pi * x)) - logGamma(1 - x) }
  let terms = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  var sum = 0.99999999999980993
  for (index, term) in terms.enumerated() { sum += term / (x + Double(index)) }
  let t = x + 6.5
  return 0.5 * log(2 * .pi) + (x - 0.5) * log(t) - t + log(sum)
}
