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

  func pieces(in scope: ScanScope) -> PieceSource {
    // The studies' own first; none of them has a number to ask for.
    var studies = scope.number == nil ? scope.studies(sources).makeIterator() : [].makeIterator()
    let trials = scope.trialPieces(
      sources, ColumnSet(userAttributes: .all, systemAttributes: .all)
    ) { AttributeRows($0, trialRow: $1) }
    return { try studies.next().map { AttributeRows($0) } ?? trials() }
  }
}

private final class AttributeRows: TablePiece {
  let source: StudySource
  let trialRow: Int?
  private let number: SQLValue
  private let attributes: [(scope: AttributeScope, key: String, json: String)]

  /// The attributes of a study, by key.
  init(_ source: StudySource) {
    self.source = source
    trialRow = nil
    number = .null
    let study = source.state.study
    attributes =
      study.userAttributes.sorted { $0.key < $1.key }.map { (.user, $0.key, $0.value) }
      + study.systemAttributes.sorted { $0.key < $1.key }.map { (.system, $0.key, $0.value) }
  }

  /// The attributes of a trial, in the order in which the study first saw them.
  init(_ block: LoadedBlock, trialRow: Int) {
    source = block.source
    self.trialRow = trialRow
    number = block.number(trialRow)
    attributes = [AttributeScope.user, .system].flatMap { scope in
      block.trials.attributes(scope, ofRow: trialRow).map { (scope, $0.key, $0.json) }
    }
  }

  var rowCount: Int { attributes.count }

  /// Those of studies lie below zero, apart from those of trials.
  var firstRowID: Int64 {
    if let trialRow { return source.firstRowID(ofTrialRow: trialRow) }
    return Int64.min + Int64(source.state.study.id.rawValue & 0xFFFF_FFFF) << 24
  }

  func value(row: Int, column: Int) -> SQLValue {
    let attribute = attributes[row]
    return switch column {
    case 0: .text(source.name)
    case 1: number
    case 2: .text(attribute.scope == .user ? "user" : "system")
    case 3: .text(attribute.key)
    case 4: JSONText.scalar(attribute.json)
    default: .text(JSONText.strict(attribute.json))
    }
  }
}
