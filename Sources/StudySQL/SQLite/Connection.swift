// An SQLite database in memory that holds no data of its own: what can be read in it are
// virtual tables. This file and Statement.swift own SQLite's handles; ScanModule.swift is what
// SQLite calls back.

import PlainText
internal import CSQLite

@safe struct Connection: ~Copyable {
  private let handle: OpaquePointer
  let supervisor: QueryGuard
  private let clock: ClockZone

  private init(owning handle: OpaquePointer, supervisor: QueryGuard, clock: ClockZone) {
    unsafe self.handle = unsafe handle
    self.supervisor = supervisor
    self.clock = clock
  }

  /// Opens an empty database that can only be read, where times are compared by `clock`.
  static func open(
    supervisor: QueryGuard, clock: ClockZone = .utc
  ) throws(QueryError) -> Connection {
    var opened: OpaquePointer?
    let flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
    let result = unsafe sqlite3_open_v2(":memory:", &opened, flags, nil)
    guard result == SQLITE_OK, let opened = unsafe opened else {
      _ = unsafe sqlite3_close_v2(opened)
      throw .failed(message: message(ofCode: result))
    }
    let connection = unsafe Connection(
      owning: opened, supervisor: supervisor, clock: clock)
    try connection.harden()
    try connection.addTimes(by: clock)
    return connection
  }

  /// Opens the file at `path`, to be written; statements are nobody's but the caller's.
  static func create(at path: String, supervisor: QueryGuard) throws(QueryError) -> Connection {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let result = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard result == SQLITE_OK, let opened = unsafe opened else {
      _ = unsafe sqlite3_close_v2(opened)
      throw .failed(message: message(ofCode: result))
    }
    return unsafe Connection(owning: opened, supervisor: supervisor, clock: .utc)
  }

  /// Statements that are still alive keep the database open until they end.
  deinit { _ = unsafe sqlite3_close_v2(handle) }

  private func harden() throws(QueryError) {
    let result = unsafe csqlite_harden(handle)
    guard result == SQLITE_OK else { throw .failed(message: Self.message(ofCode: result)) }
    for (limit, value) in supervisor.policy.limits {
      unsafe sqlite3_limit(handle, limit, Int32(value))
    }
    let context = unsafe Unmanaged.passUnretained(supervisor).toOpaque()
    unsafe sqlite3_set_authorizer(handle, authorize, context)
    unsafe sqlite3_progress_handler(handle, QueryGuard.stride, checkProgress, context)
  }

  private func addTimes(by clock: ClockZone) throws(QueryError) {
    for name in [TimeCollation.name, TimeCollation.longName] {
      let owner = unsafe Unmanaged.passRetained(TimeCollation(clock: clock)).toOpaque()
      let result = unsafe sqlite3_create_collation_v2(
        handle, name, SQLITE_UTF8, owner, compareTimes, releaseTimes)
      guard result == SQLITE_OK else {
        // Other than everywhere else, SQLite does not release what it did not take.
        unsafe Unmanaged<TimeCollation>.fromOpaque(owner).release()
        throw .failed(message: Self.message(ofCode: result))
      }
    }
  }

  /// Makes `table` readable under `name`.
  func register(_ table: RegisteredTable) throws(QueryError) {
    // From here on SQLite owns the reference, and releases it also when this fails.
    let module = TableModule(table, supervisor: supervisor, clock: clock)
    let owner = unsafe Unmanaged.passRetained(module).toOpaque()
    let result = unsafe sqlite3_create_module_v2(
      handle, table.name, ScanModule.callbacks, owner, ScanModule.release)
    guard result == SQLITE_OK else { throw .failed(message: Self.message(ofCode: result)) }
  }

  /// The most columns a table may have.
  static let columnLimit = 2000

  /// Compiles `sql`, which must be one statement.
  func prepare(_ sql: String) throws(PreparationFailure) -> Statement {
    guard !sql.utf8.contains(0) else {
      throw .init(code: SQLITE_ERROR, message: "the text contains a zero byte", offset: nil)
    }
    supervisor.begin()
    var statement: OpaquePointer?
    var text = sql
    let (result, consumed) = text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters -> (Int32, Int) in
        guard let start = characters.baseAddress else { return (SQLITE_OK, 0) }
        var tail: UnsafePointer<CChar>?
        let result = unsafe sqlite3_prepare_v3(
          handle, start, Int32(characters.count), 0, &statement, &tail)
        return unsafe (result, tail.map { unsafe $0 - start } ?? characters.count)
      }
    }
    guard result == SQLITE_OK else {
      let offset = Int(unsafe sqlite3_error_offset(handle))
      throw .init(
        code: result, message: unsafe String(cString: sqlite3_errmsg(handle)),
        offset: offset < 0 ? nil : offset)
    }
    return unsafe Statement(
      owning: statement, supervisor: supervisor,
      rest: String(decoding: Array(sql.utf8)[consumed...], as: UTF8.self))
  }

  /// The error when compiling was ended from outside; nil when the text was at fault.
  func ending(_ failure: PreparationFailure) -> QueryError? {
    let isEnded = [SQLITE_INTERRUPT, SQLITE_NOMEM].contains(failure.code)
    return isEnded ? supervisor.error(failure.code, message: failure.message) : nil
  }

  private static func message(ofCode code: Int32) -> String {
    unsafe String(cString: sqlite3_errstr(code))
  }
}

