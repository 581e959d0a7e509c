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

  func pieces(in scope: ScanScope) -> any PieceSource { ParamPieces(sources, scope) }
}

private final class ParamPieces: PieceSource {
  private let scope: ScanScope
  private let blocks: ReadAhead<LoadedColumns>

  init(_ sources: [StudySource], _ scope: ScanScope) {
    self.scope = scope
    blocks = ReadAhead(scope.blocks(sources))
  }

  private func columns(_ source: StudySource) -> ColumnSet {
    let all = source.state.parameterNames
    let wanted = all.filter { scope.admits(.text($0), inColumn: 2) }
    return ColumnSet(parameters: wanted.count == all.count ? .all : .only(wanted))
  }

  func next() throws -> (any TablePiece)? {
    try blocks.next(columns).map { ParamRows($0, columns($0.source), scope) }
  }
}

/// The parameters of a block of trials.
private final class ParamRows: TablePiece {
  private let block: LoadedBlock
  private var cells: [(row: Int, parameter: ParameterReader)] = []
  private(set) var selection: [Int32]?

  init(_ block: LoadedBlock, _ columns: ColumnSet, _ scope: ScanScope) {
    self.block = block
    let trials = block.trials
    let readers = trials.parameters.compactMap { block.parameters[$0.number] }
    cells.reserveCapacity(trials.rows.count * min(readers.count, 16))
    for row in trials.rows where scope.admits(number: trials.numbers[row]) {
      if columns.parameters == .all {
        for number in trials.parameterNumbers(ofRow: row) {
          if let reader = block.parameters[number] { cells.append((row, reader)) }
        }
      } else {
        for reader in readers where reader.column.internalValues[row] != nil {
          cells.append((row, reader))
        }
      }
    }
    selection = select(scope.rowConditions)
  }

  var rowCount: Int { cells.count }
  func position(_ row: Int) -> Int64 { rowID(row) }

  func rowID(_ row: Int) -> Int64 {
    block.source.firstRowID(ofTrialRow: cells[row].row) + Int64(cells[row].parameter.column.number)
  }

  func value(row: Int, column: Int) -> SQLValue {
    let (trialRow, parameter) = cells[row]
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
