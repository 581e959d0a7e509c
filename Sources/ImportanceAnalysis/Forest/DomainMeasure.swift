// How much of a domain lies below a value. An analysis of variance integrates over the search
// space, and this is the measure it does so by: the distribution from which a random search would
// draw.

import Glibc
import Numerics
import StudyModel

/// The cumulative distribution of a domain whose values have an order: uniform (over the logarithm
/// where it is logarithmic) unless it has a prior. A member of a countable domain has the share of
/// the half steps around it.
struct DomainMeasure {
  /// The ends, on the logarithm where that counts; half a step further out when countable.
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool
  private let prior: NormalPrior?
  private let steps: Steps?

  /// Members `first + k·size` for k in 0 ... `count`.
  private struct Steps {
    let first: Double
    let size: Double
    let last: Double

    /// Where the member next to `value` ends and the next one begins.
    func upperEdge(_ k: Double) -> Double { first + (min(max(k, 0), last) + 0.5) * size }
    func place(_ value: Double) -> Double { ((value - first) / size).rounded() }
  }

  /// Nil for choices without an order.
  init?(_ distribution: Distribution) {
    switch distribution {
    case .categorical(let choices):
      guard choices.isOrdered else { return nil }
      self.init(
        Steps(first: 0, size: 1, last: Double(choices.count - 1)), isLogarithmic: false, prior: nil)
    case .integer(let domain):
      self.init(
        Steps(
          first: Double(domain.low), size: Double(domain.step), last: Double(domain.stepCount)),
        isLogarithmic: domain.isLogarithmic, prior: domain.prior)
    case .float(let domain):
      if let step = domain.step, let count = domain.stepCount {
        self.init(
          Steps(first: domain.low, size: step, last: Double(count)),
          isLogarithmic: domain.isLogarithmic, prior: domain.prior)
      } else {
        self.init(
          low: domain.low, high: domain.high, isLogarithmic: domain.isLogarithmic,
          prior: domain.prior, steps: nil)
      }
    }
  }

  private init(_ steps: Steps, isLogarithmic: Bool, prior: NormalPrior?) {
    let half = steps.size / 2
    // Half of the least value is far enough towards zero.
    let low = isLogarithmic ? max(steps.first - half, steps.first / 2) : steps.first - half
    self.init(
      low: low, high: steps.first + steps.last * steps.size + half, isLogarithmic: isLogarithmic,
      prior: prior, steps: steps)
  }

  private init(
    low: Double, high: Double, isLogarithmic: Bool, prior: NormalPrior?, steps: Steps?
  ) {
    self.low = isLogarithmic ? log(low) : low
    self.high = isLogarithmic ? log(high) : high
    self.isLogarithmic = isLogarithmic
    self.prior = prior
    self.steps = steps
  }

  /// The share of the domain below `value`, from 0 to 1.
  func share(below value: Double) -> Double {
    let x = isLogarithmic ? (value > 0 ? log(value) : -.infinity) : value
    if x <= low { return 0 }
    if x >= high { return 1 }
    guard let prior else {
      // Half of each, lest the difference overflows.
      return (x / 2 - low / 2) / (high / 2 - low / 2)
    }
    let start = (low - prior.mean) / prior.deviation
    let all = logNormalMass(start, (high - prior.mean) / prior.deviation)
    let part = logNormalMass(start, (x - prior.mean) / prior.deviation)
    return all == -.infinity ? 0.5 : min(1, exp(part - all))
  }

  /// The share below the middle between two observed values, `a < b`: in the middle of their
  /// shares, or where a member ends.
  func shareBetween(_ a: Double, _ b: Double) -> Double {
    guard let steps else { return 0.5 * (share(below: a) + share(below: b)) }
    let (first, second) = (steps.place(a), steps.place(b))
    if second <= 0 { return 0 }
    if first >= steps.last { return 1 }
    return share(below: steps.upperEdge(((first + second) / 2).rounded(.down)))
  }
}
