// One parameter as a Parzen estimator sees it: on its logarithm where it is logarithmic, with
// half a step on each side where it is discrete.

import Glibc
import StudyModel

enum KernelDomain: Hashable, Sendable {
  /// `low`, `high` and `prior` are as the kernel sees them.
  case continuous(low: Double, high: Double, isLogarithmic: Bool, prior: NormalPrior?)
  /// `low`, `high` and `prior` are as the kernel sees them; `halfStep` as the parameter does.
  case discrete(
    low: Double, high: Double, halfStep: Double, isLogarithmic: Bool, prior: NormalPrior?)
  case categorical(count: Int)

  /// Choices that have an order are whole numbers, by their places.
  init(_ distribution: Distribution) {
    switch distribution {
    case .categorical(let choices):
      if choices.isOrdered {
        self.init(low: 0, high: Double(choices.count - 1), step: 1, false, nil)
      } else {
        self = .categorical(count: choices.count)
      }
    case .integer(let domain):
      let low = Double(domain.low)
      let high = Double(domain.low + domain.stepCount * domain.step)
      self.init(
        low: low, high: high, step: Double(domain.step), domain.isLogarithmic, domain.prior)
    case .float(let domain):
      if let step = domain.step, let count = domain.stepCount {
        self.init(
          low: domain.low, high: domain.member(count), step: step, domain.isLogarithmic,
          domain.prior)
      } else {
        let isLogarithmic = domain.isLogarithmic
        self = .continuous(
          low: isLogarithmic ? log(domain.low) : domain.low,
          high: isLogarithmic ? log(domain.high) : domain.high, isLogarithmic: isLogarithmic,
          prior: domain.prior)
      }
    }
  }

  private init(
    low: Double, high: Double, step: Double, _ isLogarithmic: Bool, _ prior: NormalPrior?
  ) {
    let half = step / 2
    self = .discrete(
      low: isLogarithmic ? log(max(low - half, low / 2)) : low - half,
      high: isLogarithmic ? log(high + half) : high + half, halfStep: half,
      isLogarithmic: isLogarithmic, prior: prior)
  }

  /// The ends of what the kernels are cut to; nil for categories.
  var bounds: (low: Double, high: Double)? {
    switch self {
    case .continuous(let low, let high, _, _), .discrete(let low, let high, _, _, _): (low, high)
    case .categorical: nil
    }
  }

  /// The normal distribution over which the domain's own is cut: its prior, else one as wide as
  /// the domain around its middle.
  var priorKernel: (center: Double, deviation: Double) {
    let (low, high) = bounds ?? (0, 0)
    return prior.map { ($0.mean, $0.deviation) } ?? (0.5 * (low + high), high - low)
  }

  private var prior: NormalPrior? {
    switch self {
    case .continuous(_, _, _, let prior), .discrete(_, _, _, _, let prior): prior
    case .categorical: nil
    }
  }

  var isLogarithmic: Bool {
    switch self {
    case .continuous(_, _, let isLogarithmic, _), .discrete(_, _, _, let isLogarithmic, _):
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
    guard case .discrete(_, _, let half, let isLogarithmic, _) = self else {
      let x = coordinate(value)
      return (x, x)
    }
    return isLogarithmic
      ? (log(max(value - half, value / 2)), log(value + half)) : (value - half, value + half)
  }
}
