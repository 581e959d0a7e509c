// `studies`: one row a study.

internal import StudyModel

struct StudiesTable: ColumnarTable {
  let sources: [StudySource]

  static let columns: [TableColumn] = [
    TableColumn("name", .text),
    TableColumn("directions", .word),
    TableColumn("objectives", .text),
    TableColumn("sampler", .word),
    TableColumn("pruner", .word),
    TableColumn("trials", .integer),
    TableColumn("complete", .integer),
    TableColumn("pruned", .integer),
    TableColumn("failed", .integer),
    TableColumn("running", .integer),
    TableColumn("waiting", .integer),
    TableColumn("target", .integer),
    TableColumn("best_value", .real),
    TableColumn("best_number", .integer),
    TableColumn("created", .time),
    TableColumn("updated", .time),
    TableColumn("table_name", .text, hidden: true),
    TableColumn("seed", .any, hidden: true),
    TableColumn("edits", .integer, hidden: true),
    TableColumn("command", .text, hidden: true),
    TableColumn("code", .text, hidden: true),
  ]

  var columns: [TableColumn] { Self.columns }
  var studyColumn: Int? { 0 }
  var numberColumn: Int? { nil }
  var size: TableSize { .init(total: sources.count, perStudy: 1, perTrial: 1) }

  func pieces(in scope: ScanScope) -> any PieceSource {
    StudyPieces(scope.studies(sources)) { StudyRow($0, scope.rowConditions) }
  }
}

private final class StudyRow: TablePiece {
  let source: StudySource
  private(set) var selection: [Int32]?

  init(_ source: StudySource, _ conditions: [ScanCondition]) {
    self.source = source
    selection = select(conditions)
  }

  var rowCount: Int { 1 }
  func rowID(_ row: Int) -> Int64 { Int64(bitPattern: source.state.study.id.rawValue) }
  func position(_ row: Int) -> Int64 { rowID(row) }

  func value(row: Int, column: Int) -> SQLValue {
    let record = source.state
    let study = record.study
    let definition = study.definition
    return switch StudiesTable.columns[column].name {
    case "name": .text(study.name)
    case "directions": .text(study.directions.map(\.rawValue).joined(separator: ","))
    case "objectives": .text(definition.objectives.map(\.name).joined(separator: ","))
    case "sampler": .text(definition.sampler.name)
    case "pruner": .text(definition.pruner.name)
    case "trials": SQLValue(record.trialCount)
    case "complete": SQLValue(record.count(.complete))
    case "pruned": SQLValue(record.count(.pruned))
    case "failed": SQLValue(record.count(.failed))
    case "running": SQLValue(record.count(.running))
    case "waiting": SQLValue(record.count(.waiting))
    case "target": SQLValue(definition.targetTrials)
    case "best_value": SQLValue(best?.values[0])
    case "best_number": SQLValue(best?.number)
    case "created": source.time(study.created)
    case "updated": source.time(study.updated)
    case "table_name": .text(source.tableName)
    case "seed": Int64(exactly: definition.seed).map { .integer($0) } ?? .text("\(definition.seed)")
    case "edits": SQLValue(study.edits)
    case "command": definition.run.map { .text($0.command.joined(separator: " ")) } ?? .null
    case "code": definition.run?.code.map { .text($0) } ?? .null
    default: .null
    }
  }

  /// The best trial of a study with one objective; a front has no best.
  private var best: BestTrial? {
    guard source.state.study.definition.objectives.count == 1 else { return nil }
    return source.state.bestTrials.first
  }
}
