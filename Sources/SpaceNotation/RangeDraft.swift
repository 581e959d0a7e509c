// A range as somebody wrote it, before it is known to be possible.

import StudyModel

/// The parts that a range can be said by, on the command line and in a file: bounds, or a mean
/// and a deviation with bounds or without.
struct RangeDraft {
  var isLogarithmic = false
  /// Whether the upper end does not belong.
  var excludesHigh = false
  var mean: Double?
  var deviation: Double?
  var low: Double?
  var high: Double?
  var step: Double?
  /// The same for a range of whole numbers.
  var lowWhole: Int64?
  var highWhole: Int64?
  var stepWhole: Int64?

  init(isLogarithmic: Bool, excludesHigh: Bool) {
    self.isLogarithmic = isLogarithmic
    self.excludesHigh = excludesHigh
  }

  private func prior() throws(DomainError) -> NormalPrior? {
    guard let mean, let deviation else { return nil }
    return try NormalPrior(mean: mean, deviation: deviation)
  }

  /// - Throws: ``DomainError`` for an impossible range. Without a mean, both bounds are there.
  func floatDomain() throws(DomainError) -> FloatDomain {
    if let prior = try prior() {
      let domain = try FloatDomain.normal(
        prior, isLogarithmic: isLogarithmic, low: low, high: high, step: step)
      return high == nil ? domain : try withoutEnd(domain)
    }
    guard let low, let high else { throw .notFinite }
    return try withoutEnd(
      FloatDomain(low: low, high: high, isLogarithmic: isLogarithmic, step: step))
  }

  private func withoutEnd(_ domain: FloatDomain) throws(DomainError) -> FloatDomain {
    guard excludesHigh else { return domain }
    var last = domain.high.nextDown
    if let count = domain.stepCount {
      let end = domain.member(count)
      last = end < domain.high ? end : count > 0 ? domain.member(count - 1) : domain.low.nextDown
    }
    return try FloatDomain(
      low: domain.low, high: last, isLogarithmic: isLogarithmic, step: step, prior: domain.prior)
  }

  /// The same of whole numbers.
  func integerDomain() throws(DomainError) -> IntegerDomain {
    var last = highWhole
    if excludesHigh, let end = highWhole { last = end.subtractingReportingOverflow(1).partialValue }
    if let prior = try prior() {
      return try .normal(
        prior, isLogarithmic: isLogarithmic, low: lowWhole, high: last, step: stepWhole ?? 1)
    }
    guard let lowWhole, let last else { throw .notFinite }
    return try IntegerDomain(
      low: lowWhole, high: last, isLogarithmic: isLogarithmic, step: stepWhole ?? 1)
  }
}
