// The domain of one parameter, and how its values are kept: as one Double each, so that a
// column of any parameter is an array of Double. Floats and integers are themselves (integers
// within ±2^53), a category is the index of its choice. Optuna keeps its parameters the same
// way, so nothing is lost between the two.

public import PlainText

/// The set a parameter is drawn from.
public enum Distribution: Hashable, Sendable, Codable {
  case float(FloatDomain)
  case integer(IntegerDomain)
  /// A value is kept as the index of its choice.
  case categorical(ChoiceDomain)
}

/// Real numbers from `low` to `high`, both included.
public struct FloatDomain: Hashable, Sendable, Encodable {
  /// The smallest value.
  public let low: Double
  /// The largest value, included.
  public let high: Double
  /// Whether equal ratios, not equal differences, are equally far apart.
  public let isLogarithmic: Bool
  /// Only `low + k·step`, k = 0, 1, …, when given; on a logarithmic domain too, where it says
  /// which values there are and not how far apart they seem.
  public let step: Double?
  /// Where values are likely; nil: everywhere alike.
  public let prior: NormalPrior?

  /// - Throws: ``DomainError`` when the bounds are not finite or crossed, a logarithmic domain
  ///   reaches zero, or a step is not positive.
  public init(
    low: Double, high: Double, isLogarithmic: Bool = false, step: Double? = nil,
    prior: NormalPrior? = nil
  ) throws(DomainError) {
    guard low.isFinite, high.isFinite else { throw .notFinite }
    guard low <= high else { throw .crossed(low: low.description, high: high.description) }
    if isLogarithmic && low <= 0 { throw .logarithmOfZero(low: low.description) }
    if let step {
      guard step.isFinite, step > 0 else { throw .badStep(step.description) }
    }
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
    self.step = step
    self.prior = prior
  }

  /// The largest k for which `low + k·step` is inside; nil without a step.
  ///
  /// The quotient is rounded before it is floored: 0.3 / 0.1 is 2.9999999999999996, and people
  /// who write `0..0.3:step=0.1` mean four values.
  public var stepCount: Int? {
    guard let step else { return nil }
    let quotient = (high - low) / step
    let nearest = quotient.rounded()
    let count = abs(quotient - nearest) < 1e-8 * max(1, nearest) ? nearest : quotient.rounded(.down)
    return count < Double(1 << 53) ? Int(count) : nil
  }

  /// The member nearest to `value`.
  public func nearest(to value: Double) -> Double {
    let clamped = min(max(value, low), high)
    guard let step, let count = stepCount else { return clamped }
    return member(Int(min(((clamped - low) / step).rounded(), Double(count))))
  }

  /// `low + k·step` as people write it, 0.3 and not 0.30000000000000004: the number nearest to
  /// the sum of the two decimals. `low` when there is no step.
  public func member(_ k: Int) -> Double {
    step.map { min(Self.decimalSum(low, Double(k), times: $0), high) } ?? low
  }

  static func decimalSum(_ low: Double, _ k: Double, times step: Double) -> Double {
    // Two whole numbers below 2^53 and a power of ten up to 10^15 are exact, so their quotient
    // is the double nearest to the decimal.
    var scale = 1.0
    for _ in 0...15 {
      let lowUnits = (low * scale).rounded()
      let stepUnits = (step * scale).rounded()
      let units = lowUnits + k * stepUnits
      if max(abs(lowUnits), stepUnits, abs(units)) >= 0x1p53 { break }
      if lowUnits / scale == low && stepUnits / scale == step { return units / scale }
      scale *= 10
    }
    return low + k * step
  }
}

/// Whole numbers `low`, `low + step`, … up to `high`.
public struct IntegerDomain: Hashable, Sendable, Encodable {
  /// The smallest value.
  public let low: Int64
  /// The largest value, included.
  public let high: Int64
  /// Whether equal ratios, not equal differences, are equally far apart.
  public let isLogarithmic: Bool
  /// Only `low + k·step`, k = 0, 1, …; at least 1.
  public let step: Int64
  /// Where values are likely; nil: everywhere alike.
  public let prior: NormalPrior?

  /// - Throws: ``DomainError`` when the bounds are crossed or beyond ±2^53, a logarithmic domain
  ///   reaches below one, or a step is not positive.
  public init(
    low: Int64, high: Int64, isLogarithmic: Bool = false, step: Int64 = 1,
    prior: NormalPrior? = nil
  ) throws(DomainError) {
    let limit = Int64(1) << 53
    guard low >= -limit, high <= limit else { throw .integerTooLarge }
    guard low <= high else { throw .crossed(low: String(low), high: String(high)) }
    if isLogarithmic && low < 1 { throw .logarithmOfZero(low: String(low)) }
    guard step > 0 else { throw .badStep(String(step)) }
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
    self.step = step
    self.prior = prior
  }

  /// The largest k for which `low + k·step` is inside.
  public var stepCount: Int64 { (high - low) / step }

  /// The member nearest to `value`.
  public func nearest(to value: Double) -> Int64 {
    let clamped = min(max(value, Double(low)), Double(high))
    let k = ((clamped - Double(low)) / Double(step)).rounded()
    return low + min(Int64(k), stepCount) * step
  }
}

/// Why a domain was refused.
public enum DomainError: ExplainedError, Hashable {
  case notFinite
  case crossed(low: String, high: String)
  case logarithmOfZero(low: String)
  case badStep(String)
  case integerTooLarge
  case badDeviation(String)
  case noChoices
  case repeatedChoice(String)
  /// Two ways to write one number.
  case sameNumber(String, String)

