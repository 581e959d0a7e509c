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

  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }

  var size: TableSize {
    let total = sources.reduce(0) {
      $0 + $1.state.trials.metrics.reduce(0) { $0 + $1.rows.count }
    }
    let trials = sources.reduce(0) { $0 + $1.state.trials.count }
    return .init(
      total: total, perStudy: total / max(1, sources.count), perTrial: total / max(1, trials))
  }

  func pieces(in scope: ScanScope) -> AnyIterator<any TablePiece> {
    scope.trialPieces(sources) { MetricRows($0, row: $1) }
  }
}

/// All reports of one trial that count.
final class MetricRows: TablePiece {
  let source: StudySource
  let trialRow: Int
  private let points: [MetricPoint]
  /// For each metric, where its points end.
  private let ends: [Int]

  init(_ source: StudySource, row: Int) {
    self.source = source
    trialRow = row
    var points: [MetricPoint] = []
    ends = source.metrics.map { metric in
      points += metric.column.series(ofRow: row)
      return points.count
    }
    self.points = points
  }

  var rowCount: Int { points.count }
  var firstRowID: Int64 { source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    switch column {
    case 0: return .text(source.name)
    case 1: return source.value(.number, row: trialRow)
    case 2:
      let metric = ends.firstIndex { row < $0 } ?? 0
      return .text(source.metrics[metric].column.name)
    case 3: return .integer(points[row].step)
    case 4: return .real(points[row].value)
    default: return source.time(points[row].time)
    }
  }
}
