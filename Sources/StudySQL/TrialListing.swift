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
    var order: [String] = []
    for key in listing.sort { order.append(try Self.sortTerm(key, layout, source)) }
    order.append("number".sqlName)

    var sql = "SELECT \(shown.map(\.sqlName).joined(separator: ", "))"
    sql += " FROM \(source.tableName.sqlName)"
    if let filter = listing.filter {
      try check(filter, on: source, layout)
      sql += " WHERE (\n\(filter)\n)"
    }
    sql += " ORDER BY " + order.joined(separator: ", ")
    sql += " LIMIT ?1 OFFSET ?2"
    let spellings = layout.columns.map { ($0.column.name, source.state.spelling(of: $0.field)) }
    return try run(
      sql, [.integer(Int64(listing.limit ?? -1)), .integer(Int64(max(0, listing.offset)))],
      spellings: Dictionary(spellings.filter { !$0.1.isEmpty }) { first, _ in first })
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

  private static func sortTerm(
    _ key: String, _ layout: TrialLayout, _ source: StudySource
  ) throws(QueryError) -> String {
    let isMarked = key.hasPrefix("-") || key.hasPrefix("+")
    let name = try column(isMarked ? String(key.dropFirst()) : key, of: layout, source)
    return name.sqlName + (key.hasPrefix("-") ? " DESC" : " ASC") + " NULLS LAST"
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
