// From the unit interval into a domain, and a domain's values counted.

import Glibc
import Numerics
import StudyModel

extension Distribution {
  /// The member at the quantile `u`, in 0 ..< 1, of the domain's own distribution: its prior
  /// where it has one, else uniform (over the logarithm where it is logarithmic). Every member of
  /// a countable domain has an equal share, but for those with a prior or a logarithm, whose share
  /// is that of the half steps around them.
  func internalValue(atQuantile u: Double) -> Double {
    switch self {
    case .categorical(let choices):
      return min((u * Double(choices.count)).rounded(.down), Double(choices.count - 1))
    case .integer(let domain):
      if domain.isLogarithmic || domain.prior != nil {
        let high = Double(domain.low + domain.stepCount * domain.step)
        return nearestMember(
          to: Self.value(
            atQuantile: u, from: Double(domain.low), to: high, half: Double(domain.step) / 2,
            domain.isLogarithmic, domain.prior))
      }
      let count = Double(domain.stepCount) + 1
      return member(at: Int(min((u * count).rounded(.down), count - 1)))
    case .float(let domain):
      if domain.isLogarithmic || domain.prior != nil {
        let high = domain.stepCount.map(domain.member) ?? domain.high
        return nearestMember(
          to: Self.value(
            atQuantile: u, from: domain.low, to: high, half: (domain.step ?? 0) / 2,
            domain.isLogarithmic, domain.prior))
      }
      if let count = domain.stepCount {
        return member(at: Int(min((u * Double(count + 1)).rounded(.down), Double(count))))
      }
      return nearestMember(to: domain.low * (1 - u) + domain.high * u)
    }
  }

  /// A quantile of what lies between half a step below `low` and half a step above `high`.
  private static func value(
    atQuantile u: Double, from low: Double, to high: Double, half: Double, _ isLogarithmic: Bool,
    _ prior: NormalPrior?
  ) -> Double {
    // Half of the least value is far enough towards zero.
    let first = isLogarithmic ? log(max(low - half, low / 2)) : low - half
    let last = isLogarithmic ? log(high + half) : high + half
    let x: Double
    if let prior {
      x =
        prior.mean + prior.deviation
        * truncatedNormalQuantile(
          u, from: (first - prior.mean) / prior.deviation,
          to: (last - prior.mean) / prior.deviation)
    } else {
      x = first + u * (last - first)
    }
    return isLogarithmic ? exp(x) : x
  }

  /// Member `index` of a countable domain, from 0.
  func member(at index: Int) -> Double {
    switch self {
    case .categorical: Double(index)
    case .integer(let domain): Double(domain.low + Int64(index) * domain.step)
    case .float(let domain): domain.member(index)
    }
  }

  /// The first member for what is no number.
  func nearestMember(to value: Double) -> Double {
    if value.isNaN { return nearestMember(to: -.infinity) }
    return switch self {
    case .categorical(let choices): min(max(value.rounded(), 0), Double(choices.count - 1))
    case .integer(let domain): Double(domain.nearest(to: value))
    case .float(let domain): domain.nearest(to: value)
    }
  }
}
