// One parameter's values as numbers that a Gaussian process compares.

import GaussianProcess
import Glibc
import Numerics
import StudyModel

/// Places of an ordered domain's values between 0 and 1, equally likely stretches of it equally
/// long: over the logarithm where it is logarithmic, by quantiles of its prior where it has one.
/// The values of a countable domain lie in the middles of their shares. Categories are their
/// indices.
struct EncodedAxis: Sendable {
  let distribution: Distribution
  /// How many values there are; nil: a continuum.
  let count: Int?
  private let scale: Scale

  private enum Scale: Sendable {
    case index
    /// Place (k + ½)/count for value k.
    case steps
    case line(first: Double, last: Double, isLogarithmic: Bool)
    /// By the probability below, of a normal distribution cut to what lies between.
    case normal(NormalPrior, first: Double, last: Double, isLogarithmic: Bool)
  }

  init(_ distribution: Distribution) {
    self.distribution = distribution
    count = distribution.cardinality
    switch distribution {
    case .categorical(let choices): scale = choices.isOrdered ? .steps : .index
    case .integer(let domain):
      let high = Double(domain.low + domain.stepCount * domain.step)
      scale = Self.scale(
        Double(domain.low), high, step: Double(domain.step), domain.isLogarithmic, domain.prior)
    case .float(let domain):
      scale = Self.scale(
        domain.low, domain.stepCount.map(domain.member) ?? domain.high, step: domain.step,
        domain.isLogarithmic, domain.prior)
    }
  }

  private static func scale(
    _ low: Double, _ high: Double, step: Double?, _ isLogarithmic: Bool, _ prior: NormalPrior?
  ) -> Scale {
    if !isLogarithmic && prior == nil && step != nil { return .steps }
    let half = (step ?? 0) / 2
    let first = isLogarithmic ? log(max(low - half, low / 2)) : low - half
    let last = isLogarithmic ? log(high + half) : high + half
    return prior.map { .normal($0, first: first, last: last, isLogarithmic: isLogarithmic) }
      ?? .line(first: first, last: last, isLogarithmic: isLogarithmic)
  }

  var isCategory: Bool {
    if case .index = scale { return true }
    return false
  }

  /// The number of a value as it is kept; NaN for what is none of the domain's kind. What lies
  /// outside the domain (it was narrowed) lies outside 0 to 1, though not far.
  func encode(_ value: Double) -> Double {
    if value.isNaN { return .nan }
    switch scale {
    case .index: return value
    case .steps: return (Double(position(of: value)) + 0.5) / Double(count ?? 1)
    case .line(let first, let last, let isLogarithmic):
      if isLogarithmic && value <= 0 { return .nan }
      let x = isLogarithmic ? log(value) : value
      // Halves, lest the difference of the largest numbers overflow.
      return min(max((x / 2 - first / 2) / (last / 2 - first / 2), -0.5), 1.5)
    case .normal(let prior, let first, let last, let isLogarithmic):
      if isLogarithmic && value <= 0 { return .nan }
      let x = min(max(isLogarithmic ? log(value) : value, first), last)
      let low = (first - prior.mean) / prior.deviation
      let whole = logNormalMass(low, (last - prior.mean) / prior.deviation)
      return exp(logNormalMass(low, (x - prior.mean) / prior.deviation) - whole)
    }
  }

  private func position(of value: Double) -> Int {
    distribution.place(nearest: value)
  }

  /// The value nearest to what a number stands for.
  func decode(_ number: Double) -> Double {
    if case .index = scale { return distribution.nearestMember(to: number) }
    if case .float(let domain) = distribution, count == nil {
      if number <= 0 { return domain.low }
      if number >= 1 { return domain.high }
    }
    return distribution.internalValue(atQuantile: min(max(number, 0), 1 - 0x1p-53))
  }

  /// Other numbers of a countable domain: all where there are at most `few`, else those one, two,
  /// four … values away.
  func alternatives(to number: Double, few: Int = 32) -> [Double] {
    guard let count else { return [] }
    let place = distribution.place(nearest: decode(number))
    var places: [Int] = []
    if count <= few || isCategory {
      places = (0..<count).filter { $0 != place }
    } else {
      var distance = 1
      while distance < count {
        if place - distance >= 0 { places.append(place - distance) }
        if place + distance < count { places.append(place + distance) }
        distance *= 2
      }
    }
    return places.map { encode(distribution.member(at: $0)) }
  }
}
