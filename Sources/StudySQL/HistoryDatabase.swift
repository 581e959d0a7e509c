// A store's history as an SQL database: SQLite's language, read only, over the columns of a
// snapshot. Nothing is copied into SQLite; the tables are described in schema/tables.sql.

public import PlainText
public import StudyModel

/// Answers SQL about the studies of a snapshot.
///
/// Opening costs a few microseconds a study; a table is built when a query first mentions it.
/// A database belongs to one thread at a time; ``cancellation`` may be used from any.
public struct HistoryDatabase: ~Copyable {
  let connection: Connection
  let catalog: TableCatalog
  /// Ends its queries from another thread.
  public let cancellation: QueryCancellation

  /// What an attempt of a trial printed last, from where its output is kept; nil where nobody
  /// knows. Asked for those of which it was not recorded, when a query wants to know.
  public typealias LastLineReader =
    @Sendable (_ study: StudyID, _ trial: Int, _ attempt: Int) -> String?

  /// - Parameters:
  ///   - clock: by which times are told, in results and in comparisons.
  ///   - limits: what a query may take.
  ///   - lastLine: for the column `last_line`; nil: it is of recorded lines only.
  /// - Throws: ``QueryError/failed(message:)`` when SQLite cannot be set up.
  public init(
    _ snapshot: Snapshot, clock: ClockZone = .utc, limits: QueryLimits = .init(),
    cancellation: QueryCancellation = QueryCancellation(), lastLine: LastLineReader? = nil
  ) throws(QueryError) {
    let catalog = TableCatalog(snapshot, clock: clock, lastLine: lastLine)
    let connection = try Connection.open(
      supervisor: QueryGuard(
        policy: .reading, cancellation: cancellation, limits: limits), clock: clock)
    for table in catalog.tables { try connection.register(table) }
    self.connection = connection
    self.catalog = catalog
    self.cancellation = cancellation
  }

  /// Runs one SELECT. Its rows are computed as they are asked for.
  ///
  /// - Parameter parameters: values for `?1`, `?2`, … in the text.
  /// - Throws: ``QueryError`` when the text is not one reading statement, with the nearest names
  ///   for a table or column that does not exist.
  public func query(
    _ sql: String, _ parameters: [SQLValue] = []
  ) throws(QueryError) -> QueryRows {
    let diagnosis = QueryDiagnosis(sql: sql, catalog: catalog)
    try diagnosis.checkBefore()
    let statement: Statement
    do {
      statement = try connection.prepare(sql)
    } catch {
      throw connection.ending(error) ?? diagnosis.explain(error)
    }
    guard !statement.isEmpty else { throw .emptyQuery }
    let rest = SQLTokens(statement.rest)
    guard rest.tokens.allSatisfy({ $0.isSymbol(";") }) else {
      throw .severalStatements(rest: String(statement.rest.drop { $0.isWhitespace || $0 == ";" }))
    }
    guard statement.isReadOnly else { throw .readsOnly(statement: "this statement") }
    try diagnosis.checkAfter()
    return try Self.rows(of: statement, parameters, [:])
  }

  /// Runs a statement that was put together here.
  ///
  /// - Parameter spellings: by column, how numbers were typed; see ``ResultColumn/spelling``.
  func run(
    _ sql: String, _ parameters: [SQLValue] = [], spellings: [String: [Double: String]] = [:]
  ) throws(QueryError) -> QueryRows {
    do {
      return try Self.rows(of: try connection.prepare(sql), parameters, spellings)
    } catch let error as PreparationFailure {
      throw connection.ending(error) ?? .failed(message: error.message)
    } catch let error as QueryError {
      throw error
    } catch {
      throw .failed(message: "\(error)")
    }
  }

  private static func rows(
    of statement: consuming Statement, _ parameters: [SQLValue],
    _ spellings: [String: [Double: String]] = [:]
  ) throws(QueryError) -> QueryRows {
    guard parameters.count == statement.parameterCount else {
      throw .failed(
        message: "it has \(statement.parameterCount) placeholders, and \(parameters.count) values")
    }
    for (index, value) in parameters.enumerated() { try statement.bind(value, at: index + 1) }
    return QueryRows(statement, spellings: spellings)
  }

  /// The name of `study`'s own table.
  public func tableName(of study: StudyID) throws(QueryError) -> String {
    try source(of: study).tableName
  }

  func source(of study: StudyID) throws(QueryError) -> StudySource {
    guard let source = catalog.source(of: study) else { throw .unknownStudy(study.rawValue) }
    return source
  }
}

/// A column of a result.
public struct ResultColumn: Hashable, Sendable {
  /// As the query calls it.
  public let name: String
  /// Whether 1 and 0 stand for true and false: known of columns that are shown as they are,
  /// not of what is computed from them.
  public let isBoolean: Bool
  /// How numbers were typed that a choice is made of (1.1 as `1.10`): so they are written where
  /// text is.
  public let spelling: [Double: String]

  /// `isBoolean` columns hold 0 and 1, and are told as false and true.
  public init(_ name: String, isBoolean: Bool = false, spelling: [Double: String] = [:]) {
    self.name = name
    self.isBoolean = isBoolean
    self.spelling = spelling
  }
}

/// The rows of a query, one at a time.
public struct QueryRows: ~Copyable {
  /// What each row holds, in order.
  public let columns: [ResultColumn]
  private let statement: Statement
  private var isAtEnd = false

  /// - Parameter spellings: by the name of the column.
  init(_ statement: consuming Statement, spellings: [String: [Double: String]] = [:]) {
    columns = (0..<statement.columnCount).map { index in
      let name = statement.columnName(index)
      return ResultColumn(
        name, isBoolean: statement.declaredType(index) == TableColumn.Kind.boolean.rawValue,
        spelling: spellings[name] ?? [:])
    }
    self.statement = statement
  }

  /// The next row; nil after the last.
  ///
  /// - Throws: ``QueryError`` when computing fails, or was cancelled.
  public mutating func next() throws(QueryError) -> [SQLValue]? {
    guard !isAtEnd else { return nil }
    guard try statement.step() else {
      isAtEnd = true
      return nil
    }
    return columns.indices.map { statement.value($0) }
  }

  /// All rows that are left.
  public mutating func all() throws(QueryError) -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    while let row = try next() { rows.append(row) }
    return rows
  }

  /// Writes all rows that are left.
  ///
  /// - Throws: ``QueryError``, or what the writer's sink throws.
  public mutating func write(to writer: inout RowWriter) throws {
    while let row = try next() { try writer.write(row) }
    try writer.finish()
  }
}
