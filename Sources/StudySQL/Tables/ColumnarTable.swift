// What a virtual table is to the rest of this module: columns, and rows in pieces. How SQLite
// reads it is told once, in ScanModule.swift.

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
    let words = [name.sqlName, type, isHidden ? "HIDDEN" : "", collation.map { "COLLATE " + $0 }]
    return words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// As ``declaration``, to the same effect, for SQLite up to 3.40 at least: it takes the word
  /// HIDDEN out of the text that names a type by moving what is behind it, and then looks for the
  /// collation's name in the wrong place. When a word of six letters stands behind HIDDEN, that
  /// place is where this word was. And HIDDEN alone is a type to it, one of numbers; a BLOB is
  /// compared as what has no type.
  var declarationForSQLite: String {
    if isHidden && type.isEmpty { return "\(name.sqlName) BLOB HIDDEN" }
    guard isHidden, let collation else { return declaration }
    let word = collation == TimeCollation.name ? TimeCollation.longName : collation
    precondition(word.utf8.count == "HIDDEN".utf8.count)
    return "\(name.sqlName) \(type) HIDDEN \(word) COLLATE \(word)"
  }

  private var type: String {
    switch kind {
    case .word, .time: "TEXT"
    default: kind.rawValue
    }
  }

  private var collation: String? {
    switch kind {
    case .word: "NOCASE"
    case .time: TimeCollation.name
    default: nil
    }
  }
}

/// A table that SQLite can read. Its rows come in pieces (a block of trials, the reports of some
/// trials, …), one study after the other in order of creation, and within a study by ascending
/// trial number.
protocol ColumnarTable: Sendable {
  var columns: [TableColumn] { get }
  /// The column with the study's name, when there is one.
  var studyColumn: Int? { get }
  /// The column with the trial's number, when there is one.
  var numberColumn: Int? { get }
  /// Whether a trial has one row and no more.
  var hasOneRowPerTrial: Bool { get }
  /// How many rows there are, roughly: in all, in a study, of a trial.
  var size: TableSize { get }

  /// The pieces that hold the rows in `scope`.
  func pieces(in scope: ScanScope) -> any PieceSource
}

extension ColumnarTable {
  var hasOneRowPerTrial: Bool { false }
}

/// Gives a table's pieces one after the other.
///
/// A class, and no closure: Swift 6.3 compiles some that change what they captured wrongly, with
/// optimisation, where it sees both who makes and who calls them.
protocol PieceSource: AnyObject {
  /// The next piece; nil after the last. What was loaded for a piece goes with it.
  func next() throws -> (any TablePiece)?
}

/// The pieces of a table that has one a study.
final class StudyPieces: PieceSource {
  private var studies: ArraySlice<StudySource>
  private let piece: (StudySource) throws -> any TablePiece

  init(_ studies: [StudySource], _ piece: @escaping (StudySource) throws -> any TablePiece) {
    self.studies = studies[...]
    self.piece = piece
  }

  func next() throws -> (any TablePiece)? { try studies.popFirst().map(piece) }
}

/// Neighbouring rows of a table. A class: a scan asks it for one value after the other, and
/// a reference is cheap to hold.
protocol TablePiece: AnyObject {
  var rowCount: Int { get }
  /// The rows that fulfil the conditions of the scan, ascending; nil: all.
  var selection: [Int32]? { get }
  /// Loads what the conditions did not need. Until then other columns have no values.
  func load() throws
  func value(row: Int, column: Int) -> SQLValue
  /// The identity of a row among all rows of the table, whatever the scope.
  func rowID(_ row: Int) throws -> Int64
  /// Ascends with the rows of the table, as long as the scope is the same.
  func position(_ row: Int) -> Int64
}

extension TablePiece {
  var selection: [Int32]? { nil }
  func load() {}

  /// The rows for which all `conditions` hold; nil: all rows.
  func select(_ conditions: [ScanCondition]) -> [Int32]? {
    var selection: [Int32]?
    for condition in conditions {
      selection = condition.select(count: rowCount, among: selection) {
        value(row: $0, column: condition.column)
      }
    }
    return selection
  }
}

struct TableSize {
  var total: Int
  var perStudy: Int
  var perTrial: Int
}