extension QueryPolicy {
  /// The longest text or blob that an expression may make, in bytes.
  var longestValue: Int {
    switch self {
    case .reading: 1 << 26
    case .computing: 1 << 18
    }
  }

  /// What SQLite shall refuse. A pattern is compared with a text in time of both lengths
  /// together multiplied, without a look at the guard, so it has to be short.
  fileprivate var limits: [(Int32, Int)] {
    [
      (SQLITE_LIMIT_LENGTH, longestValue), (SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
      (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000), (SQLITE_LIMIT_ATTACHED, 0),
      (SQLITE_LIMIT_TRIGGER_DEPTH, 0), (SQLITE_LIMIT_WORKER_THREADS, 0),
      (SQLITE_LIMIT_EXPR_DEPTH, self == .reading ? 1000 : 200),
    ]
  }
}

/// What SQLite said to a text it could not compile.
struct PreparationFailure: Error {
  let code: Int32
  let message: String
  /// Bytes before the place in the text, when it is known.
  let offset: Int?

  /// Whether the guard refused it.
  var isRefusal: Bool { code == SQLITE_AUTH }
}

extension String {
  /// Whether SQL reserves this word.
  var isSQLKeyword: Bool {
    unsafe sqlite3_keyword_check(self, Int32(utf8.count)) != 0
  }
}

/// SQLite asks, while it compiles, about everything a statement would do.
private func authorize(
  context: UnsafeMutableRawPointer?, action: Int32, first: UnsafePointer<CChar>?,
  second: UnsafePointer<CChar>?, database: UnsafePointer<CChar>?, trigger: UnsafePointer<CChar>?
) -> Int32 {
  guard let context = unsafe context else { return SQLITE_DENY }
  let supervisor = unsafe Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
  switch action {
  case SQLITE_SELECT: return SQLITE_OK
  case SQLITE_RECURSIVE: return supervisor.policy == .reading ? SQLITE_OK : SQLITE_DENY
  case SQLITE_READ:
    if supervisor.policy == .reading { return SQLITE_OK }
    // Asked when an expression uses none of the values that are bound.
    guard let first = unsafe first else { return SQLITE_DENY }
    let isBound = unsafe String(cString: first) == QueryGuard.boundTable
    return isBound ? SQLITE_OK : SQLITE_DENY
  case SQLITE_FUNCTION:
    guard let second = unsafe second else { return SQLITE_DENY }
    return supervisor.allows(function: unsafe String(cString: second)) ? SQLITE_OK : SQLITE_DENY
  case SQLITE_UPDATE:
    // SQLite asks for this when a virtual table is declared. A statement that really tries it
    // is refused all the same: the schema is defended, and the statement does not only read.
    guard let first = unsafe first, unsafe String(cString: first) == "sqlite_master" else {
      return SQLITE_DENY
    }
    return SQLITE_OK
  default: return SQLITE_DENY
  }
}

private func compareTimes(
  owner: UnsafeMutableRawPointer?, firstCount: Int32, first: UnsafeRawPointer?,
  secondCount: Int32, second: UnsafeRawPointer?
) -> Int32 {
  guard let owner = unsafe owner else { return 0 }
  return unsafe Unmanaged<TimeCollation>.fromOpaque(owner)._withUnsafeGuaranteedRef {
    unsafe $0.compare(
      UnsafeRawBufferPointer(start: first, count: Int(firstCount)),
      UnsafeRawBufferPointer(start: second, count: Int(secondCount)))
  }
}

private func releaseTimes(owner: UnsafeMutableRawPointer?) {
  guard let owner = unsafe owner else { return }
  unsafe Unmanaged<TimeCollation>.fromOpaque(owner).release()
}

private func checkProgress(context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context = unsafe context else { return 1 }
  let supervisor = unsafe Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
  return supervisor.shouldStop() ? 1 : 0
}