  public var explanation: Explanation { Explanation(fact, kind: .wrongUsage) }

  private var fact: String {
    switch self {
    case .notFinite: "the bounds must be finite numbers"
    case .crossed(let low, let high): "the lower bound \(low) is above the upper bound \(high)"
    case .logarithmOfZero(let low): "a logarithmic domain must begin above zero, not at \(low)"
    case .badStep(let step): "the step must be positive, not \(step)"
    case .integerTooLarge: "whole numbers beyond ±2^53 cannot be kept exactly"
    case .badDeviation(let deviation):
      "a standard deviation must be a positive number, not \(deviation)"
    case .noChoices: "a choice needs at least one value"
    case .repeatedChoice(let choice): "the choice \(choice) stands there twice"
    case .sameNumber(let one, let other):
      "\(one) and \(other) are one number; in quotes they are two texts"
    }
  }
}

extension Distribution {
  /// How many values there are; nil when uncountable (or beyond Int).
  public var cardinality: Int? {
    switch self {
    case .float(let domain):
      domain.low == domain.high ? 1 : domain.stepCount.map { $0 + 1 }
    case .integer(let domain): Int(domain.stepCount) + 1
    case .categorical(let choices): choices.count
    }
  }

  /// The value that the stored number `internalValue` stands for; nil when it stands for none
  /// (an index without a choice, a fraction of an integer).
  public func value(of internalValue: Double) -> ParameterValue? {
    switch self {
    case .float: return .float(internalValue)
    case .integer: return Int64(exactly: internalValue).map { .integer($0) }
    case .categorical(let choices):
      guard let index = Int(exactly: internalValue), choices.indices.contains(index) else {
        return nil
      }
      return choices[index]
    }
  }

  /// The number by which `value` is kept; nil when this kind of parameter cannot hold it.
  /// A number out of range is kept all the same: ranges may have changed since. One that is a
  /// step's but for rounding (0.1 + 0.2) is kept as that.
  public func internalValue(of value: ParameterValue) -> Double? {
    switch self {
    case .float(let domain):
      guard let number = value.number, let step = domain.step else { return value.number }
      let member = domain.nearest(to: number)
      return abs(member - number) < 1e-9 * step ? member : number
    case .integer:
      guard let number = value.number, number.rounded() == number, abs(number) <= 0x1p53 else {
        return nil
      }
      return number
    case .categorical(let choices):
      guard let index = choices.firstIndex(of: value) ?? choices.firstIndex(where: value.means)
      else { return nil }
      return Double(index)
    }
  }

  /// Whether `internalValue` is a member.
  public func contains(_ internalValue: Double) -> Bool {
    switch self {
    case .float(let domain):
      guard internalValue >= domain.low, internalValue <= domain.high else { return false }
      guard let step = domain.step else { return true }
      let k = (internalValue - domain.low) / step
      return abs(k - k.rounded()) < 1e-8 * max(1, abs(k))
    case .integer(let domain):
      guard let value = Int64(exactly: internalValue) else { return false }
      return value >= domain.low && value <= domain.high && (value - domain.low) % domain.step == 0
    case .categorical(let choices):
      guard let index = Int(exactly: internalValue) else { return false }
      return choices.indices.contains(index)
    }
  }

  /// How `internalValue` is handed to a script: as it was typed where that is known, else as
  /// ``ParameterValue/description``.
  public func text(of internalValue: Double) -> String {
    if case .categorical(let choices) = self, let index = Int(exactly: internalValue),
      choices.indices.contains(index)
    {
      return choices.text(at: index)
    }
    return (value(of: internalValue) ?? .float(internalValue)).description
  }

  /// Whether values of `self` and `other` may stand in one study under one name, as Optuna
  /// rules it: the same kind, the same scale, and for categories the same choices in the same
  /// order. Ranges, steps and priors may differ.
  public func isCompatible(with other: Distribution) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.isLogarithmic == b.isLogarithmic
    case (.integer(let a), .integer(let b)): a.isLogarithmic == b.isLogarithmic
    case (.categorical(let a), .categorical(let b)): a.values == b.values
    default: false
    }
  }
}

// Decoding asks the initializers, as everybody else does: what is stored may have been written
// by anyone.

extension FloatDomain: Decodable {
  private enum CodingKeys: String, CodingKey { case low, high, isLogarithmic, step, prior }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      low: try fields.decode(Double.self, forKey: .low),
      high: try fields.decode(Double.self, forKey: .high),
      isLogarithmic: try fields.decodeIfPresent(Bool.self, forKey: .isLogarithmic) ?? false,
      step: try fields.decodeIfPresent(Double.self, forKey: .step),
      prior: try fields.decodeIfPresent(NormalPrior.self, forKey: .prior))
  }
}

extension IntegerDomain: Decodable {
  private enum CodingKeys: String, CodingKey { case low, high, isLogarithmic, step, prior }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      low: try fields.decode(Int64.self, forKey: .low),
      high: try fields.decode(Int64.self, forKey: .high),
      isLogarithmic: try fields.decodeIfPresent(Bool.self, forKey: .isLogarithmic) ?? false,
      step: try fields.decodeIfPresent(Int64.self, forKey: .step) ?? 1,
      prior: try fields.decodeIfPresent(NormalPrior.self, forKey: .prior))
  }
}
