// `metrics`: one row a reported value, by metric and then by step within a trial.

internal import StudyModel

struct MetricsTable: ColumnarTable {
  let sources: [StudySource]

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("number", .integer),
    TableColumn("metric", .text),
    TableColumn("step", .integer),
    TableColumn("value", .real),
    TableColumn("time", .time),
  ]

  static let needs = ColumnSet(metrics: .all)

  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.reportCount }
    let trials = sources.reduce(0) { $0 + $1.state.trialCount }
    return .init(
      total: total, perStudy: total / max(1, sources.count), perTrial: total / max(1, trials))
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    scope.trialPieces(sources, Self.needs) { try MetricRows($0, row: $1) }
  }
}

/// All reports of one trial that count.
final class MetricRows: TablePiece {
  private let block: LoadedBlock
  private let trialRow: Int
  private let points: [MetricPoint]
  /// For each metric that it reported, its name and where its points end.
  private let ends: [(metric: String, end: Int)]

  init(_ block: LoadedBlock, row: Int) throws {
    self.block = block
    trialRow = row
    var points: [MetricPoint] = []
    ends = try block.trials.reportedMetrics(ofRow: row).map { metric in
      points += try metric.series(ofRow: row)
      return (metric.name, points.count)
    }
    self.points = points
  }

  var rowCount: Int { points.count }
  var firstRowID: Int64 { block.source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    switch column {
    case 0: return .text(block.source.name)
    case 1: return block.number(trialRow)
    case 2: return .text(ends.first { row < $0.end }?.metric ?? "")
    case 3: return .integer(points[row].step)
    case 4: return .real(points[row].value)
    default: return block.source.time(points[row].time)
    }
  }
}
