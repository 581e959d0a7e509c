// A study as an ordinary SQLite file: the tables of schema/tables.sql with rows of their own, for
// programs that know SQLite and not Cairn.

public import StudyModel

extension HistoryDatabase {
  /// Writes `study` into the empty file at `path`, in constant memory: its own table, and its rows
  /// of `studies`, `trials`, `params`, `metrics`, `series` and `attrs`, with the columns too that
  /// Cairn hides, and indexes by which trials, parameters and curves are found.
  ///
  /// The file is written as fast as it can be: who is interrupted must not use it.
  ///
  /// - Returns: how many trials it holds.
  /// - Throws: ``QueryError``, also when the file cannot be written.
  public func exportSQLite(of study: StudyID, to path: String) throws -> Int {
    let source = try source(of: study)
    // Numbered through as if it were the only study.
    let alone = StudySource(
      source.state, clock: source.clock, trialsBefore: 0, index: 0, tableName: source.tableName)
    let output = try Connection.create(at: path, supervisor: connection.supervisor)
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"] {
      try output.execute("PRAGMA \(pragma)")
    }
    try output.execute("BEGIN")
    try copy(StudiesTable(sources: [alone]), as: "studies", to: output)
    try copy(TrialsTable(sources: [alone]), as: "trials", to: output)
    try copy(ParamsTable(sources: [alone]), as: "params", to: output)
    try copy(MetricsTable(sources: [alone]), as: "metrics", to: output)
    try copy(SeriesTable(sources: [alone]), as: "series", to: output)
    try copy(AttrsTable(sources: [alone]), as: "attrs", to: output)
    try copy(StudyTable(alone), as: source.tableName, key: "number", to: output)
    for (table, columns) in [
      ("trials", "number"), ("trials", "value"), ("params", "number, name"),
      ("params", "name, value"), ("metrics", "number, metric, step"), ("series", "number, metric"),
      ("series", "metric"), ("attrs", "number, key"),
    ] {
      try checkCancelled()
      let name = "\(table)_by_" + columns.replacing(", ", with: "_")
      try output.execute("CREATE INDEX \(name.sqlName) ON \(table.sqlName) (\(columns))")
    }
    try output.execute("COMMIT")
    try output.execute("PRAGMA optimize")
    return source.state.trialCount
  }

  private func copy(
    _ table: some ColumnarTable, as name: String, key: String? = nil,
    to output: borrowing Connection
  ) throws {
    let columns = table.columns
    let declared = columns.map { $0.plainDeclaration(isKey: $0.name == key) }
    try output.execute(
      "CREATE TABLE \(name.sqlName) (\(declared.joined(separator: ", ")))")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    let insertion = try output.prepare("INSERT INTO \(name.sqlName) VALUES (\(places))")
    let pieces = table.pieces(in: ScanScope())
    while let piece = try pieces.next() {
      try checkCancelled()
      for row in 0..<piece.rowCount {
        for column in columns.indices {
          try insertion.bind(piece.value(row: row, column: column), at: column + 1)
        }
        _ = try insertion.step()
        insertion.reset()
      }
    }
  }
}

extension TableColumn {
  /// As SQLite knows it everywhere: nothing is hidden, and times are texts.
  fileprivate func plainDeclaration(isKey: Bool) -> String {
    let type =
      switch kind {
      case .word: "TEXT COLLATE NOCASE"
      case .time: "TEXT"
      default: kind.rawValue
      }
    return [name.sqlName, type, isKey ? "PRIMARY KEY" : ""].filter { !$0.isEmpty }
      .joined(separator: " ")
  }
}

extension Connection {
  /// Runs a statement without rows.
  func execute(_ sql: String) throws {
    let statement = try prepare(sql)
    while try statement.step() {}
  }
}
