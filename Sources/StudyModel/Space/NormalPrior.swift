// Domains whose values are likely around a middle.

internal import Glibc

/// A normal distribution over a domain: of the value itself, or of its natural logarithm where
/// the domain is logarithmic. It is cut off at the domain's bounds.
public struct NormalPrior: Hashable, Sendable {
  public let mean: Double
  public let deviation: Double

  /// How many deviations from the mean the bounds are that nobody gave: beyond lie two values in
  /// a thousand million.
  public static let reach = 6.0

  /// - Throws: ``DomainError`` when the mean is not finite or the deviation not positive.
  public init(mean: Double, deviation: Double) throws(DomainError) {
    guard mean.isFinite else { throw .notFinite }
    guard deviation.isFinite, deviation > 0 else { throw .badDeviation(deviation.description) }
    self.mean = mean
    self.deviation = deviation
  }

  /// The bounds that stand where nobody gave any.
  func bounds(isLogarithmic: Bool) -> (low: Double, high: Double) {
    let low = mean - Self.reach * deviation
    let high = mean + Self.reach * deviation
    return isLogarithmic ? (exp(low), exp(high)) : (low, high)
  }
}

extension NormalPrior: Codable {
  private enum Key: String, CodingKey { case mean, deviation }

  public init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: Key.self)
    try self.init(
      mean: try keyed.decode(Double.self, forKey: .mean),
      deviation: try keyed.decode(Double.self, forKey: .deviation))
  }

  public func encode(to encoder: any Encoder) throws {
    var keyed = encoder.container(keyedBy: Key.self)
    try keyed.encode(mean, forKey: .mean)
    try keyed.encode(deviation, forKey: .deviation)
  }
}

extension FloatDomain {
  /// A normal (or, where logarithmic, log-normal) domain.
  ///
  /// - Parameters:
  ///   - low, high: where it is cut off; nil: ``NormalPrior/reach`` deviations from the mean.
  ///   - step: only multiples of it, counted from `low` where that is given.
  /// - Throws: ``DomainError``, as the initializer does.
  public static func normal(
    _ prior: NormalPrior, isLogarithmic: Bool = false, low: Double? = nil, high: Double? = nil,
    step: Double? = nil
  ) throws(DomainError) -> FloatDomain {
    let usual = prior.bounds(isLogarithmic: isLogarithmic)
    var first = low ?? usual.low
    if low == nil, let step, step > 0 {
      first = FloatDomain.decimalSum(0, (usual.low / step).rounded(), times: step)
      if isLogarithmic && first <= 0 { first = step }
    }
    return try FloatDomain(
      low: first, high: max(high ?? usual.high, high == nil ? first : -.infinity),
      isLogarithmic: isLogarithmic, step: step, prior: prior)
  }

  /// Whether the bounds are those that nobody gave.
  public var hasUsualBounds: Bool {
    guard let prior,
      let usual = try? Self.normal(prior, isLogarithmic: isLogarithmic, step: step)
    else { return false }
    return usual.low == low && usual.high == high
  }
}

extension IntegerDomain {
  /// A normal (or log-normal) domain of whole numbers: see
  /// ``FloatDomain/normal(_:isLogarithmic:low:high:step:)``.
  public static func normal(
    _ prior: NormalPrior, isLogarithmic: Bool = false, low: Int64? = nil, high: Int64? = nil,
    step: Int64 = 1
  ) throws(DomainError) -> IntegerDomain {
    let usual = prior.bounds(isLogarithmic: isLogarithmic)
    guard max(abs(usual.low), abs(usual.high)) <= 0x1p53 || (low != nil && high != nil) else {
      throw .integerTooLarge
    }
    guard step > 0 else { throw .badStep(String(step)) }
    let first: Int64
    if let low {
      first = low
    } else {
      let nearest = Int64((usual.low / Double(step)).rounded()) * step
      first = isLogarithmic ? max(nearest, step) : nearest
    }
    let last = high ?? max(first, Int64(min(usual.high, 0x1p53).rounded(.down)))
    return try IntegerDomain(
      low: first, high: last, isLogarithmic: isLogarithmic, step: step, prior: prior)
  }

  /// Whether the bounds are those that nobody gave.
  public var hasUsualBounds: Bool {
    guard let prior,
      let usual = try? Self.normal(prior, isLogarithmic: isLogarithmic, step: step)
    else { return false }
    return usual.low == low && usual.high == high
  }
}
