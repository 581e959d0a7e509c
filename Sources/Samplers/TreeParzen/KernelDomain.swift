// One parameter as a Parzen estimator sees it: on its logarithm where it is logarithmic, with
// half a step on each side where it is discrete.

import Glibc
import StudyModel

enum KernelDomain: Hashable, Sendable {
  /// `low` and `high` are as the kernel sees them.
  case continuous(low: Double, high: Double, isLogarithmic: Bool)
  /// `low` and `high` are as the kernel sees them; `halfStep` as the parameter does.
  case discrete(low: Double, high: Double, halfStep: Double, isLogarithmic: Bool)
  case categorical(count: Int)

  init(_ distribution: Distribution) {
    switch distribution {
    case .categorical(let choices): self = .categorical(count: choices.count)
    case .integer(let domain):
      let low = Double(domain.low)
      let high = Double(domain.low + domain.stepCount * domain.step)
      self.init(low: low, high: high, step: Double(domain.step), domain.isLogarithmic)
    case .float(let domain):
      if let step = domain.step, let count = domain.stepCount {
        self.init(
          low: domain.low, high: domain.member(count), step: step, domain.isLogarithmic)
      } else if domain.isLogarithmic {
        self = .continuous(low: log(domain.low), high: log(domain.high), isLogarithmic: true)
      } else {
        self = .continuous(low: domain.low, high: domain.high, isLogarithmic: false)
      }
    }
  }

  private init(low: Double, high: Double, step: Double, _ isLogarithmic: Bool) {
    let half = step / 2
    self = .discrete(
      low: isLogarithmic ? log(max(low - half, low / 2)) : low - half,
      high: isLogarithmic ? log(high + half) : high + half, halfStep: half,
      isLogarithmic: isLogarithmic)
  }

  /// The ends of what the kernels are cut to; nil for categories.
  var bounds: (low: Double, high: Double)? {
    switch self {
    case .continuous(let low, let high, _), .discrete(let low, let high, _, _): (low, high)
    case .categorical: nil
    }
  }

  var isLogarithmic: Bool {
    switch self {
    case .continuous(_, _, let isLogarithmic), .discrete(_, _, _, let isLogarithmic):
      isLogarithmic
    case .categorical: false
    }
  }

  /// A parameter's value as the kernel sees it; NaN where it cannot.
  func coordinate(_ value: Double) -> Double {
    guard isLogarithmic else { return value }
    return value > 0 ? log(value) : .nan
  }

  /// The stretch of the kernel's axis that stands for the parameter's `value`; of length zero
  /// where it is continuous.
  func interval(of value: Double) -> (low: Double, high: Double) {
    guard case .discrete(_, _, let half, let isLogarithmic) = self else {
      let x = coordinate(value)
      return (x, x)
    }
    return isLogarithmic
      ? (log(max(value - half, value / 2)), log(value + half)) : (value - half, value + half)
  }
}
