// What a virtual table is to the rest of this module: columns, and rows in pieces. How SQLite
// reads it is told once, in ScanModule.swift.

internal import StudyModel

/// A column as it is declared to SQLite.
struct TableColumn {
  enum Kind: String {
    case integer = "INTEGER"
    case real = "REAL"
    case text = "TEXT"
    /// Text whose case does not matter in comparisons.
    case word
    /// A point in time; texts in any ISO form are compared as the times they mean.
    case time
    /// 1 and 0 in SQL; `true` and `false` where rows are written out.
    case boolean = "BOOLEAN"
    /// Values of any kind.
    case any = ""
  }

  let name: String
  let kind: Kind
  /// Not in `SELECT *`, but there for whoever names it.
  let isHidden: Bool
  /// What the user called it, where SQL has to call it something else: of two parameters `lr`
  /// and `LR`, the second is the column `LR_2`.
  let original: String?

  init(_ name: String, _ kind: Kind, hidden: Bool = false, original: String? = nil) {
    self.name = name
    self.kind = kind
    isHidden = hidden
    self.original = original == name ? nil : original
  }

  var declaration: String {
    let (type, collation) =
      switch kind {
      case .word: ("TEXT", "COLLATE NOCASE")
      case .time: ("TEXT", "COLLATE " + TimeCollation.name)
      default: (kind.rawValue, "")
      }
    return [name.sqlName, type, isHidden ? "HIDDEN" : "", collation]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// A table that SQLite can read. Its rows come in pieces (a study's trials, a trial's
/// parameters, …), one study after the other in order of creation, and within a study by
/// ascending trial number.
protocol ColumnarTable: Sendable {
  var columns: [TableColumn] { get }
  /// The column with the study's name, when there is one.
  var studyColumn: Int? { get }
  /// The column with the trial's number, when there is one.
  var numberColumn: Int? { get }
  /// How many rows there are, roughly: in all, in a study, of a trial.
  var size: TableSize { get }

  /// The pieces that hold the rows in `scope`. They may hold others too: SQLite looks again.
  func pieces(in scope: ScanScope) -> PieceSource
}

/// Gives a table's pieces one after the other, and nil after the last.
///
/// It holds on to one block of trials at a time: what was loaded for a piece goes with it.
typealias PieceSource = () throws -> (any TablePiece)?

/// Neighbouring rows of a table. A class: a scan asks it for one value after the other, and
/// a reference is cheap to hold.
protocol TablePiece: AnyObject {
  var rowCount: Int { get }
  /// The identity of the first row among all rows of the table, whatever the scope; the others
  /// follow it.
  var firstRowID: Int64 { get }
  func value(row: Int, column: Int) -> SQLValue
}

struct TableSize {
  var total: Int
  var perStudy: Int
  var perTrial: Int
}

/// Which part of a table is asked for. Nil: all.
struct ScanScope {
  var study: String?
  var number: Int?
  /// The range of numbers, both ends included.
  var lowest: Int?
  var highest: Int?
  /// A comparison with NULL, say: no row at all.
  var isEmpty = false
  /// Which columns are read, a bit for each as SQLite tells it; the last bit is for all from the
  /// 64th on.
  var usedColumns = UInt64.max

  /// Whether the table's column `column` is read. Others need not be loaded.
  func uses(_ column: Int) -> Bool { usedColumns & (1 << UInt64(min(column, 63))) != 0 }

  /// The studies in scope.
  func studies(_ all: [StudySource]) -> [StudySource] {
    if isEmpty { return [] }
    guard let study else { return all }
    return all.filter { $0.name.hasSameBytes(as: study) }
  }

  /// The rows in scope of a study's trials.
  func trialRows(_ source: StudySource) -> Range<Int> {
    if isEmpty { return 0..<0 }
    guard let number else { return rows(source, from: lowest ?? 0, to: highest ?? .max) }
    guard let row = source.state.row(ofNumber: number) else { return 0..<0 }
    return row..<row + 1
  }

  /// Rows among which are all of the trials that have these numbers. A number is never less than
  /// its row, and more by the trials that a damaged store has lost.
  private func rows(_ source: StudySource, from lowest: Int, to highest: Int) -> Range<Int> {
    let count = source.state.trialCount
    let lost = source.state.nextNumber - count
    let end = highest < count ? max(0, highest + 1) : count
    let start = lowest > lost ? min(lowest - lost, end) : 0
    return start..<end
  }

  /// The trials in scope, block by block, with `columns` loaded.
  func blocks(
    _ all: [StudySource], _ columns: ColumnSet
  ) -> () throws -> LoadedBlock? {
    var studies = studies(all).makeIterator()
    var source: StudySource?
    var blocks: ArraySlice<Range<Int>> = []
    return {
      while blocks.isEmpty {
        guard let next = studies.next() else { return nil }
        source = next
        blocks = next.state.blocksOfRows(in: trialRows(next))[...]
      }
      guard let source else { return nil }
      let rows = blocks.removeFirst()
      ScanMeter.current?.count(rows, columns)
      return LoadedBlock(source, try source.state.load(columns, rows: rows))
    }
  }

  /// One piece a trial in scope.
  func trialPieces(
    _ all: [StudySource], _ columns: ColumnSet,
    _ make: @escaping (LoadedBlock, _ row: Int) throws -> any TablePiece
  ) -> PieceSource {
    let nextBlock = blocks(all, columns)
    var block: LoadedBlock?
    var rows = 0..<0
    return {
      while rows.isEmpty {
        block = nil
        block = try nextBlock()
        guard let block else { return nil }
        rows = block.trials.rows
      }
      guard let block else { return nil }
      return try make(block, rows.removeFirst())
    }
  }
}

/// Some trials of a study with the columns that are asked for. A class: many pieces share it.
final class LoadedBlock {
  let source: StudySource
  let trials: LoadedColumns
  /// By the parameters' numbers.
  let parameters: [Int: ParameterReader]

  init(_ source: StudySource, _ trials: LoadedColumns) {
    self.source = source
    self.trials = trials
    parameters = Dictionary(
      uniqueKeysWithValues: trials.parameters.map { ($0.number, ParameterReader($0)) })
  }

  func number(_ row: Int) -> SQLValue { .integer(Int64(trials.numbers[row])) }
}
