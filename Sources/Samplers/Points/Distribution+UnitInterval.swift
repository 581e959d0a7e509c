// From the unit interval into a domain, and a domain's values counted.

import Glibc
import StudyModel

extension Distribution {
  /// The member at the quantile `u`, in 0 ..< 1, of the uniform distribution over this domain
  /// (over its logarithm where it is logarithmic). Every member of a countable domain has an
  /// equal share, but for the logarithmic integers, whose share is that of the half steps
  /// around them.
  func internalValue(atQuantile u: Double) -> Double {
    switch self {
    case .categorical(let choices):
      return min((u * Double(choices.count)).rounded(.down), Double(choices.count - 1))
    case .integer(let domain):
      if domain.isLogarithmic {
        let low = log(Double(domain.low) - 0.5)
        let high = log(Double(domain.high) + 0.5)
        return nearestMember(to: exp(low + u * (high - low)))
      }
      let count = Double(domain.stepCount) + 1
      return member(at: Int(min((u * count).rounded(.down), count - 1)))
    case .float(let domain):
      if let count = domain.stepCount {
        return member(at: Int(min((u * Double(count + 1)).rounded(.down), Double(count))))
      }
      if domain.isLogarithmic {
        let low = log(domain.low)
        return nearestMember(to: exp(low + u * (log(domain.high) - low)))
      }
      return nearestMember(to: domain.low * (1 - u) + domain.high * u)
    }
  }

  /// Member `index` of a countable domain, from 0.
  func member(at index: Int) -> Double {
    switch self {
    case .categorical: Double(index)
    case .integer(let domain): Double(domain.low + Int64(index) * domain.step)
    case .float(let domain):
      domain.step.map { min(domain.low + Double(index) * $0, domain.high) } ?? domain.low
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
