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
    let total = sources.reduce(0) { $0 + $1.state.seriesCount }
    let trials = sources.reduce(0) { $0 + $1.state.trialCount }
    return .init(
      total: total, perStudy: total / max(1, sources.count), perTrial: total / max(1, trials))
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    scope.trialPieces(sources, ColumnSet(metrics: .all)) { SeriesRows($0, row: $1) }
  }
}

private final class SeriesRows: TablePiece {
  private let block: LoadedBlock
  private let trialRow: Int
  /// What the trial reported.
  private let series: [(metric: String, summary: SeriesSummary)]

  init(_ block: LoadedBlock, row: Int) {
    self.block = block
    trialRow = row
    series = block.trials.reportedMetrics(ofRow: row).compactMap { metric in
      metric.summary(ofRow: row).map { (metric.name, $0) }
    }
  }

  var rowCount: Int { series.count }
  var firstRowID: Int64 { block.source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    switch column {
    case 0: .text(block.source.name)
    case 1: block.number(trialRow)
    case 2: .text(series[row].metric)
    default: SeriesField.allCases[column - 3].value(series[row].summary)
    }
  }
}
