// Intermediate values: a metric of a trial by step, and what its series comes to.

/// One report of one metric.
public struct MetricPoint: Hashable, Sendable {
  /// The step it belongs to.
  public let step: Int64
  /// As it was reported; NaN and infinities too.
  public let value: Double
  /// When it was recorded.
  public let time: Timestamp

  /// A value at a step.
  public init(step: Int64, value: Double, time: Timestamp) {
    self.step = step
    self.value = value
    self.time = time
  }
}

/// What a series comes to. `first` and `last` are by step; NaN values count as points, and as
/// `nanCount`, but are neither smallest nor largest nor in the sum.
public struct SeriesSummary: Hashable, Sendable {
  /// How many steps there are.
  public package(set) var count = 0
  /// At how many of them the value is NaN.
  public package(set) var nanCount = 0
  /// The point of the lowest step.
  public package(set) var first = MetricPoint(step: 0, value: 0, time: .init(rawValue: 0))
  /// The point of the highest step.
  public package(set) var last = MetricPoint(step: 0, value: 0, time: .init(rawValue: 0))
  /// +∞ and −∞ when there is no number.
  public package(set) var minimum = Double.infinity
  /// The largest value but for NaN; -∞ when there is none.
  public package(set) var maximum = -Double.infinity
  /// Of the values but for NaN.
  public package(set) var sum = 0.0

  /// Nil when there is no number.
  public var mean: Double? { count > nanCount ? sum / Double(count - nanCount) : nil }

  /// Of no points.
  package init() {}

  mutating func add(_ point: MetricPoint) {
    if count == 0 || point.step < first.step { first = point }
    if count == 0 || point.step >= last.step { last = point }
    count += 1
    if point.value.isNaN {
      nanCount += 1
    } else {
      minimum = Swift.min(minimum, point.value)
      maximum = Swift.max(maximum, point.value)
      sum += point.value
    }
  }

  /// Adds a series all of whose steps lie behind those of this one.
  mutating func append(_ later: SeriesSummary) {
    if later.count == 0 { return }
    if count == 0 { first = later.first }
    last = later.last
    count += later.count
    nanCount += later.nanCount
    minimum = Swift.min(minimum, later.minimum)
    maximum = Swift.max(maximum, later.maximum)
    sum += later.sum
  }
}
