// How correlation falls with distance.

import Glibc

/// A stationary kernel, as a function of the squared scaled distance r².
package enum KernelFamily: UInt8, Hashable, Sendable, CaseIterable {
  /// (1 + √5 r + 5r²/3) e^(−√5 r): twice differentiable.
  case maternFiveHalves = 0
  /// (1 + √3 r) e^(−√3 r): once differentiable.
  case maternThreeHalves = 1
  /// e^(−r²/2): smooth without end.
  case squaredExponential = 2

  /// The correlation at a squared scaled distance, and the slope g for which
  /// ∂ρ/∂(r²) = −g/2: so ∂ρ/∂ln ℓ_j is g Δ_j²/ℓ_j².
  ///
  /// Source: Rasmussen & Williams (2006), section 4.2.
  func evaluate(_ squared: Double) -> (correlation: Double, slope: Double) {
    switch self {
    case .maternFiveHalves:
      let s = (5 * squared).squareRoot()
      let decay = exp(-s)
      return ((1 + s + s * s / 3) * decay, 5.0 / 3 * (1 + s) * decay)
    case .maternThreeHalves:
      let s = (3 * squared).squareRoot()
      let decay = exp(-s)
      return ((1 + s) * decay, 3 * decay)
    case .squaredExponential:
      let decay = exp(-0.5 * squared)
      return (decay, decay)
    }
  }
}
