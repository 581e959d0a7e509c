// `steps`: one row a step of a metric, and what the values that all trials reported there come to.
// Counted column by column, without a row for each report.

internal import StudyModel
internal import Synchronization

struct StepsTable: ColumnarTable {
  let sources: [StudySource]
  private let known = Counted<[Int: StepTotals]>()

  init(sources: [StudySource]) { self.sources = sources }

  fileprivate enum Field: Int {
    case study, metric, step, trials, min, max, mean, nans
  }

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("metric", .text),
    TableColumn("step", .integer),
    TableColumn("trials", .integer),
    TableColumn("min", .real),
    TableColumn("max", .real),
    TableColumn("mean", .real),
    TableColumn("nans", .integer, hidden: true),
  ]

  var studyColumn: Int? { Field.study.rawValue }
  var numberColumn: Int? { nil }

  /// As many steps as the trials have on the average.
  var size: TableSize {
    let perStudy = sources.reduce(0) { sum, source in
      sum + source.state.reportCount / Swift.max(1, source.state.trialCount)
    }
    return .init(
      total: perStudy, perStudy: perStudy / Swift.max(1, sources.count), perTrial: 1)
  }

  func pieces(in scope: ScanScope) -> any PieceSource {
    StudyPieces(scope.studies(sources)) { [known] in try StepRows($0, scope, known) }
  }
}

/// What was counted once, by study: a join asks for it again and again.
final class Counted<Totals: Sendable>: Sendable {
  private let all = Mutex<[Int: Totals]>([:])

  /// What is known of `source`.
  subscript(source: StudySource) -> Totals? {
    get { all.withLock { $0[source.index] } }
    set { all.withLock { $0[source.index] = newValue } }
  }
}

/// The steps of a study's metrics.
private final class StepRows: TablePiece {
  private let source: StudySource
  /// In the order in which the study first saw the metrics, each by step.
  private let steps: [(metric: Int, index: Int, step: Int64, total: StepTotal)]
  private let names: [SQLValue]
  private(set) var selection: [Int32]?

  init(_ source: StudySource, _ scope: ScanScope, _ counted: Counted<[Int: StepTotals]>) throws {
    self.source = source
    let names = source.metricNames.map { SQLValue.text($0) }
    self.names = names
    let wanted = names.indices.filter {
      scope.admits(names[$0], inColumn: StepsTable.Field.metric.rawValue)
    }
    var totals = counted[source] ?? [:]
    let missing = wanted.filter { totals[$0] == nil }
    for metric in missing { totals[metric] = StepTotals() }
    if !missing.isEmpty {
      let columns = ColumnSet(metrics: .only(missing.map { source.metricNames[$0] }))
      let blocks = ReadAhead<[Int: StepTotals]>(ScanScope().blocks([source]))
      func job(_ block: BlocksInScope.Block) -> BlockJob<[Int: StepTotals]> {
        ScanMeter.current?.count(block.rows, columns)
        return BlockJob(isSmall: missing.count <= 8) {
          [state = source.state, rows = block.rows] in
          let trials = try state.load(columns, rows: rows)
          return try Self.totals(of: trials.series, trials.metrics.map(\.metric))
        }
      }
      while let (_, found) = try blocks.next(job) {
        for (metric, some) in found { totals[metric]?.add(some) }
      }
      counted[source] = totals
    }
    steps = wanted.flatMap { metric in
      totals[metric]?.all.enumerated().map {
        (metric, $0.offset, $0.element.step, $0.element.total)
      } ?? []
    }
    selection = select(scope.rowConditions)
  }

  /// - Parameter metrics: the numbers of the loaded metrics.
  private static func totals(
    of series: [LoadedSeries], _ metrics: [Int]
  ) throws -> [Int: StepTotals] {
    var totals: [Int: StepTotals] = [:]
    var rest = series[...]
    while !rest.isEmpty {
      // As much as is decoded at a time.
      var count = 0
      let end =
        rest.firstIndex { one in
          defer { count += one.summary.count }
          return count >= 1 << 17
        } ?? rest.endIndex
      let points = try SeriesPoints(of: rest[..<end], [.steps, .values])
      var place = 0
      for one in rest[..<end] {
        let range = place..<place + one.summary.count
        totals[metrics[one.metric], default: StepTotals()].add(points, range)
        place = range.upperBound
      }
      rest = rest[end...]
    }
    return totals
  }

  var rowCount: Int { steps.count }

  func rowID(_ row: Int) -> Int64 { position(row) }

  func position(_ row: Int) -> Int64 {
    source.rowID(ofColumn: steps[row].metric, steps[row].index)
  }

  func value(row: Int, column: Int) -> SQLValue {
    let (metric, _, step, total) = steps[row]
    let hasNumbers = total.numbers > 0
    switch StepsTable.Field(rawValue: column) {
    case .study: return .text(source.name)
    case .metric: return names[metric]
    case .step: return .integer(step)
    case .trials: return .integer(Int64(total.numbers + total.nans))
    case .min: return hasNumbers ? .real(total.minimum) : .null
    case .max: return hasNumbers ? .real(total.maximum) : .null
    case .mean: return hasNumbers ? .real(total.sum / Double(total.numbers)) : .null
    default: return .integer(Int64(total.nans))
    }
  }
}

/// What the values at a step come to.
struct StepTotal: Sendable {
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var sum = 0.0
  var numbers = 0
  var nans = 0

  mutating func add(_ value: Double) {
    if value.isNaN {
      nans += 1
    } else {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      sum += value
      numbers += 1
    }
  }

  mutating func add(_ other: StepTotal) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    numbers += other.numbers
    nans += other.nans
  }
}

/// What the values at each step of a metric come to.
struct StepTotals: Sendable {
  /// From step 0 on, as most metrics are counted.
  private var near: [StepTotal] = []
  private var far: [Int64: StepTotal] = [:]

  /// Steps below it lie in an array.
  private static let nearEnd: Int64 = 1 << 16

  /// - Parameter range: of one series.
  mutating func add(_ points: SeriesPoints, _ range: Range<Int>) {
    for index in range {
      let step = points.steps[index]
      if step >= 0 && step < Self.nearEnd {
        if step >= near.count {
          near += [StepTotal](repeating: StepTotal(), count: Int(step) + 64 - near.count)
        }
        near[Int(step)].add(points.values[index])
      } else {
        far[step, default: StepTotal()].add(points.values[index])
      }
    }
  }

  mutating func add(_ other: StepTotals) {
    if other.near.count > near.count {
      near += [StepTotal](repeating: StepTotal(), count: other.near.count - near.count)
    }
    for (step, total) in other.near.enumerated() { near[step].add(total) }
    for (step, total) in other.far { far[step, default: StepTotal()].add(total) }
  }

  /// Those that were reported, by step.
  var all: [(step: Int64, total: StepTotal)] {
    let known = near.enumerated().filter { $0.element.numbers + $0.element.nans > 0 }
      .map { (step: Int64($0.offset), total: $0.element) }
    return (known + far.map { (step: $0.key, total: $0.value) }).sorted { $0.step < $1.step }
  }
}
