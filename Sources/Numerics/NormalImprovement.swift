// By how much a normal variable is expected to stay below a threshold, in logarithms that never
// underflow.

import Glibc

private let logSqrtHalfPi = 0.225791352644727432363097614947

/// ln(1 − e^x) for x < 0, without cancellation; −∞ at 0.
///
/// Source: Mächler (2012), "Accurately computing log(1 − exp(−|a|))".
package func log1mexp(_ x: Double) -> Double {
  x > -0.693147180559945309417 ? log(-expm1(x)) : log1p(-exp(x))
}

/// The scaled complementary error function, e^(x²) erfc(x).
package func erfcx(_ x: Double) -> Double {
  if x < 5 { return exp(x * x) * erfc(x) }
  if x == .infinity { return 0 }
  // erfcx(x) √π = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))): from 5 on, 16 terms are exact to the bit.
  var fraction = x
  for k in stride(from: 8.0, to: 0, by: -0.5) { fraction = x + k / fraction }
  return 0.564189583547756286948 / fraction
}

/// ln h(z) with h(z) = φ(z) + z Φ(z): the expected improvement of a standard normal variable on a
/// threshold z above its mean. Below −50 by the asymptotic series of h(z) z²/φ(z).
///
/// Source: Ament et al. (2023), "Unexpected improvements to expected improvement for Bayesian
/// optimization", equation 9.
package func logExpectedImprovement(_ z: Double) -> Double {
  if z > -1 { return log(exp(logNormalDensity(z)) + z * normalCDF(z)) }
  let t = -z
  if z > -50 {
    return logNormalDensity(z) + log1mexp(log(erfcx(t * 0.5.squareRoot()) * t) + logSqrtHalfPi)
  }
  let u = 1 / (t * t)
  let series = u * (-3 + u * (15 + u * (-105 + u * (945 - u * 10395))))
  return logNormalDensity(z) - 2 * log(t) + log1p(series)
}
