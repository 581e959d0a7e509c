// How SQLite reads a ColumnarTable: the callbacks of its virtual table interface
// (https://sqlite.org/vtab.html). All unsafe code of the tables is here.
//
// A scan can be narrowed by equality on the study and by comparisons of the trial's number; what
// it yields is checked again by SQLite, so a comparison that is understood only roughly costs time
// and never rows. A module without xCreate is a table by the name of the module, connected when a
// statement first mentions it.

internal import CSQLite

/// A table under its name. It is built when it is first read: a store may hold thousands of
/// studies, and a query reads one.
final class RegisteredTable: Sendable {
  let name: String
  private let build: @Sendable () -> any ColumnarTable

  init(_ name: String, _ build: @escaping @Sendable () -> any ColumnarTable) {
    self.name = name
    self.build = build
  }

  var table: any ColumnarTable { build() }
}

/// What stands behind SQLite's module: a table that was registered, and who may stop its scans.
final class TableModule: Sendable {
  let registered: RegisteredTable
  let supervisor: QueryGuard

  init(_ registered: RegisteredTable, supervisor: QueryGuard) {
    self.registered = registered
    self.supervisor = supervisor
  }
}

/// What stands behind SQLite's table structure.
final class ConnectedTable {
  let table: any ColumnarTable
  let supervisor: QueryGuard

  init(_ module: TableModule) {
    table = module.registered.table
    supervisor = module.supervisor
  }

  var declaration: String {
    "CREATE TABLE t(" + table.columns.map(\.declaration).joined(separator: ", ") + ")"
  }
}

/// What stands behind SQLite's cursor structure: a walk over the rows in scope.
final class ScanCursor {
  private let table: any ColumnarTable
  private let supervisor: QueryGuard
  private var nextOfTable: PieceSource = { nil }
  private var piece: (any TablePiece)?
  private var row = 0
  private var rowCount = 0

  init(_ connected: ConnectedTable) {
    table = connected.table
    supervisor = connected.supervisor
  }

  func start(_ scope: ScanScope) throws {
    nextOfTable = table.pieces(in: scope)
    try nextPiece()
  }

  var isAtEnd: Bool { piece == nil }

  func advance() throws {
    row += 1
    if row >= rowCount { try nextPiece() }
  }

  private func nextPiece() throws {
    row = 0
    repeat {
      // SQLite does not look up while pieces are passed over that hold no row.
      if supervisor.cancellation.isCancelled { throw QueryError.interrupted }
      // First let go of the last one, lest two blocks be held at a time.
      piece = nil
      piece = try nextOfTable()
      rowCount = piece?.rowCount ?? 0
    } while piece != nil && rowCount == 0
  }

  func value(_ column: Int) -> SQLValue { piece?.value(row: row, column: column) ?? .null }

  var rowID: Int64 { (piece?.firstRowID ?? 0) + Int64(row) }
}

enum ScanModule {
  /// Bits of a plan's number: which comparisons the scan is given, in this order.
  private static let byStudy: Int32 = 1
  private static let byNumber: Int32 = 2
  private static let fromNumber: Int32 = 4
  private static let toNumber: Int32 = 8

  /// Written once, read by SQLite for as long as the process lives.
  nonisolated(unsafe) static let callbacks: UnsafePointer<sqlite3_module> = {
    var module = sqlite3_module()
    module.iVersion = 1
    unsafe module.xConnect = connect
    unsafe module.xBestIndex = choosePlan
    unsafe module.xDisconnect = disconnect
    unsafe module.xDestroy = disconnect
    unsafe module.xOpen = open
    unsafe module.xClose = close
    unsafe module.xFilter = filter
    unsafe module.xNext = next
    unsafe module.xEof = isAtEnd
    unsafe module.xColumn = column
    unsafe module.xRowid = rowID
    let place = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    unsafe place.initialize(to: module)
    return unsafe UnsafePointer(place)
  }()

