// A compiled statement, and its rows as values.

internal import CSQLite

@safe struct Statement: ~Copyable {
  /// Nil for text that holds nothing but spaces and comments.
  private let handle: OpaquePointer?
  /// What stands behind the statement in its text.
  let rest: String
  /// Kept alive with the statement: SQLite consults it while the statement runs.
  private let supervisor: QueryGuard

  init(owning handle: OpaquePointer?, supervisor: QueryGuard, rest: String) {
    unsafe self.handle = unsafe handle
    self.supervisor = supervisor
    self.rest = rest
  }

  deinit { _ = unsafe sqlite3_finalize(handle) }

  var isEmpty: Bool { unsafe handle == nil }

  var isReadOnly: Bool { unsafe sqlite3_stmt_readonly(handle) != 0 }

  var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

  var parameterCount: Int { Int(unsafe sqlite3_bind_parameter_count(handle)) }

  func columnName(_ index: Int) -> String {
    guard let name = unsafe sqlite3_column_name(handle, Int32(index)) else { return "" }
    return unsafe String(cString: name)
  }

  /// The declared type of the table's column that result column `index` shows; nil when it is
  /// computed.
  func declaredType(_ index: Int) -> String? {
    guard let type = unsafe sqlite3_column_decltype(handle, Int32(index)) else { return nil }
    return unsafe String(cString: type)
  }

  /// Puts `value` in the place of parameter `index`, counting from 1.
  func bind(_ value: SQLValue, at index: Int) throws(QueryError) {
    let place = Int32(index)
    let result =
      switch value {
      case .null: unsafe sqlite3_bind_null(handle, place)
      case .integer(let value): unsafe sqlite3_bind_int64(handle, place, value)
      case .real(let value): unsafe sqlite3_bind_double(handle, place, value)
      case .text(let value):
        unsafe csqlite_bind_text(handle, place, value, UInt64(value.utf8.count))
      }
    if result != SQLITE_OK { throw failure(result) }
  }

  /// Moves to the next row; false when there is none.
  func step() throws(QueryError) -> Bool {
    let result = unsafe sqlite3_step(handle)
    switch result {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(result)
    }
  }

  /// Back to before the first row, with a full allowance of operations.
  func reset() {
    // Repeats the error of the last step, which has been thrown.
    _ = unsafe sqlite3_reset(handle)
    supervisor.begin()
  }

  /// The value of column `index` in the current row. Bytes that are no text (only SQL that
  /// asks for a blob makes them) become text as far as they are UTF-8.
  func value(_ index: Int) -> SQLValue {
    let column = Int32(index)
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
    case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(handle, column))
    case SQLITE_NULL: return .null
    default:
      let start = unsafe sqlite3_column_blob(handle, column)
      let count = Int(unsafe sqlite3_column_bytes(handle, column))
      return .text(
        unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self))
    }
  }

  private func failure(_ code: Int32) -> QueryError {
    supervisor.error(
      code, message: unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
  }
}
