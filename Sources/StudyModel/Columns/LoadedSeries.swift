// Series of many trials at once: what each comes to, and the points of neighbouring ones by
// columns. Reading them one by one would ask for each where its points lie.

/// What of points is read.
public struct PointParts: OptionSet, Hashable, Sendable {
  /// One bit a part.
  public let rawValue: UInt8
  /// Parts by their bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Where on their series the points are.
  public static let steps = PointParts(rawValue: 1)
  /// What was reported.
  public static let values = PointParts(rawValue: 2)
  /// When it was reported.
  public static let times = PointParts(rawValue: 4)
  /// All there is of points.
  public static let all: PointParts = [.steps, .values, .times]
}

/// A series of a trial.
public struct LoadedSeries: Sendable {
  /// The trial's row.
  public let row: Int
  /// The metric's place among ``LoadedColumns/metrics``.
  public let metric: Int
  fileprivate let source: Source

  fileprivate enum Source {
    case loose(PointTree)
    case packed(PackedSeries, TrialBlock)
  }

  /// What its points come to.
  public var summary: SeriesSummary {
    switch source {
    case .loose(let tree): tree.summary
    case .packed(let series, _): series.summary
    }
  }
}

/// The points of some series, one after the other, by columns; those that were not asked for are
/// empty.
public struct SeriesPoints: Sendable {
  /// Ascending within a series.
  public fileprivate(set) var steps: [Int64] = []
  /// One a point.
  public fileprivate(set) var values: [Double] = []
  /// Microseconds since 1970.
  public fileprivate(set) var times: [Int64] = []

  /// All points of `series`, in their order.
  ///
  /// - Throws: when they cannot be read.
  /// - Complexity: O(points); stored ones of a metric are read at once where the series follow
  ///   each other.
  public init(of series: ArraySlice<LoadedSeries>, _ parts: PointParts) throws {
    let count = series.reduce(0) { $0 + $1.summary.count }
    if parts.contains(.steps) { steps = [Int64](repeating: 0, count: count) }
    if parts.contains(.values) { values = [Double](repeating: 0, count: count) }
    if parts.contains(.times) { times = [Int64](repeating: 0, count: count) }
    // Stored series of a metric that follow each other, and where the points of each go. Few
    // metrics are read at once.
    var runs: [StoredRun] = []
    var place = 0
    for one in series {
      switch one.source {
      case .loose(let tree): put(tree.points, at: place, parts)
      case .packed(let packed, let block):
        guard let stored = packed.storedRange(in: block.columns.curves) else {
          put(try packed.points(block.columns.curves), at: place, parts)
          break
        }
        var index = runs.firstIndex { $0.metric == packed.metric } ?? runs.count
        if index < runs.count,
          runs[index].block !== block || runs[index].range.upperBound != stored.lowerBound
        {
          try put(runs.remove(at: index), parts)
          index = runs.count
        }
        if index == runs.count {
          runs.append(StoredRun(metric: packed.metric, block: block, range: stored))
        }
        runs[index].add(packed, stored, at: place)
      }
      place += one.summary.count
    }
    for run in runs { try put(run, parts) }
  }

  private struct StoredRun {
    let metric: Int
    let block: TrialBlock
    var range: Range<Int>
    var parts: [(series: PackedSeries, place: Int)] = []

    init(metric: Int, block: TrialBlock, range: Range<Int>) {
      self.metric = metric
      self.block = block
      self.range = range.lowerBound..<range.lowerBound
    }

    mutating func add(_ series: PackedSeries, _ stored: Range<Int>, at place: Int) {
      range = range.lowerBound..<stored.upperBound
      parts.append((series, place))
    }
  }

  private mutating func put(_ points: [MetricPoint], at place: Int, _ parts: PointParts) {
    for (index, point) in points.enumerated() {
      if parts.contains(.steps) { steps[place + index] = point.step }
      if parts.contains(.values) { values[place + index] = point.value }
      if parts.contains(.times) { times[place + index] = point.time.rawValue }
    }
  }

  private mutating func put(_ run: StoredRun, _ parts: PointParts) throws {
    guard let first = run.parts.first?.series else { return }
    let stored = try first.storedPoints(
      run.range, parts, run.block.columns.curves)
    var next = 0
    for (series, place) in run.parts {
      let count = series.summary.count
      if parts.contains(.values) {
        values.replaceSubrange(place..<place + count, with: stored.values[next..<next + count])
      }
      if parts.contains(.times) {
        times.replaceSubrange(place..<place + count, with: stored.times[next..<next + count])
      }
      if parts.contains(.steps) {
        if series.stride == 0 {
          steps.replaceSubrange(place..<place + count, with: stored.steps[next..<next + count])
        } else {
          var step = series.summary.first.step
          for index in place..<place + count {
            steps[index] = step
            step &+= series.stride
          }
        }
      }
      next += count
    }
  }
}

extension LoadedColumns {
  /// The series of the loaded trials and metrics, by row and metric.
  public var series: [LoadedSeries] {
    var places = [Int](repeating: -1, count: (metrics.map(\.metric).max() ?? -1) + 1)
    for (place, column) in metrics.enumerated() { places[column.metric] = place }
    func place(_ metric: Int) -> Int? {
      metric < places.count && places[metric] >= 0 ? places[metric] : nil
    }
    var result: [LoadedSeries] = []
    if metrics.isEmpty { return result }
    result.reserveCapacity(rows.count)
    for row in rows {
      switch pieces.trial(row) {
      case .loose(let box):
        for (metric, tree) in box.value.series.entries() {
          guard let place = place(Int(metric)) else { continue }
          result.append(
            LoadedSeries(row: row, metric: place, source: .loose(tree)))
        }
      case .packed(let block, let index):
        for series in block.columns.curves.series(at: index) {
          guard let place = place(series.metric) else { continue }
          result.append(
            LoadedSeries(row: row, metric: place, source: .packed(series, block)))
        }
      }
    }
    return result
  }
}
