// `params`: one row a parameter of a trial.

internal import StudyModel

struct ParamsTable: ColumnarTable {
  let sources: [StudySource]

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("number", .integer),
    TableColumn("name", .text),
    TableColumn("value", .any),
    TableColumn("distribution", .text),
  ]

  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.parameterCount }
    let trials = sources.reduce(0) { $0 + $1.state.trialCount }
    let parameters = total / max(1, trials)
    return .init(total: total, perStudy: total / max(1, sources.count), perTrial: parameters)
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    scope.trialPieces(sources, ColumnSet(parameters: .all)) { ParamRows($0, row: $1) }
  }
}

private final class ParamRows: TablePiece {
  private let block: LoadedBlock
  private let trialRow: Int
  /// The parameters that the trial has.
  private let parameters: [ParameterReader]

  init(_ block: LoadedBlock, row: Int) {
    self.block = block
    trialRow = row
    parameters = block.trials.parameterNumbers(ofRow: row).compactMap { block.parameters[$0] }
  }

  var rowCount: Int { parameters.count }
  var firstRowID: Int64 { block.source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    let parameter = parameters[row]
    switch column {
    case 0: return .text(block.source.name)
    case 1: return block.number(trialRow)
    case 2: return .text(parameter.column.name)
    case 3: return parameter.value(trialRow)
    default:
      let distribution = parameter.column.distribution(ofRow: trialRow)
      return distribution.map { .text($0.optunaJSON) } ?? .null
    }
  }
}
