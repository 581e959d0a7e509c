// `metrics`: one row a reported value, by metric and then by step within a trial.

internal import StudyModel

struct MetricsTable: ColumnarTable {
  let sources: [StudySource]

  fileprivate enum Field: Int {
    case study, number, metric, step, value, time
  }

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("number", .integer),
    TableColumn("metric", .text),
    TableColumn("step", .integer),
    TableColumn("value", .real),
    TableColumn("time", .time),
  ]

  var studyColumn: Int? { Field.study.rawValue }
  var numberColumn: Int? { Field.number.rawValue }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.reportCount }
    let trials = sources.reduce(0) { $0 + $1.state.trialCount }
    return .init(
      total: total, perStudy: total / max(1, sources.count), perTrial: total / max(1, trials))
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    let blocks = SeriesBlock.blocks(
      sources, scope, metricColumn: Field.metric.rawValue
    ) { conditions, summary in
      conditions.allSatisfy { Self.mayAdmit($0, summary) }
    }
    let pieces = MetricPieces(blocks, Self.parts(scope), scope)
    return { try pieces.next() }
  }

  private static func parts(_ scope: ScanScope) -> PointParts {
    func isRead(_ field: Field) -> Bool {
      scope.uses(field.rawValue) || scope.reads(field.rawValue)
    }
    var parts: PointParts = []
    if isRead(.step) { parts.insert(.steps) }
    if isRead(.value) { parts.insert(.values) }
    if isRead(.time) { parts.insert(.times) }
    return parts
  }

  /// Whether a point of a series may be wanted, as far as its summary tells.
  private static func mayAdmit(_ condition: ScanCondition, _ summary: SeriesSummary) -> Bool {
    switch Field(rawValue: condition.column) {
    case .value:
      return RealTest(condition).admits(
        ColumnZone(
          minimum: summary.minimum, maximum: summary.maximum,
          numbers: summary.count - summary.nanCount, others: summary.nanCount))
    case .step:
      let bounds = NumberBounds([condition])
      return bounds.low <= summary.last.step && bounds.high >= summary.first.step
    default: return true
    }
  }
}

/// The blocks, cut into pieces. A type with a `next()` and no closure over variables, which the
/// optimizer of Swift 6.3 compiles wrongly: an export of all reports wrote none.
private final class MetricPieces {
  /// Points are read so many at a time, about: a chunk of those that are stored.
  private static let pointsPerPiece = 16_384

  private let nextBlock: () throws -> SeriesBlock?
  private let parts: PointParts
  private let scope: ScanScope
  private var block: SeriesBlock?
  /// The series of the block that are still to come.
  private var rest = 0..<0

  init(_ nextBlock: @escaping () throws -> SeriesBlock?, _ parts: PointParts, _ scope: ScanScope) {
    self.nextBlock = nextBlock
    self.parts = parts
    self.scope = scope
  }

  func next() throws -> MetricRows? {
    while rest.isEmpty {
      block = nil
      block = try nextBlock()
      guard let block else { return nil }
      rest = block.series.indices
    }
    guard let block else { return nil }
    var count = 0
    var end = rest.lowerBound
    while end < rest.upperBound {
      let next = block.series[end].summary.count
      if count > 0 && count + next > Self.pointsPerPiece { break }
      count += next
      end += 1
    }
    let runs = rest.lowerBound..<end
    rest = end..<rest.upperBound
    return try MetricRows(block, runs, parts, scope.rowConditions)
  }
}

/// Some of the reports that count, of neighbouring trials.
final class MetricRows: TablePiece {
  private let block: SeriesBlock
  /// Which of the block's series.
  private let runs: Range<Int>
  /// Where the points of each series end.
  private let ends: [Int]
  private let points: SeriesPoints
  private(set) var selection: [Int32]?
  /// The run that was asked about last, since rows are mostly asked about in order.
  private var run = 0
  private var trueOffsets: [Int]?

  fileprivate init(
    _ block: SeriesBlock, _ runs: Range<Int>, _ parts: PointParts,
    _ conditions: [ScanCondition]
  ) throws {
    self.block = block
    self.runs = runs
    var end = 0
    ends = runs.map { run in
      end += block.series[run].summary.count
      return end
    }
    points = try SeriesPoints(of: block.series[runs], parts)
    for condition in conditions { selection = select(condition) ?? selection }
  }

  /// Nil where all rows are wanted.
  private func select(_ condition: ScanCondition) -> [Int32]? {
    switch MetricsTable.Field(rawValue: condition.column) {
    case .study, .number, .metric: return nil
    case .value:
      return RealTest(condition).select(
        points.values, [Bool](repeating: true, count: rowCount), shift: 0, count: rowCount,
        among: selection)
    case .step:
      let bounds = NumberBounds([condition])
      guard bounds.list == nil, !bounds.isRough else { break }
      let (low, high) = (Int64(bounds.low), Int64(bounds.high))
      if let selection {
        return selection.filter {
          let step = points.steps[Int($0)]
          return step >= low && step <= high
        }
      }
      var result: [Int32] = []
      for (row, step) in points.steps.enumerated() where step >= low && step <= high {
        result.append(Int32(row))
      }
      return result
    default: break
    }
    return condition.select(count: rowCount, among: selection) {
      value(row: $0, column: condition.column)
    }
  }

  private func find(_ row: Int) -> Int {
    let start = run == 0 ? 0 : ends[run - 1]
    if row >= start {
      if row < ends[run] { return run }
      if run + 1 < ends.count, row < ends[run + 1] {
        run += 1
        return run
      }
    }
    run = ends.firstPlace { $0 > row }
    return run
  }

  private func series(_ row: Int) -> LoadedSeries { block.series[runs.lowerBound + find(row)] }

  var rowCount: Int { ends.last ?? 0 }

  func position(_ row: Int) -> Int64 {
    let index = find(row)
    let start = index == 0 ? 0 : ends[index - 1]
    let series = runs.lowerBound + index
    return block.source.firstRowID(ofTrialRow: block.series[series].row)
      + Int64(block.offsets[series] + row - start)
  }

  /// A report's place among all of its trial, whichever metrics are looked at.
  func rowID(_ row: Int) throws -> Int64 {
    if block.hasAllMetrics { return position(row) }
    let series = runs.lowerBound + find(row)
    let offsets: [Int]
    if let known = trueOffsets {
      offsets = known
    } else {
      offsets = try block.trueOffsets()
      trueOffsets = offsets
    }
    return position(row) + Int64(offsets[series] - block.offsets[series])
  }

  func value(row: Int, column: Int) -> SQLValue {
    switch MetricsTable.Field(rawValue: column) {
    case .study: .text(block.source.name)
    case .number: .integer(Int64(block.trials.numbers[series(row).row]))
    case .metric: block.names[series(row).metric]
    case .step: .integer(points.steps[row])
    case .value: .real(points.values[row])
    default:
      points.times.isEmpty
        ? .null : block.source.time(Timestamp(rawValue: points.times[row]))
    }
  }
}
