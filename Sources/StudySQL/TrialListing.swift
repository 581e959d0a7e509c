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
  public var limit: Int?
  public var offset: Int

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
    let layout = TrialLayout.columns(of: source.state)
    let columns = layout.map(\.column)
    var shown: [String] = []
    if let wanted = listing.columns {
      for name in wanted { shown.append(try Self.column(name, of: columns)) }
    } else {
      shown = columns.filter { !$0.isHidden }.map(\.name)
    }
    var order: [String] = []
    for key in listing.sort { order.append(try Self.sortTerm(key, columns)) }
    order.append("number".sqlName)

    var sql = "SELECT \(shown.map(\.sqlName).joined(separator: ", "))"
    sql += " FROM \(source.tableName.sqlName)"
    if let filter = listing.filter {
      try check(filter, on: source, columns)
      sql += " WHERE (\n\(filter)\n)"
    }
    sql += " ORDER BY " + order.joined(separator: ", ")
    sql += " LIMIT ?1 OFFSET ?2"
    let spellings = layout.map { ($0.column.name, source.state.spelling(of: $0.field)) }
    return try query(
      sql, [.integer(Int64(listing.limit ?? -1)), .integer(Int64(max(0, listing.offset)))],
      spellings: Dictionary(spellings.filter { !$0.1.isEmpty }) { first, _ in first })
  }

  /// The columns of `study`'s own table, in order; hidden ones too when asked for.
  public func columnNames(
    of study: StudyID, includingHidden: Bool = false
  ) throws(QueryError) -> [String] {
    TrialLayout.columns(of: try source(of: study).state).map(\.column)
      .filter { includingHidden || !$0.isHidden }.map(\.name)
  }

  /// Throws unless `filter` alone is an expression over `columns`.
  private func check(
    _ filter: String, on source: StudySource, _ columns: [TableColumn]
  ) throws(QueryError) {
    let diagnosis = ExpressionDiagnosis(filter, columns: columns, metrics: source.metricNames)
    try diagnosis.checkBefore()
    let start = "SELECT 1 FROM \(source.tableName.sqlName) WHERE (\n"
    do {
      _ = try connection.prepare(start + filter + "\n)")
    } catch {
      throw diagnosis.explain(error, prefixBytes: start.utf8.count)
    }
    try diagnosis.checkAfter()
  }

  /// The column called `name`, however its letters are cased.
  private static func column(
    _ name: String, of columns: [TableColumn]
  ) throws(QueryError) -> String {
    if let column = columns.first(where: { $0.name.foldedName == name.foldedName }) {
      return column.name
    }
    throw .unknownColumn(
      name, candidates: nearestNames(to: name, among: columns.map(\.name)), nil)
  }

  private static func sortTerm(
    _ key: String, _ columns: [TableColumn]
  ) throws(QueryError) -> String {
    let isMarked = key.hasPrefix("-") || key.hasPrefix("+")
    let name = try column(isMarked ? String(key.dropFirst()) : key, of: columns)
    return name.sqlName + (key.hasPrefix("-") ? " DESC" : " ASC") + " NULLS LAST"
  }
}

extension StudySource {
  var metricNames: [String] { state.trials.metrics.map(\.name) }
}
