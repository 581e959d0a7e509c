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
    + SeriesField.all.map {
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

  func pieces(in scope: ScanScope) -> any PieceSource { SeriesPieces(sources, scope) }
}

private final class SeriesPieces: PieceSource {
  private let scope: ScanScope
  private let blocks: SeriesBlocks

  init(_ sources: [StudySource], _ scope: ScanScope) {
    self.scope = scope
    blocks = SeriesBlocks(sources, scope, metricColumn: 2)
  }

  func next() throws -> (any TablePiece)? {
    try blocks.next().map { SeriesRows($0, scope.rowConditions) }
  }
}

/// The series of a block of trials.
private final class SeriesRows: TablePiece {
  private let block: SeriesBlock
  private(set) var selection: [Int32]?

  init(_ block: SeriesBlock, _ conditions: [ScanCondition]) {
    self.block = block
    selection = select(conditions)
  }

  var rowCount: Int { block.series.count }
  func position(_ row: Int) -> Int64 { rowID(row) }

  func rowID(_ row: Int) -> Int64 {
    let series = block.series[row]
    return block.source.firstRowID(ofTrialRow: series.row)
      + Int64(block.trials.metrics[series.metric].metric)
  }

  func value(row: Int, column: Int) -> SQLValue {
    let series = block.series[row]
    switch column {
    case 0: return .text(block.source.name)
    case 1: return .integer(Int64(block.trials.numbers[series.row]))
    case 2: return block.names[series.metric]
    default: return SeriesField.all[column - 3].value(series.summary)
    }
  }
}
