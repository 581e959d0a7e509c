// How SQLite reads a ColumnarTable: the callbacks of its virtual table interface
// (https://sqlite.org/vtab.html). All unsafe code of the tables is here.
//
// A plan is chosen by ScanPlan.swift and carried out by ScanCursor.swift; here both are put into
// SQLite's terms. A module without xCreate is a table by the name of the module, connected when a
// statement first mentions it.

internal import CSQLite
import PlainText

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
  let clock: ClockZone

  init(_ registered: RegisteredTable, supervisor: QueryGuard, clock: ClockZone) {
    self.registered = registered
    self.supervisor = supervisor
    self.clock = clock
  }
}

/// What stands behind SQLite's table structure.
final class ConnectedTable {
  let table: any ColumnarTable
  let columns: [TableColumn]
  let size: TableSize
  let supervisor: QueryGuard
  let times: TimeCollation
  /// Those that were offered to SQLite, which names one by its place.
  var plans: [ScanPlan] = []

  init(_ module: TableModule) {
    table = module.registered.table
    columns = table.columns
    size = table.size
    supervisor = module.supervisor
    times = TimeCollation(clock: module.clock)
  }

  var declaration: String {
    "CREATE TABLE t(" + columns.map(\.declarationForSQLite).joined(separator: ", ") + ")"
  }

  func collation(_ name: ScanOffer.CollationName) -> Collation {
    switch name {
    case .binary: .binary
    case .noCase: .noCase
    case .time: .time(times)
    }
  }
}

