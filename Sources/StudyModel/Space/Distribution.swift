// The domain of one parameter, and how its values are kept: as one Double each, so that a
// column of any parameter is an array of Double. Floats and integers are themselves (integers
// within ±2^53), a category is the index of its choice. Optuna keeps its parameters the same
// way, so nothing is lost between the two.

public import PlainText

/// The set a parameter is drawn from.
public enum Distribution: Hashable, Sendable {
  case float(FloatDomain)
  case integer(IntegerDomain)
  /// The choices in their order; a value is kept as the index of its choice.
  case categorical([ParameterValue])
}

/// Real numbers from `low` to `high`, both included.
public struct FloatDomain: Hashable, Sendable, Encodable {
  public let low: Double
  public let high: Double
  /// Whether equal ratios, not equal differences, are equally far apart.
  public let isLogarithmic: Bool
  /// Only `low + k·step`, k = 0, 1, …, when given.
  public let step: Double?

  /// - Throws: ``DomainError`` when the bounds are not finite or crossed, a logarithmic domain
  ///   reaches zero, a step is not positive, or both log and step are asked for.
  public init(
    low: Double, high: Double, isLogarithmic: Bool = false, step: Double? = nil
  ) throws(DomainError) {
    guard low.isFinite, high.isFinite else { throw .notFinite }
    guard low <= high else { throw .crossed(low: low.description, high: high.description) }
    if isLogarithmic && low <= 0 { throw .logarithmOfZero(low: low.description) }
    if let step {
      guard step.isFinite, step > 0 else { throw .badStep(step.description) }
      guard !isLogarithmic else { throw .stepAndLogarithm }
    }
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
    self.step = step
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
    let k = min(((clamped - low) / step).rounded(), Double(count))
    return min(low + k * step, high)
  }
}

/// Whole numbers `low`, `low + step`, … up to `high`.
public struct IntegerDomain: Hashable, Sendable, Encodable {
  public let low: Int64
  public let high: Int64
  public let isLogarithmic: Bool
  public let step: Int64

  /// - Throws: ``DomainError`` when the bounds are crossed or beyond ±2^53, a logarithmic domain
  ///   reaches below one, a step is not positive, or both log and a step are asked for.
  public init(
    low: Int64, high: Int64, isLogarithmic: Bool = false, step: Int64 = 1
  ) throws(DomainError) {
    let limit = Int64(1) << 53
    guard low >= -limit, high <= limit else { throw .integerTooLarge }
    guard low <= high else { throw .crossed(low: String(low), high: String(high)) }
    if isLogarithmic && low < 1 { throw .logarithmOfZero(low: String(low)) }
    guard step > 0 else { throw .badStep(String(step)) }
    if isLogarithmic && step != 1 { throw .stepAndLogarithm }
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
    self.step = step
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
  case stepAndLogarithm
  case integerTooLarge
  case noChoices
  case repeatedChoice(String)

  public var explanation: Explanation { Explanation(fact, kind: .wrongUsage) }

  private var fact: String {
    switch self {
    case .notFinite: "the bounds must be finite numbers"
    case .crossed(let low, let high): "the lower bound \(low) is above the upper bound \(high)"
    case .logarithmOfZero(let low): "a logarithmic domain must begin above zero, not at \(low)"
    case .badStep(let step): "the step must be positive, not \(step)"
    case .stepAndLogarithm: "a domain has a step or is logarithmic, not both"
    case .integerTooLarge: "whole numbers beyond ±2^53 cannot be kept exactly"
    case .noChoices: "a choice needs at least one value"
    case .repeatedChoice(let choice): "the choice \(choice) stands there twice"
    }
  }
}

extension Distribution {
  /// A categorical distribution with at least one choice and none twice.
  public static func choice(_ choices: [ParameterValue]) throws(DomainError) -> Distribution {
    guard !choices.isEmpty else { throw .noChoices }
    var seen = Set<ParameterValue>()
    for choice in choices where !seen.insert(choice).inserted {
      throw .repeatedChoice(choice.json)
    }
    return .categorical(choices)
  }

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
  /// A number out of range is kept all the same: ranges may have changed since.
  public func internalValue(of value: ParameterValue) -> Double? {
    switch self {
    case .float: return value.number
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

  /// Whether values of `self` and `other` may stand in one study under one name, as Optuna
  /// rules it: the same kind, the same scale, and for categories the same choices in the same
  /// order. Ranges and steps may differ.
  public func isCompatible(with other: Distribution) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.isLogarithmic == b.isLogarithmic
    case (.integer(let a), .integer(let b)): a.isLogarithmic == b.isLogarithmic
    case (.categorical(let a), .categorical(let b)): a == b
    default: false
    }
  }
}

// Decoding asks the initializers, as everybody else does: what is stored may have been written
// by anyone.

extension FloatDomain: Decodable {
  private enum CodingKeys: String, CodingKey { case low, high, isLogarithmic, step }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      low: try fields.decode(Double.self, forKey: .low),
      high: try fields.decode(Double.self, forKey: .high),
      isLogarithmic: try fields.decodeIfPresent(Bool.self, forKey: .isLogarithmic) ?? false,
      step: try fields.decodeIfPresent(Double.self, forKey: .step))
  }
}

extension IntegerDomain: Decodable {
  private enum CodingKeys: String, CodingKey { case low, high, isLogarithmic, step }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      low: try fields.decode(Int64.self, forKey: .low),
      high: try fields.decode(Int64.self, forKey: .high),
      isLogarithmic: try fields.decodeIfPresent(Bool.self, forKey: .isLogarithmic) ?? false,
      step: try fields.decodeIfPresent(Int64.self, forKey: .step) ?? 1)
  }
}

extension Distribution: Codable {
  /// As it lies in JSON: `{"float": {"_0": {…}}}`, `{"categorical": {"_0": […]}}`.
  private enum Stored: Codable {
    case float(FloatDomain)
    case integer(IntegerDomain)
    case categorical([ParameterValue])
  }

  public init(from decoder: any Decoder) throws {
    switch try Stored(from: decoder) {
    case .float(let domain): self = .float(domain)
    case .integer(let domain): self = .integer(domain)
    case .categorical(let choices): self = try .choice(choices)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .float(let domain): try Stored.float(domain).encode(to: encoder)
    case .integer(let domain): try Stored.integer(domain).encode(to: encoder)
    case .categorical(let choices): try Stored.categorical(choices).encode(to: encoder)
    }
  }
}
