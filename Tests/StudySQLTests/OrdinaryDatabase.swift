// A database of SQLite's own, with ordinary tables: what virtual ones are held to.

import CSQLite
import PlainText
import StudyModel

@testable import StudySQL

@safe final class OrdinaryDatabase {
  private let handle: OpaquePointer

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// An empty database that compares times as the tables do.
  init(clock: ClockZone = .utc) throws {
    var opened: OpaquePointer?
    guard unsafe sqlite3_open(":memory:", &opened) == SQLITE_OK, let opened = unsafe opened else {
      throw Failure(description: "no database")
    }
    unsafe handle = unsafe opened
    let owner = unsafe Unmanaged.passRetained(TimeCollation(clock: clock)).toOpaque()
    unsafe sqlite3_create_collation_v2(
      handle, TimeCollation.name, SQLITE_UTF8, owner,
      { owner, firstCount, first, secondCount, second in
        guard let owner = unsafe owner else { return 0 }
        return unsafe Unmanaged<TimeCollation>.fromOpaque(owner).takeUnretainedValue().compare(
          UnsafeRawBufferPointer(start: first, count: Int(firstCount)),
          UnsafeRawBufferPointer(start: second, count: Int(secondCount)))
      },
      { owner in
        if let owner = unsafe owner { unsafe Unmanaged<TimeCollation>.fromOpaque(owner).release() }
      })
  }

  deinit { _ = unsafe sqlite3_close_v2(handle) }

  private func failure(_ sql: String) -> Failure {
    Failure(description: unsafe String(cString: sqlite3_errmsg(handle)) + " in " + sql)
  }

  /// All rows of a statement.
  @discardableResult
  func rows(_ sql: String, _ parameters: [SQLValue] = []) throws -> [[SQLValue]] {
    var prepared: OpaquePointer?
    guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK else {
      throw failure(sql)
    }
    defer { _ = unsafe sqlite3_finalize(prepared) }
    return try unsafe step(prepared, sql, parameters)
  }

  private func step(
    _ statement: OpaquePointer?, _ sql: String, _ parameters: [SQLValue]
  ) throws -> [[SQLValue]] {
    for (index, value) in parameters.enumerated() {
      let place = Int32(index + 1)
      switch value {
      case .null: unsafe sqlite3_bind_null(statement, place)
      case .integer(let value): unsafe sqlite3_bind_int64(statement, place, value)
      case .real(let value): unsafe sqlite3_bind_double(statement, place, value)
      case .text(let value):
        unsafe csqlite_bind_text(statement, place, value, UInt64(value.utf8.count))
      }
    }
    var rows: [[SQLValue]] = []
    while true {
      switch unsafe sqlite3_step(statement) {
      case SQLITE_ROW:
        let count = unsafe sqlite3_column_count(statement)
        rows.append((0..<count).map { unsafe value(statement, $0) })
      case SQLITE_DONE: return rows
      default: throw failure(sql)
      }
    }
  }

  private func value(_ statement: OpaquePointer?, _ column: Int32) -> SQLValue {
    switch unsafe sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(statement, column))
    case SQLITE_NULL: return .null
    default:
      let start = unsafe sqlite3_column_blob(statement, column)
      let count = Int(unsafe sqlite3_column_bytes(statement, column))
      return .text(
        unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self))
    }
  }

  /// Makes an ordinary table of a virtual one, with all of its rows.
  func copy(_ table: RegisteredTable, of database: borrowing HistoryDatabase) throws {
    let columns = table.table.columns
    let declarations = columns.map {
      $0.declaration.replacing(" HIDDEN", with: "")
    }
    try rows(
      "CREATE TABLE \(table.name.sqlName) (\(declarations.joined(separator: ", ")))")
    let names = columns.map(\.name.sqlName).joined(separator: ", ")
    let all = try database.run("SELECT \(names) FROM \(table.name.sqlName)").collect()
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    try rows("BEGIN")
    for row in all {
      try rows("INSERT INTO \(table.name.sqlName) VALUES (\(marks))", row)
    }
    try rows("COMMIT")
  }
}

extension QueryRows {
  consuming func collect() throws(QueryError) -> [[SQLValue]] {
    var rows = self
    return try rows.all()
  }
}
