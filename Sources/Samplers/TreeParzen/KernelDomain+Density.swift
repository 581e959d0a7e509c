// What a kernel contributes along one domain.

import Glibc
import Numerics

extension KernelDomain {
  /// What of a kernel's log density along the domain does not depend on the point: how high a
  /// normal of its width is, and what is gained by cutting it to the domain. The mass of a
  /// discrete kernel's step is not in it, and nothing of categories.
  func kernelOffset(center: Double, deviation: Double) -> Double {
    guard let bounds else { return 0 }
    let inside = Self.logMassInside(
      (bounds.low - center) / deviation, (bounds.high - center) / deviation)
    if case .continuous = self { return logNormalDensity(0) - log(deviation) - inside }
    return -inside
  }

  /// ln of the mass that a kernel keeps when it is cut. Nine deviations out it has lost nothing
  /// that a Double could tell. (A kernel may stand outside a domain that was narrowed since.)
  private static func logMassInside(_ low: Double, _ high: Double) -> Double {
    if low < -9 && high > -1 { return high > 9 ? 0 : logNormalCDF(high) }
    return low < 1 && high > 9 ? logNormalCDF(-low) : logNormalMass(low, high)
  }

  /// ln of the prior's density at a parameter's value.
  func logPrior(at value: Double) -> Double {
    if case .categorical(let count) = self { return -log(Double(count)) }
    let (center, deviation) = priorKernel
    return logNormal(at: value, center: center, deviation: deviation)
  }

  /// ln of the density, or of the mass of its step, that a normal cut to the domain has at a
  /// parameter's value.
  func logNormal(at value: Double, center: Double, deviation: Double) -> Double {
    let offset = kernelOffset(center: center, deviation: deviation)
    if case .continuous = self {
      let z = (coordinate(value) - center) / deviation
      return offset - 0.5 * z * z
    }
    return offset + logStepMass(at: value, center: center, deviation: deviation)
  }

  /// ln of the mass that a normal, before it is cut, has over the step of `value`.
  func logStepMass(at value: Double, center: Double, deviation: Double) -> Double {
    let step = interval(of: value)
    return logNormalMass((step.low - center) / deviation, (step.high - center) / deviation)
  }
}

extension ParzenEstimator {
  /// ln of kernel `kernel`'s density along domain `index` at a parameter's value.
  func logKernel(_ kernel: Int, _ index: Int, at value: Double) -> Double {
    if kernel == observationCount { return domains[index].logPrior(at: value) }
    if case .categorical(let count) = domains[index] {
      let share = categoryPrior + (centers[index][kernel] == value ? 1 : 0)
      return log(share) - log1p(categoryPrior * Double(count))
    }
    return domains[index].logNormal(
      at: value, center: centers[index][kernel], deviation: deviations[index][kernel])
  }
}
