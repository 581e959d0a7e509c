// `cairn trials`: a SELECT on a study's own table, put together from parts.

internal import PlainText
public import StudyModel

/// What of a study's trials to list, and how.
public struct TrialListing: Sendable {
  /// An SQL expression over the columns of the study's table; nil: all trials.
  public var filter: String?
  /// Columns to sort by, a `-` in front for descending; trials without a value come last, and
  /// equal ones in order of their numbers.
  public var sort: [String]
  /// Nil: all that are not hidden.
  public var columns: [String]?
  /// At most so many trials; nil: all.
  public var limit: Int?
  /// How many of the sorted trials to leave out first.
  public var offset: Int

  /// Every trial with all columns, unless told otherwise.
  public init(
    filter: String? = nil, sort: [String] = [], columns: [String]? = nil, limit: Int? = nil,
    offset: Int = 0
  ) {
    self.filter = filter
    self.sort = sort
    self.columns = columns
    self.limit = limit
    self.offset = offset
  }
}

extension HistoryDatabase {
  /// The trials of `study` as `listing` wants them.
  ///
  /// - Throws: ``QueryError`` when the filter is not one expression, or names what is not there.
  public func trials(
    of study: StudyID, _ listing: TrialListing = .init()
  ) throws(QueryError) -> QueryRows {
    let source = try source(of: study)
    let layout = TrialLayout(of: source.state)
    let columns = layout.columns.map(\.column)
    var shown: [String] = []
    if let wanted = listing.columns {
      for name in wanted { shown.append(try Self.column(name, of: layout, source)) }
    } else {
      shown = columns.filter { !$0.isHidden }.map(\.name)
    }
    var order: [SortTerm] = []
    for key in listing.sort { order.append(try Self.sortTerm(key, layout, source)) }

    if let filter = listing.filter { try check(filter, on: source, layout) }
    let table = source.tableName.sqlName
    let conditions = listing.filter.map { "(\n\($0)\n)" }
    var sql = "SELECT \(shown.map(\.sqlName).joined(separator: ", ")) FROM \(table)"
    let offset = max(0, listing.offset)
    if let limit = listing.limit, order.count == 1, !order[0].isDescending,
      limit <= Self.fewRows, offset <= Self.fewRows
    {
      sql +=
        " WHERE number IN ("
        + Self.firstNumbers(in: table, by: order[0], conditions, limit: limit + offset) + ")"
    } else if let conditions {
      sql += " WHERE \(conditions)"
    }
    sql += " ORDER BY " + (order.map(\.sql) + ["number".sqlName]).joined(separator: ", ")
    // In digits, as a table is told of a limit only then.
    sql += " LIMIT \(listing.limit ?? -1) OFFSET \(offset)"
    let spellings = layout.columns.map { ($0.column.name, source.state.spelling(of: $0.field)) }
    return try run(
      sql, spellings: Dictionary(spellings.filter { !$0.1.isEmpty }) { first, _ in first })
  }

  /// So few rows are looked up by their numbers.
  private static let fewRows = 5000

  /// A query for the numbers of the first trials in an ascending order, in which those without a
  /// value come last. A table looks for the first of an order by itself, but in SQLite's own, where
  /// NULL comes first.
  private static func firstNumbers(
    in table: String, by term: SortTerm, _ conditions: String?, limit: Int
  ) -> String {
    // Not IS NOT NULL, with which SQLite would not tell the table of the limit: every number is at
    // least −∞, every text at least the empty one, and every text behind all numbers.
    let present = term.isText ? ">= ''" : ">= -9e999"
    func part(_ presence: String, _ order: String) -> String {
      let all = [conditions, "\(term.column) \(presence)"].compactMap { $0 }
      return "SELECT number FROM (SELECT number FROM \(table)"
        + " WHERE \(all.joined(separator: " AND ")) ORDER BY \(order)number LIMIT \(limit))"
    }
    return part(present, term.column + ", ") + " UNION ALL " + part("IS NULL", "")
  }

