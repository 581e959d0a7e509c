// One trial's curve, as far as it has come.

import StudyModel

/// The values that an objective would have had if the trial had ended at each of its reports.
struct AggregatedSeries: Sendable {
  private let aggregate: MetricAggregate
  private let sign: Double
  private var extreme = Double.nan
  private var recent: [Double] = []

  /// Values come out to be minimized.
  init(_ objective: Objective) {
    aggregate = objective.aggregate
    sign = objective.direction == .minimize ? 1 : -1
  }

  /// The objective's value once `value` is reported too.
  mutating func next(_ value: Double) -> Double {
    switch aggregate {
    case .last: return sign * value
    case .minimum: extreme = .minimum(extreme, value)
    case .maximum: extreme = .maximum(extreme, value)
    case .mean(let count):
      recent.append(value)
      if recent.count > max(1, count) { recent.removeFirst() }
      return sign * recent.reduce(0, +) / Double(recent.count)
    }
    return sign * extreme
  }
}

/// What a curve says at one of its reports.
struct CurveOutlook: Equatable, Sendable {
  /// Of the report, on the axis.
  let bin: Int
  let place: Double
  /// Positions on the scale: the last one; the mean of the last tenth; and what the shapes expect
  /// at the end, with its standard deviation.
  let current: Double
  let recent: Double
  let mean: Double
  let deviation: Double
}

/// A curve that grows by reports. A bin counts as one point, at the mean of its places and
/// positions.
struct LearningCurve: Sendable {
  private let scale: CurveScale
  private let axis: CurveAxis
  /// All bins but the last.
  private var closed: CurveExtrapolation
  /// Sums of all positions before each closed point.
  private var sums = [0.0]
  private var bin = -1
  private var binCount = 0.0
  private var binPlaces = 0.0
  private var binPositions = 0.0

  init(_ scale: CurveScale, _ axis: CurveAxis) {
    self.scale = scale
    self.axis = axis
    closed = CurveExtrapolation(axis)
  }

  /// Adds a report.
  ///
  /// - Parameter value: to be minimized.
  mutating func add(_ value: Double, atStep step: Int64) {
    let place = axis.place(ofStep: step)
    let bin = axis.bin(ofPlace: place)
    if bin != self.bin {
      close()
      self.bin = bin
    }
    binCount += 1
    binPlaces += place
    binPositions += scale.position(value)
  }

  private mutating func close() {
    guard binCount > 0 else { return }
    closed.add(binPositions / binCount, at: binPlaces / binCount)
    sums.append(sums[sums.count - 1] + binPositions / binCount)
    (binCount, binPlaces, binPositions) = (0, 0, 0)
  }

  /// What it says now; nil before the first report.
  var outlook: CurveOutlook? {
    guard binCount > 0 else { return nil }
    var whole = closed
    let position = binPositions / binCount
    whole.add(position, at: binPlaces / binCount)
    let (mean, deviation) = whole.end()
    let tail = max(1, whole.count / 10)
    let recent =
      (sums[sums.count - 1] - sums[sums.count - tail] + position) / Double(tail)
    return CurveOutlook(
      bin: bin, place: whole.place, current: position, recent: recent, mean: mean,
      deviation: deviation)
  }
}
