// `attrs`: one row an attribute, of a study (its number is NULL) or of a trial.

internal import StudyModel

struct AttrsTable: ColumnarTable {
  let sources: [StudySource]

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("number", .integer),
    TableColumn("scope", .word),
    TableColumn("key", .text),
    TableColumn("value", .any),
    TableColumn("json", .text, hidden: true),
  ]

  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.attributeCount }
    let trials = sources.reduce(0) { $0 + $1.state.trialCount }
    return .init(
      total: total, perStudy: total / max(1, sources.count), perTrial: total / max(1, trials))
  }

  func pieces(in scope: ScanScope) -> any PieceSource { AttributePieces(sources, scope) }
}

private final class AttributePieces: PieceSource {
  private let scope: ScanScope
  /// The studies' own come first; they have no number.
  private var studies: ArraySlice<StudySource> = []
  private let blocks: ReadAhead<LoadedColumns>

  init(_ sources: [StudySource], _ scope: ScanScope) {
    self.scope = scope
    if scope.numberConditions.allSatisfy({ $0.admits(.null) }) {
      studies = scope.studies(sources)[...]
    }
    blocks = ReadAhead(
      scope.blocks(sources) { source, _ in
        AttributeScope.allCases.contains { !source.state.attributeKeys($0).isEmpty }
      })
  }

  private func columns(_ source: StudySource) -> ColumnSet {
    func names(_ part: AttributeScope) -> ColumnSet.Names {
      guard scope.admits(.text(part.word), inColumn: 2) else { return .none }
      return .only(
        source.state.attributeKeys(part).filter { scope.admits(.text($0), inColumn: 3) })
    }
    return ColumnSet(userAttributes: names(.user), systemAttributes: names(.system))
  }

  func next() throws -> (any TablePiece)? {
    if let study = studies.popFirst() { return AttributeRows(study, scope) }
    return try blocks.next(columns).map { AttributeRows($0, scope) }
  }
}

extension AttributeScope {
  fileprivate static let allCases: [AttributeScope] = [.user, .system]
  fileprivate var word: String { self == .user ? "user" : "system" }
}

/// The attributes of a study, or of a block of trials.
private final class AttributeRows: TablePiece {
  private struct Cell {
    let number: SQLValue
    let scope: AttributeScope
    let key: String
    let json: String
    let rowID: Int64
  }

  let source: StudySource
  private var cells: [Cell] = []
  private(set) var selection: [Int32]?

  /// The attributes of a study, by key. They lie below zero, apart from those of trials.
  init(_ source: StudySource, _ scope: ScanScope) {
    self.source = source
    let study = source.state.study
    var rowID = Int64.min + Int64(study.id.rawValue & 0xFFFF_FFFF) << 24
    for (part, attributes) in [
      (AttributeScope.user, study.userAttributes), (.system, study.systemAttributes),
    ] {
      for (key, json) in attributes.sorted(by: { $0.key < $1.key }) {
        cells.append(Cell(number: .null, scope: part, key: key, json: json, rowID: rowID))
        rowID += 1
      }
    }
    selection = select(scope.rowConditions)
  }

  /// The attributes of trials, each one's in the order in which the study first saw them.
  init(_ block: LoadedBlock, _ scope: ScanScope) {
    source = block.source
    let trials = block.trials
    let columns =
      trials.userAttributes.map { (AttributeScope.user, $0) }
      + trials.systemAttributes.map { (.system, $0) }
    // By column, since there may be thousands of which each trial has one.
    for (part, column) in columns {
      let offset = Int64(column.number) + (part == .user ? 0 : 1 << 30)
      column.json.forEachValue { row, json in
        guard trials.rows.contains(row), scope.admits(number: trials.numbers[row]) else { return }
        cells.append(
          Cell(
            number: block.number(row), scope: part, key: column.key, json: json,
            rowID: source.firstRowID(ofTrialRow: row) + offset))
      }
    }
    cells.sort { $0.rowID < $1.rowID }
    selection = select(scope.rowConditions)
  }

  var rowCount: Int { cells.count }
  func rowID(_ row: Int) -> Int64 { cells[row].rowID }
  func position(_ row: Int) -> Int64 { cells[row].rowID }

  func value(row: Int, column: Int) -> SQLValue {
    let cell = cells[row]
    return switch column {
    case 0: .text(source.name)
    case 1: cell.number
    case 2: .text(cell.scope.word)
    case 3: .text(cell.key)
    case 4: JSONText.scalar(cell.json)
    default: .text(JSONText.strict(cell.json))
    }
  }
}
