// Intermediate values: one metric of a study over all its trials.
//
// Reports lie in the order of their arrival. Each knows the report of the same trial before
// it, and each trial knows its last, so one trial's curve is a walk backwards and an append
// moves nothing. Beside them stands, per trial, what most questions ask: count, first, last,
// smallest, largest, sum.

/// One report of one metric.
public struct MetricPoint: Hashable, Sendable {
  public let step: Int64
  public let value: Double
  public let time: Timestamp

  public init(step: Int64, value: Double, time: Timestamp) {
    self.step = step
    self.value = value
    self.time = time
  }
}

/// What a series comes to. `first` and `last` are by step; NaN values count as points, and as
/// `nanCount`, but are neither smallest nor largest nor in the sum.
public struct SeriesSummary: Hashable, Sendable {
  public internal(set) var count = 0
  public internal(set) var nanCount = 0
  public internal(set) var first = MetricPoint(step: 0, value: 0, time: .init(rawValue: 0))
  public internal(set) var last = MetricPoint(step: 0, value: 0, time: .init(rawValue: 0))
  /// +∞ and −∞ when there is no number.
  public internal(set) var minimum = Double.infinity
  public internal(set) var maximum = -Double.infinity
  public internal(set) var sum = 0.0

  /// Nil when there is no number.
  public var mean: Double? { count > nanCount ? sum / Double(count - nanCount) : nil }

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
}

/// All reports of one metric, and what each trial's series comes to.
public struct MetricColumn: Sendable {
  public let name: String

  /// Reports in order of arrival. `rows[i]` is the trial's row, −1 for a report that a later
  /// one of the same step, or a later attempt, superseded.
  public private(set) var rows = ChunkedArray<Int32>()
  public private(set) var steps = ChunkedArray<Int64>()
  public private(set) var values = ChunkedArray<Double>()
  public private(set) var times = ChunkedArray<Int64>()
  private var previous = ChunkedArray<Int32>()

  /// By trial row, as far as trials have reported; −1: not yet.
  private var lastReport = ChunkedArray<Int32>()
  private var summaries = ChunkedArray<SeriesSummary>()

  init(name: String) { self.name = name }

  /// What the series of the trial in `row` comes to; nil without reports.
  public func summary(ofRow row: Int) -> SeriesSummary? {
    row < summaries.count && summaries[row].count > 0 ? summaries[row] : nil
  }

  /// The series of the trial in `row`, by ascending step, each step once.
  public func series(ofRow row: Int) -> [MetricPoint] {
    var points: [MetricPoint] = []
    var isSorted = true
    var report = row < lastReport.count ? lastReport[row] : -1
    while report >= 0 {
      let index = Int(report)
      if let later = points.last, later.step < steps[index] { isSorted = false }
      points.append(point(index))
      report = previous[index]
    }
    points.reverse()
    return isSorted ? points : points.sorted { $0.step < $1.step }
  }

  /// The value of the trial in `row` at exactly `step`.
  ///
  /// - Complexity: O(1) for the last step and for those outside the series, else O(length).
  public func value(ofRow row: Int, atStep step: Int64) -> Double? {
    guard let summary = summary(ofRow: row), step >= summary.first.step,
      step <= summary.last.step
    else { return nil }
    if step == summary.last.step { return summary.last.value }
    var report = lastReport[row]
    while report >= 0 {
      if steps[Int(report)] == step { return values[Int(report)] }
      report = previous[Int(report)]
    }
    return nil
  }

  private func point(_ index: Int) -> MetricPoint {
    MetricPoint(
      step: steps[index], value: values[index], time: Timestamp(rawValue: times[index]))
  }

  /// Appends a report; one of the same trial and step before it is superseded.
  mutating func append(_ point: MetricPoint, row: Int) {
    while summaries.count <= row {
      summaries.append(SeriesSummary())
      lastReport.append(-1)
    }
    if summaries[row].count > 0 && point.step <= summaries[row].last.step {
      drop(fromRow: row) { $0 == point.step }
    }
    rows.append(Int32(row))
    steps.append(point.step)
    values.append(point.value)
    times.append(point.time.rawValue)
    previous.append(lastReport[row])
    lastReport[row] = Int32(rows.count - 1)
    summaries[row].add(point)
  }

  /// Supersedes the reports of the trial in `row` whose step `isDropped`.
  mutating func drop(fromRow row: Int, where isDropped: (Int64) -> Bool) {
    guard row < lastReport.count else { return }
    var kept: [Int] = []
    var dropped = false
    var report = lastReport[row]
    while report >= 0 {
      let index = Int(report)
      if isDropped(steps[index]) {
        rows[index] = -1
        dropped = true
      } else {
        kept.append(index)
      }
      report = previous[index]
    }
    guard dropped else { return }
    var summary = SeriesSummary()
    var last: Int32 = -1
    for index in kept.reversed() {
      summary.add(point(index))
      previous[index] = last
      last = Int32(index)
    }
    lastReport[row] = last
    summaries[row] = summary
  }
}
