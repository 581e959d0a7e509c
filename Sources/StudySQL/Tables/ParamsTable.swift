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
    let total = sources.reduce(0) {
      $0 + $1.state.trials.parameters.reduce(0) { $0 + $1.internalValues.presentCount }
    }
    let parameters = sources.map { $0.state.trials.parameters.count }.max() ?? 0
    return .init(total: total, perStudy: total / max(1, sources.count), perTrial: parameters)
  }

  func pieces(in scope: ScanScope) -> AnyIterator<any TablePiece> {
    scope.trialPieces(sources) { ParamRows($0, row: $1) }
  }
}

private final class ParamRows: TablePiece {
  let source: StudySource
  let trialRow: Int
  /// The parameters that the trial has, by column.
  let parameters: [Int]

  init(_ source: StudySource, row: Int) {
    self.source = source
    trialRow = row
    parameters = source.parameters.indices.filter {
      source.parameters[$0].column.internalValues[row] != nil
    }
  }

  var rowCount: Int { parameters.count }
  var firstRowID: Int64 { source.firstRowID(ofTrialRow: trialRow) }

  func value(row: Int, column: Int) -> SQLValue {
    let parameter = parameters[row]
    switch column {
    case 0: return .text(source.name)
    case 1: return source.value(.number, row: trialRow)
    case 2: return .text(source.parameters[parameter].column.name)
    case 3: return source.value(.parameter(parameter), row: trialRow)
    default:
      let distribution = source.parameters[parameter].column.distribution(ofRow: trialRow)
      return distribution.map { .text($0.optunaJSON) } ?? .null
    }
  }
}