  /// Gives back the reference that registering took.
  static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
    guard let owner = unsafe owner else { return }
    unsafe Unmanaged<TableModule>.fromOpaque(owner).release()
  }

  // MARK: Tables

  private static let connect:
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer?, Int32, UnsafePointer<UnsafePointer<CChar>?>?,
      UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
      UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int32 = { database, owner, _, _, result, message in
      guard let owner = unsafe owner, let result = unsafe result else { return SQLITE_MISUSE }
      let module = unsafe Unmanaged<TableModule>.fromOpaque(owner).takeUnretainedValue()
      let connected = ConnectedTable(module)
      let code = unsafe sqlite3_declare_vtab(database, connected.declaration)
      guard code == SQLITE_OK else {
        unsafe message?.pointee = unsafe csqlite_copy_text(sqlite3_errmsg(database))
        return code
      }
      let table = UnsafeMutablePointer<csqlite_table>.allocate(capacity: 1)
      unsafe table.initialize(to: csqlite_table())
      unsafe table.pointee.owner = unsafe Unmanaged.passRetained(connected).toOpaque()
      unsafe result.pointee = unsafe UnsafeMutableRawPointer(table)
        .assumingMemoryBound(to: sqlite3_vtab.self)
      return SQLITE_OK
    }

  private static let disconnect: @convention(c) (UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 = {
    guard let table = unsafe $0 else { return SQLITE_OK }
    let place = unsafe UnsafeMutableRawPointer(table)
      .assumingMemoryBound(to: csqlite_table.self)
    unsafe Unmanaged<ConnectedTable>.fromOpaque(place.pointee.owner).release()
    unsafe place.deallocate()
    return SQLITE_OK
  }

  private static func connected(_ table: UnsafeMutablePointer<sqlite3_vtab>) -> ConnectedTable {
    let place = unsafe UnsafeMutableRawPointer(table)
      .assumingMemoryBound(to: csqlite_table.self)
    return unsafe Unmanaged<ConnectedTable>.fromOpaque(place.pointee.owner).takeUnretainedValue()
  }

  // MARK: Plans

  private static let choosePlan:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab>?, UnsafeMutablePointer<sqlite3_index_info>?
    ) -> Int32 = { table, info in
      guard let table = unsafe table, let info = unsafe info else { return SQLITE_MISUSE }
      let target = unsafe connected(table).table
      let study = unsafe constraint([SQLITE_INDEX_CONSTRAINT_EQ], on: target.studyColumn, info)
      let number = unsafe constraint([SQLITE_INDEX_CONSTRAINT_EQ], on: target.numberColumn, info)
      let lowest = unsafe constraint(
        [SQLITE_INDEX_CONSTRAINT_GT, SQLITE_INDEX_CONSTRAINT_GE], on: target.numberColumn, info)
      let highest = unsafe constraint(
        [SQLITE_INDEX_CONSTRAINT_LT, SQLITE_INDEX_CONSTRAINT_LE], on: target.numberColumn, info)
      let bounds = number == nil ? [(lowest, fromNumber), (highest, toNumber)] : []
      var arguments: Int32 = 0
      for (index, bit) in [(study, byStudy), (number, byNumber)] + bounds {
        guard let index else { continue }
        arguments += 1
        unsafe info.pointee.aConstraintUsage[index].argvIndex = arguments
        unsafe info.pointee.idxNum |= bit
      }
      let isOneStudy = study != nil || target.studyColumn == nil
      let size = target.size
      var rows =
        switch (isOneStudy, number != nil) {
        case (true, true): size.perTrial
        case (true, false): size.perStudy
        case (false, true): size.perTrial * max(1, size.total / max(1, size.perStudy))
        case (false, false): size.total
        }
      // Nobody knows the numbers yet: as SQLite guesses of its own tables.
      for case (.some, _) in bounds { rows /= 4 }
      unsafe info.pointee.estimatedRows = Int64(max(1, rows))
      unsafe info.pointee.estimatedCost = Double(max(1, rows)) + 10
      // The other way round a plan can say more than a number to its scan: as a text.
      unsafe info.pointee.idxStr = unsafe csqlite_copy_text("\(info.pointee.colUsed)")
      unsafe info.pointee.needToFreeIdxStr = 1
      if unsafe isOneStudy && isInOrder(target.numberColumn, info) {
        unsafe info.pointee.orderByConsumed = 1
      }
      return SQLITE_OK
    }

  /// The first usable constraint of `column` with one of `operators`, by its place among the
  /// constraints. Texts (only studies are) must be compared byte by byte.
  private static func constraint(
    _ operators: [Int32], on column: Int?, _ info: UnsafeMutablePointer<sqlite3_index_info>
  ) -> Int? {
    guard let column else { return nil }
    for index in 0..<Int(unsafe info.pointee.nConstraint) {
      let constraint = unsafe info.pointee.aConstraint[index]
      guard constraint.usable != 0, Int(constraint.iColumn) == column,
        operators.contains(Int32(constraint.op)),
        let collation = unsafe sqlite3_vtab_collation(info, Int32(index)),
        unsafe String(cString: collation) == "BINARY"
      else { continue }
      return index
    }
    return nil
  }

  /// Whether rows by ascending trial number are in the order asked for.
  private static func isInOrder(
    _ numberColumn: Int?, _ info: UnsafeMutablePointer<sqlite3_index_info>
  ) -> Bool {
    guard let numberColumn, unsafe info.pointee.nOrderBy == 1 else { return false }
    let term = unsafe info.pointee.aOrderBy[0]
    return Int(term.iColumn) == numberColumn && term.desc == 0
  }

  // MARK: Cursors

  private static let open:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab>?,
      UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
    ) -> Int32 = { table, result in
      guard let table = unsafe table, let result = unsafe result else { return SQLITE_MISUSE }
      let cursor = unsafe ScanCursor(connected(table))
      let place = UnsafeMutablePointer<csqlite_cursor>.allocate(capacity: 1)
      unsafe place.initialize(to: csqlite_cursor())
      unsafe place.pointee.owner = unsafe Unmanaged.passRetained(cursor).toOpaque()
      unsafe result.pointee = unsafe UnsafeMutableRawPointer(place)
        .assumingMemoryBound(to: sqlite3_vtab_cursor.self)
      return SQLITE_OK
    }

  private static let close: @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 = {
    guard let cursor = unsafe $0 else { return SQLITE_OK }
    let place = unsafe UnsafeMutableRawPointer(cursor)
      .assumingMemoryBound(to: csqlite_cursor.self)
    unsafe Unmanaged<ScanCursor>.fromOpaque(place.pointee.owner).release()
    unsafe place.deallocate()
    return SQLITE_OK
  }

  /// Calls `body` with what stands behind `cursor`: SQLite hands back what `open` gave it, and
  /// nothing else. The cursor is not retained for the call, since SQLite holds it.
  @inline(__always)
  private static func withScan<Result>(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ body: (ScanCursor) throws -> Result
  ) rethrows -> Result {
    let place = unsafe UnsafeMutableRawPointer(cursor.unsafelyUnwrapped)
      .assumingMemoryBound(to: csqlite_cursor.self)
    return try unsafe Unmanaged<ScanCursor>.fromOpaque(place.pointee.owner)
      ._withUnsafeGuaranteedRef { try body($0) }
  }

  private static let filter:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab_cursor>?, Int32, UnsafePointer<CChar>?, Int32,
      UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32 = { cursor, plan, columns, count, arguments in
      var scope = ScanScope()
      if let columns = unsafe columns, let used = unsafe UInt64(String(cString: columns)) {
        scope.usedColumns = used
      }
      var argument = 0
      for bit in [byStudy, byNumber, fromNumber, toNumber] where plan & bit != 0 {
        guard argument < count, let value = unsafe arguments?[argument] else { break }
        argument += 1
        switch bit {
        case byStudy: unsafe narrow(&scope, toStudy: value)
        case byNumber: unsafe narrow(&scope, toNumber: value)
        case fromNumber: unsafe narrow(&scope, \.lowest, .down, by: value)
        default: unsafe narrow(&scope, \.highest, .up, by: value)
        }
      }
      return unsafe step(cursor) { scan throws in try scan.start(scope) }
    }

  /// Moves a scan on; what goes wrong is told to SQLite, and by it to whoever asks.
  private static func step(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ move: (ScanCursor) throws -> Void
  ) -> Int32 {
    do {
      try unsafe withScan(cursor, move)
      return SQLITE_OK
    } catch QueryError.interrupted {
      return SQLITE_INTERRUPT
    } catch {
      if let table = unsafe cursor?.pointee.pVtab {
        unsafe sqlite3_free(table.pointee.zErrMsg)
        unsafe table.pointee.zErrMsg = unsafe csqlite_copy_text("\(error)")
      }
      return SQLITE_ERROR
    }
  }

  private static func narrow(_ scope: inout ScanScope, toStudy value: OpaquePointer) {
    switch unsafe sqlite3_value_type(value) {
    case SQLITE_NULL: scope.isEmpty = true
    case SQLITE_TEXT:
      let start = unsafe sqlite3_value_text(value)
      let count = Int(unsafe sqlite3_value_bytes(value))
      scope.study = unsafe String(
        decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    default: break  // SQLite compares after conversions; let it
    }
  }

  private static func narrow(_ scope: inout ScanScope, toNumber value: OpaquePointer) {
    switch unsafe sqlite3_value_type(value) {
    case SQLITE_NULL: scope.isEmpty = true
    case SQLITE_INTEGER: scope.number = Int(unsafe sqlite3_value_int64(value))
    case SQLITE_FLOAT:
      if let number = Int(exactly: unsafe sqlite3_value_double(value)) {
        scope.number = number
      } else {
        scope.isEmpty = true
      }
    default: break
    }
  }

  /// Bounds the numbers in scope; a number with a fraction is rounded, as SQLite looks again.
  private static func narrow(
    _ scope: inout ScanScope, _ bound: WritableKeyPath<ScanScope, Int?>,
    _ rounding: FloatingPointRoundingRule, by value: OpaquePointer
  ) {
    switch unsafe sqlite3_value_type(value) {
    case SQLITE_NULL: scope.isEmpty = true
    case SQLITE_INTEGER: scope[keyPath: bound] = Int(unsafe sqlite3_value_int64(value))
    case SQLITE_FLOAT:
      scope[keyPath: bound] = Int(exactly: unsafe sqlite3_value_double(value).rounded(rounding))
    default: break
    }
  }

  private static let next: @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 = {
    unsafe step($0) { scan throws in try scan.advance() }
  }

  private static let isAtEnd: @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 =
    {
      unsafe withScan($0) { $0.isAtEnd ? 1 : 0 }
    }

  private static let rowID:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab_cursor>?, UnsafeMutablePointer<sqlite3_int64>?
    ) -> Int32 = { cursor, result in
      unsafe result?.pointee = unsafe withScan(cursor) { $0.rowID }
      return SQLITE_OK
    }

  private static let column:
    @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?, OpaquePointer?, Int32) -> Int32 = {
      cursor, context, index in
      switch unsafe withScan(cursor, { $0.value(Int(index)) }) {
      case .null: unsafe sqlite3_result_null(context)
      case .integer(let value): unsafe sqlite3_result_int64(context, value)
      case .real(let value): unsafe sqlite3_result_double(context, value)
      case .text(var value):
        value.withUTF8 { bytes in
          unsafe bytes.withMemoryRebound(to: CChar.self) {
            unsafe csqlite_result_text(context, $0.baseAddress, UInt64($0.count))
          }
        }
      }
      return SQLITE_OK
    }
}
