// `series`: one row a metric of a trial, and what its values come to. Answered from summaries
// that are kept up to date, without a look at the values.

internal import StudyModel

struct SeriesTable: ColumnarTable {
  let sources: [StudySource]

  let columns: [TableColumn] =
    [
      TableColumn("study", .text),
      TableColumn("number", .integer),
      TableColumn("metric", .text),
    ]
    + SeriesField.allCases.map {
      TableColumn(
        $0.rawValue, $0 == .steps || $0 == .nans ? .integer : .real, hidden: $0 == .nans)
    }

  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.trials.count * $1.state.trials.metrics.count }
    let metrics = sources.map { $0.state.trials.metrics.count }.max() ?? 0
    return .init(total: total, perStudy: total / max(1, sources.count), perTrial: metrics)
  }

  func pieces(in scope: ScanScope) -> AnyIterator<any TablePiece> {
    scope.trialPieces(sources) { SeriesRows($0, row: $1) }
  }
}

private final class SeriesRows: TablePiece {
  let source: StudySource
  let trialRow: Int
  /// The metrics that the trial reported, by column.
  let metrics: [Int]

  init(_ source: StudySource, row: Int) {
    self.source = source
    trialRow = row
    metrics = source.metrics.indices.filter {
      source.metrics[$0].column.summary(ofRow: row) != nil
    }
  }

  var rowCount: Int { metrics.count }
  var firstRowID: Int64 { source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    let metric = metrics[row]
    switch column {
    case 0: return .text(source.name)
    case 1: return source.value(.number, row: trialRow)
    case 2: return .text(source.metrics[metric].column.name)
    default:
      return source.value(.metric(metric, SeriesField.allCases[column - 3]), row: trialRow)
    }
  }
}
