// The series of a block's trials. Points lie in pools of words: when trials are added to a block
// theirs make a new pool and the others stay where they are, so a point is moved once, however
// often its block grows. A step costs nothing where steps are equally far apart, and a time half
// a word where reports are less than half an hour apart.

/// Where a packed series is, and what it comes to.
package struct PackedSeries: Sendable {
  /// The metric's number.
  package let metric: Int
  /// What its points come to.
  package let summary: SeriesSummary
  /// Between neighbouring steps; 0: each step is kept.
  package let stride: Int64
  /// Where its values begin in its pool: a word, or the first of its points among those of its
  /// metric that are stored.
  private let start: Int
  private let pool: Int32
  /// Whether times are kept as the 32-bit differences between them.
  private let hasShortTimes: Bool

  private var count: Int { summary.count }

  /// A series in a pool that is stored.
  package init(metric: Int, _ summary: SeriesSummary, stride: Int64, start: Int) {
    self.metric = metric
    self.summary = summary
    self.stride = stride
    self.start = start
    pool = 0
    hasShortTimes = false
  }

  /// Writes the points of `tree`, which is not empty, to the end of `words`.
  init(_ tree: PointTree, metric: Int, pool: Int, words: inout [UInt64]) {
    let points = tree.points
    summary = tree.summary
    self.metric = metric
    self.pool = Int32(pool)
    start = words.count
    let firstStep = points[0].step
    let stride = points.count > 1 ? points[1].step &- firstStep : 1
    let isRegular =
      stride > 0
      && points.indices.allSatisfy {
        points[$0].step == firstStep &+ Int64($0) &* stride
      }
    self.stride = isRegular ? stride : 0

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

  private func regularStep(_ index: Int) -> Int64 {
    summary.first.step &+ Int64(index) &* stride
  }

  /// - Throws: when they are stored and cannot be read.
  package func points(_ curves: PackedCurves) throws -> [MetricPoint] {
    try points(0..<count, curves)
  }

  private func points(_ range: Range<Int>, _ curves: PackedCurves) throws -> [MetricPoint] {
    switch curves.pools[Int(pool)] {
    case .resident(let words):
      return points(range, words)
    case .stored(let source):
      let stored = try source.points(
        of: metric, start + range.lowerBound..<start + range.upperBound, .all)
      return range.enumerated().map { place, index in
        MetricPoint(
          step: stride == 0 ? stored.steps[place] : regularStep(index),
          value: stored.values[place], time: Timestamp(rawValue: stored.times[place]))
      }
    }
  }

  /// Where its points are among those of its metric that are stored; nil when they are in memory.
  func storedRange(in curves: PackedCurves) -> Range<Int>? {
    guard case .stored = curves.pools[Int(pool)] else { return nil }
    return start..<start + count
  }

  /// Points of its metric from where its own are stored.
  ///
  /// - Throws: when they cannot be read.
  func storedPoints(
    _ range: Range<Int>, _ parts: PointParts, _ curves: PackedCurves
  ) throws -> StoredPoints {
    guard case .stored(let source) = curves.pools[Int(pool)] else {
      preconditionFailure("points that are in memory")
    }
    return try source.points(of: metric, range, parts)
  }

  private func points(_ range: Range<Int>, _ words: [UInt64]) -> [MetricPoint] {
    let times = start + count + (stride == 0 ? count : 0)
    var time = summary.first.time.rawValue
    var points: [MetricPoint] = []
    points.reserveCapacity(range.count)
    for index in 0..<range.upperBound {
      if !hasShortTimes {
        time = Int64(bitPattern: words[times + index])
      } else if index > 0 {
        let word = words[times + (index - 1) / 2]
        let half = UInt32(truncatingIfNeeded: index % 2 == 1 ? word : word >> 32)
        time &+= Int64(Int32(bitPattern: half))
      }
      guard index >= range.lowerBound else { continue }
      points.append(
        MetricPoint(
          step: step(index, words), value: Double(bitPattern: words[start + index]),
          time: Timestamp(rawValue: time)))
    }
    return points
  }

  private func step(_ index: Int, _ words: [UInt64]) -> Int64 {
    stride == 0 ? Int64(bitPattern: words[start + count + index]) : regularStep(index)
  }

  /// - Complexity: where it is in memory, O(1) if steps are equally far apart, else O(log count).
  /// - Throws: when it is stored and cannot be read.
  func value(atStep wanted: Int64, _ curves: PackedCurves) throws -> Double? {
    if stride != 0 {
      let (distance, overflow) = wanted.subtractingReportingOverflow(summary.first.step)
      guard !overflow, distance >= 0, distance / stride < count, distance % stride == 0 else {
        return nil
      }
      let index = Int(distance / stride)
      if case .resident(let words) = curves.pools[Int(pool)] {
        return Double(bitPattern: words[start + index])
      }
      return try points(index..<index + 1, curves).first?.value
    }
    guard case .resident(let words) = curves.pools[Int(pool)] else {
      let points = try points(curves)
      let index = points.firstPlace { $0.step >= wanted }
      return index < count && points[index].step == wanted ? points[index].value : nil
    }
    let index = (0..<count).firstPlace { step($0, words) >= wanted }
    guard index < count, step(index, words) == wanted else { return nil }
    return Double(bitPattern: words[start + index])
  }
}

/// Where points are.
enum PointPool: Sendable {
  case resident([UInt64])
  case stored(any PointSource)
}

/// The points of a block's series, where they are not in memory.
package protocol PointSource: Sendable {
  /// Those numbered `range` among the points of metric `metric` that are stored, by trial and
  /// step; of what is not among `parts`, the columns are empty.
  ///
  /// - Throws: when they cannot be read.
  func points(
    of metric: Int, _ range: Range<Int>, _ parts: PointParts
  ) throws -> StoredPoints
}

/// Some points by columns.
package struct StoredPoints: Sendable {
  package var values: [Double]
  /// Microseconds since 1970.
  package var times: [Int64]
  /// Empty where the steps of all series are equally far apart.
  package var steps: [Int64]

  package init(values: [Double], times: [Int64], steps: [Int64]) {
    self.values = values
    self.times = times
    self.steps = steps
  }
}

/// All series of a block's trials. Immutable.
package struct PackedCurves: Sendable {
  /// For each place, where its series begin; one more for where they end.
  private let starts: [Int32]
  /// Each place's by ascending metric.
  private let series: [PackedSeries]
  fileprivate let pools: [PointPool]

  /// Series that are stored, each place's by ascending metric.
  ///
  /// - Parameter counts: how many series each place has; their sum is that of `series`.
  package init(counts: [Int], _ series: [PackedSeries], from source: any PointSource) {
    var starts: [Int32] = [0]
    starts.reserveCapacity(counts.count + 1)
    for count in counts { starts.append(starts[starts.count - 1] + Int32(count)) }
    precondition(Int(starts[counts.count]) == series.count)
    self.starts = starts
    self.series = series
    pools = [.stored(source)]
  }

  package init() {
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
    pools = words.isEmpty ? old.pools : old.pools + [.resident(words)]
  }

  package func series(at place: Int) -> ArraySlice<PackedSeries> {
    place + 1 < starts.count ? series[Int(starts[place])..<Int(starts[place + 1])] : []
  }

  func series(at place: Int, of metric: Int) -> PackedSeries? {
    let series = series(at: place)
    let index = series.firstPlace { $0.metric >= metric }
    return index < series.endIndex && series[index].metric == metric ? series[index] : nil
  }
}