enum ScanModule {
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
      let target = unsafe connected(table)
      let plan = unsafe ScanPlan(offer(info), of: target.table, target.size)
      for (index, (place, condition)) in plan.conditions.enumerated() {
        unsafe info.pointee.aConstraintUsage[place].argvIndex = Int32(index) + 1
        unsafe info.pointee.aConstraintUsage[place].omit = plan.isSettled[index] ? 1 : 0
        if condition.isList { _ = unsafe sqlite3_vtab_in(info, Int32(place), 1) }
      }
      unsafe info.pointee.idxNum = Int32(target.plans.count)
      target.plans.append(plan)
      unsafe info.pointee.estimatedRows = Int64(min(plan.estimatedRows, 1e15))
      unsafe info.pointee.estimatedCost = plan.estimatedCost
      unsafe info.pointee.orderByConsumed = plan.isOrdered ? 1 : 0
      if plan.isUnique { unsafe info.pointee.idxFlags = SQLITE_INDEX_SCAN_UNIQUE }
      return SQLITE_OK
    }

  /// What SQLite offers.
  private static func offer(_ info: UnsafeMutablePointer<sqlite3_index_info>) -> ScanOffer {
    var offer = ScanOffer()
    offer.usedColumns = unsafe info.pointee.colUsed
    var limit: Int64?
    var offset: Int64? = 0
    for place in 0..<Int(unsafe info.pointee.nConstraint) {
      let constraint = unsafe info.pointee.aConstraint[place]
      let `operator` = Int32(constraint.op)
      if `operator` == SQLITE_INDEX_CONSTRAINT_LIMIT {
        limit = constraint.usable == 0 ? nil : unsafe integer(info, place)
      } else if `operator` == SQLITE_INDEX_CONSTRAINT_OFFSET {
        offset = constraint.usable == 0 ? nil : unsafe integer(info, place)
      } else if constraint.usable != 0, constraint.iColumn >= 0,
        let known = operators[`operator`]
      {
        offer.conditions.append(
          (
            place,
            ScanOffer.Condition(
              column: Int(constraint.iColumn), operator: known,
              collation: unsafe collation(info, place),
              isList: unsafe sqlite3_vtab_in(info, Int32(place), -1) != 0,
              isText: unsafe isText(info, place))
          ))
      }
    }
    if let limit, let offset, limit >= 0, offset >= 0, limit < 1 << 31, offset < 1 << 31 {
      offer.limit = Int(limit + offset)
    }
    for index in 0..<Int(unsafe info.pointee.nOrderBy) {
      let term = unsafe info.pointee.aOrderBy[index]
      guard term.iColumn >= 0 else {
        offer.order = []
        break
      }
      offer.order.append(.init(column: Int(term.iColumn), isDescending: term.desc != 0))
    }
    return offer
  }

  private static let operators: [Int32: ScanOffer.Condition.Operator] = [
    SQLITE_INDEX_CONSTRAINT_EQ: .compare(.equal), SQLITE_INDEX_CONSTRAINT_NE: .compare(.notEqual),
    SQLITE_INDEX_CONSTRAINT_LT: .compare(.less), SQLITE_INDEX_CONSTRAINT_LE: .compare(.lessOrEqual),
    SQLITE_INDEX_CONSTRAINT_GT: .compare(.greater),
    SQLITE_INDEX_CONSTRAINT_GE: .compare(.greaterOrEqual),
    SQLITE_INDEX_CONSTRAINT_IS: .compare(.identical),
    SQLITE_INDEX_CONSTRAINT_ISNOT: .compare(.notIdentical),
    SQLITE_INDEX_CONSTRAINT_ISNULL: .isNull, SQLITE_INDEX_CONSTRAINT_ISNOTNULL: .isNotNull,
  ]

  /// Nil when texts are compared by another rule than one of the tables' own.
  private static func collation(
    _ info: UnsafeMutablePointer<sqlite3_index_info>, _ place: Int
  ) -> ScanOffer.CollationName? {
    guard let name = unsafe sqlite3_vtab_collation(info, Int32(place)) else { return nil }
    return switch unsafe String(cString: name).foldedName {
    case "binary": .binary
    case "nocase": .noCase
    case TimeCollation.name.foldedName, TimeCollation.longName.foldedName: .time
    default: nil
    }
  }

  /// The value on the other side, if it stands in the statement.
  private static func literal(
    _ info: UnsafeMutablePointer<sqlite3_index_info>, _ place: Int
  ) -> OpaquePointer? {
    var value: OpaquePointer?
    let code = unsafe sqlite3_vtab_rhs_value(info, Int32(place), &value)
    return code == SQLITE_OK ? unsafe value : nil
  }

  private static func isText(
    _ info: UnsafeMutablePointer<sqlite3_index_info>, _ place: Int
  ) -> Bool? {
    guard let value = unsafe literal(info, place) else { return nil }
    return unsafe sqlite3_value_type(value) == SQLITE_TEXT
  }

  private static func integer(
    _ info: UnsafeMutablePointer<sqlite3_index_info>, _ place: Int
  ) -> Int64? {
    guard let value = unsafe literal(info, place),
      unsafe sqlite3_value_type(value) == SQLITE_INTEGER
    else { return nil }
    return unsafe sqlite3_value_int64(value)
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
    ) -> Int32 = { cursor, number, _, count, arguments in
      guard let table = unsafe cursor?.pointee.pVtab else { return SQLITE_MISUSE }
      let target = unsafe connected(table)
      guard target.plans.indices.contains(Int(number)) else { return SQLITE_MISUSE }
      let plan = target.plans[Int(number)]
      guard Int(count) == plan.conditions.count else { return SQLITE_MISUSE }
      var conditions: [ScanCondition] = []
      for (index, (_, offered)) in plan.conditions.enumerated() {
        let value = unsafe arguments?[index]
        let test: ScanCondition.Test
        let isNumeric = target.columns[offered.column].kind.isNumeric
        if offered.isList {
          test = .among(unsafe list(value, isNumeric: isNumeric))
        } else {
          switch offered.operator {
          case .isNull: test = .isNull
          case .isNotNull: test = .isNotNull
          case .compare(let comparison):
            test = .compare(comparison, unsafe operand(value, isNumeric: isNumeric))
          }
        }
        conditions.append(
          ScanCondition(
            column: offered.column, test: test,
            collation: offered.collation.map(target.collation) ?? .binary))
      }
      return unsafe step(cursor) { scan throws in try scan.start(plan, conditions) }
    }

  /// The values of a list that is handed over at once.
  private static func list(_ list: OpaquePointer?, isNumeric: Bool) -> [ComparedValue] {
    var operands: [ComparedValue] = []
    var value: OpaquePointer?
    var code = unsafe sqlite3_vtab_in_first(list, &value)
    while code == SQLITE_OK, let known = unsafe value {
      operands.append(unsafe operand(known, isNumeric: isNumeric))
      code = unsafe sqlite3_vtab_in_next(list, &value)
    }
    return operands
  }

  /// What a column is compared with. SQLite reads a text as a number, if it is one, where a
  /// column of numbers stands on the other side.
  private static func operand(_ value: OpaquePointer?, isNumeric: Bool) -> ComparedValue {
    guard let value = unsafe value else { return .null }
    let type = unsafe isNumeric ? sqlite3_value_numeric_type(value) : sqlite3_value_type(value)
    switch type {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .integer(unsafe sqlite3_value_int64(value))
    case SQLITE_FLOAT: return .real(unsafe sqlite3_value_double(value))
    case SQLITE_TEXT:
      let start = unsafe sqlite3_value_text(value)
      let count = Int(unsafe sqlite3_value_bytes(value))
      return .text(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    default: return .blob
    }
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
      unsafe step(cursor) { scan throws in unsafe result?.pointee = try scan.rowID() }
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
