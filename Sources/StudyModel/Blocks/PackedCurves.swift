// The series of a block's trials. Points lie in pools of words: when trials are added to a block
// theirs make a new pool and the others stay where they are, so a point is moved once, however
// often its block grows. A step costs nothing where steps are equally far apart, and a time half
// a word where reports are less than half an hour apart.

/// Where a packed series is, and what it comes to.
struct PackedSeries: Sendable {
  /// The metric's number.
  let metric: Int
  private let count: Int
  private let nanCount: Int
  private let pool: Int32
  /// Whether times are kept as the 32-bit differences between them.
  private let hasShortTimes: Bool
  private let start: Int
  private let firstStep: Int64
  /// Between neighbouring steps; 0: each step is kept.
  private let stride: Int64
  private let firstTime: Int64
  private let lastTime: Int64
  private let minimum: Double
  private let maximum: Double
  private let sum: Double

  /// Writes the points of `tree`, which is not empty, to the end of `words`.
  init(_ tree: PointTree, metric: Int, pool: Int, words: inout [UInt64]) {
    let points = tree.points
    let summary = tree.summary
    self.metric = metric
    self.pool = Int32(pool)
    count = points.count
    nanCount = summary.nanCount
    minimum = summary.minimum
    maximum = summary.maximum
    sum = summary.sum
    start = words.count
    let firstStep = points[0].step
    let stride = points.count > 1 ? points[1].step &- firstStep : 1
    let isRegular =
      stride > 0
      && points.indices.allSatisfy {
        points[$0].step == firstStep &+ Int64($0) &* stride
      }
    self.firstStep = firstStep
    self.stride = isRegular ? stride : 0
    firstTime = points[0].time.rawValue
    lastTime = points[points.count - 1].time.rawValue

    for point in points { words.append(point.value.bitPattern) }
    if !isRegular { for point in points { words.append(UInt64(bitPattern: point.step)) } }
    var differences: [Int32] = []
    differences.reserveCapacity(points.count)
    for index in points.indices.dropFirst() {
      let (difference, overflow) = points[index].time.rawValue.subtractingReportingOverflow(
        points[index - 1].time.rawValue)
      guard !overflow, let short = Int32(exactly: difference) else { break }
      differences.append(short)
    }
    hasShortTimes = differences.count == points.count - 1
    if hasShortTimes {
      for index in Swift.stride(from: 0, to: differences.count, by: 2) {
        let low = UInt64(UInt32(bitPattern: differences[index]))
        let high =
          index + 1 < differences.count ? UInt64(UInt32(bitPattern: differences[index + 1])) : 0
        words.append(low | high << 32)
      }
    } else {
      for point in points { words.append(UInt64(bitPattern: point.time.rawValue)) }
    }
  }

  func summary(_ curves: PackedCurves) -> SeriesSummary {
    let words = curves.pools[Int(pool)]
    var summary = SeriesSummary()
    summary.count = count
    summary.nanCount = nanCount
    summary.minimum = minimum
    summary.maximum = maximum
    summary.sum = sum
    summary.first = MetricPoint(
      step: firstStep, value: Double(bitPattern: words[start]),
      time: Timestamp(rawValue: firstTime))
    summary.last = MetricPoint(
      step: step(count - 1, words), value: Double(bitPattern: words[start + count - 1]),
      time: Timestamp(rawValue: lastTime))
    return summary
  }

  private func step(_ index: Int, _ words: [UInt64]) -> Int64 {
    stride == 0
      ? Int64(bitPattern: words[start + count + index])
      : firstStep &+ Int64(index) &* stride
  }

  func points(_ curves: PackedCurves) -> [MetricPoint] {
    let words = curves.pools[Int(pool)]
    let times = start + count + (stride == 0 ? count : 0)
    var time = firstTime
    return (0..<count).map { index in
      if !hasShortTimes {
        time = Int64(bitPattern: words[times + index])
      } else if index > 0 {
        let word = words[times + (index - 1) / 2]
        let half = UInt32(truncatingIfNeeded: index % 2 == 1 ? word : word >> 32)
        time &+= Int64(Int32(bitPattern: half))
      }
      return MetricPoint(
        step: step(index, words), value: Double(bitPattern: words[start + index]),
        time: Timestamp(rawValue: time))
    }
  }

  /// - Complexity: O(1) where steps are equally far apart, else O(log count).
  func value(atStep wanted: Int64, _ curves: PackedCurves) -> Double? {
    let words = curves.pools[Int(pool)]
    let index: Int
    if stride == 0 {
      index = (0..<count).firstPlace { step($0, words) >= wanted }
    } else {
      let (distance, overflow) = wanted.subtractingReportingOverflow(firstStep)
      guard !overflow, distance >= 0, distance / stride < count else { return nil }
      index = Int(distance / stride)
    }
    guard index < count, step(index, words) == wanted else { return nil }
    return Double(bitPattern: words[start + index])
  }
}

/// All series of a block's trials. Immutable.
struct PackedCurves: Sendable {
  /// For each place, where its series begin; one more for where they end.
  private let starts: [Int32]
  /// Each place's by ascending metric.
  private let series: [PackedSeries]
  fileprivate let pools: [[UInt64]]

  init() {
    starts = [0]
    series = []
    pools = []
  }

  /// Those of `old`, and those of the trials `added` at places of which `old` has none.
  init(_ old: PackedCurves, adding added: [(place: Int, trial: OpenTrial)], count: Int) {
    var starts: [Int32] = [0]
    starts.reserveCapacity(count + 1)
    var series: [PackedSeries] = []
    series.reserveCapacity(old.series.count + added.count)
    var words: [UInt64] = []
    words.reserveCapacity(
      added.reduce(0) { sum, added in
        added.trial.series.entries().reduce(sum) { $0 + $1.value.summary.count * 3 / 2 + 1 }
      })
    var next = 0
    for place in 0..<count {
      if next < added.count, added[next].place == place {
        for (metric, tree) in added[next].trial.series.entries() {
          series.append(
            PackedSeries(tree, metric: Int(metric), pool: old.pools.count, words: &words))
        }
        next += 1
      } else {
        series += old.series(at: place)
      }
      starts.append(Int32(series.count))
    }
    self.starts = starts
    self.series = series
    pools = words.isEmpty ? old.pools : old.pools + [words]
  }

  func series(at place: Int) -> ArraySlice<PackedSeries> {
    place + 1 < starts.count ? series[Int(starts[place])..<Int(starts[place + 1])] : []
  }

  func series(at place: Int, of metric: Int) -> PackedSeries? {
    let series = series(at: place)
    let index = series.firstPlace { $0.metric >= metric }
    return index < series.endIndex && series[index].metric == metric ? series[index] : nil
  }
}