  /// The columns of `study`'s own table, in order; hidden ones too when asked for.
  public func columnNames(
    of study: StudyID, includingHidden: Bool = false
  ) throws(QueryError) -> [String] {
    TrialLayout(of: try source(of: study).state).columns.map(\.column)
      .filter { includingHidden || !$0.isHidden }.map(\.name)
  }

  /// Visible columns for which the table of `study` has no room, since SQLite's have at most
  /// 2000: ``exportTrials(of:format:_:to:)`` writes them all.
  public func omittedColumnNames(of study: StudyID) throws(QueryError) -> [String] {
    TrialLayout(of: try source(of: study).state).omitted.map(\.column)
      .filter { !$0.isHidden }.map(\.name)
  }

  /// Throws unless `filter` alone is an expression over the columns of `layout`.
  private func check(
    _ filter: String, on source: StudySource, _ layout: TrialLayout
  ) throws(QueryError) {
    let diagnosis = ExpressionDiagnosis(
      filter, columns: layout.columns.map(\.column), metrics: source.metricNames,
      omitted: layout.omitted.map { ($0.column.name, source.otherPlace(of: $0)) })
    try diagnosis.checkBefore()
    let start = "SELECT 1 FROM \(source.tableName.sqlName) WHERE (\n"
    do {
      _ = try connection.prepare(start + filter + "\n)")
    } catch {
      throw connection.ending(error) ?? diagnosis.explain(error, prefixBytes: start.utf8.count)
    }
    try diagnosis.checkAfter()
  }

  /// The column that `name` means: what is called so to the letter, or however it is cased.
  static func column(
    _ name: String, of layout: TrialLayout, _ source: StudySource
  ) throws(QueryError) -> String {
    let columns = layout.columns.map(\.column)
    let found =
      columns.first { $0.name.hasSameBytes(as: name) }
      ?? columns.first { $0.original?.hasSameBytes(as: name) ?? false }
      ?? columns.first { $0.name.foldedName == name.foldedName }
    if let found { return found.name }
    if let omitted = layout.omitted.first(where: { $0.column.name == name }) {
      throw .noRoom(name, instead: source.otherPlace(of: omitted), nil)
    }
    throw .unknownColumn(
      name, candidates: nearestNames(to: name, among: columns.map(\.name)), nil)
  }

  private struct SortTerm {
    /// In quotes.
    let column: String
    /// Whether SQLite takes it for a column of texts.
    let isText: Bool
    let isDescending: Bool

    var sql: String { column + (isDescending ? " DESC" : " ASC") + " NULLS LAST" }
  }

  private static func sortTerm(
    _ key: String, _ layout: TrialLayout, _ source: StudySource
  ) throws(QueryError) -> SortTerm {
    let isMarked = key.hasPrefix("-") || key.hasPrefix("+")
    let name = try column(isMarked ? String(key.dropFirst()) : key, of: layout, source)
    let kind = layout.columns.first { $0.column.name == name }?.column.kind
    return SortTerm(
      column: name.sqlName, isText: [.text, .word, .time].contains(kind),
      isDescending: key.hasPrefix("-"))
  }
}

extension StudySource {
  var metricNames: [String] { state.metricNames }

  /// How to ask for what `column` says, when the table has no room for it.
  func otherPlace(of column: TrialColumn) -> String {
    let (table, key, name, value) =
      switch column.field {
      case .metric(let name, let field): ("series", "metric", name, field.rawValue)
      case .parameter(let name): ("params", "name", name, "value")
      case .attribute(_, let name): ("attrs", "key", name, "value")
      default: ("trials", "study", self.name, column.column.name)
      }
    return "number IN (SELECT number FROM \(table) WHERE study = \(self.name.sqlLiteral)"
      + " AND \(key) = \(name.sqlLiteral) AND \(value) > 0)"
  }
}
