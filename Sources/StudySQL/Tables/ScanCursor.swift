// A scan of a table: its pieces one after the other, and of each the rows that are wanted.

/// What stands behind SQLite's cursor structure.
final class ScanCursor {
  private let connected: ConnectedTable
  private var pieces: (any PieceSource)?
  private var piece: (any TablePiece)?
  /// The rows of `piece` that are wanted; nil: all.
  private var selection: [Int32]?
  private var index = 0
  private var count = 0
  private var row = 0

  init(_ connected: ConnectedTable) { self.connected = connected }

  /// Begins anew with the first row.
  ///
  /// - Parameter conditions: as they came out of those of `plan`.
  func start(_ plan: ScanPlan, _ conditions: [ScanCondition]) throws {
    if let sorting = plan.sorting {
      pieces = SortedPieces(connected, plan, sorting, conditions)
    } else {
      pieces = connected.table.pieces(
        in: ScanScope(conditions, of: connected.table, usedColumns: plan.usedColumns))
    }
    try nextPiece()
  }

  var isAtEnd: Bool { piece == nil }

  func advance() throws {
    index += 1
    if index < count {
      row = selection.map { Int($0[index]) } ?? index
    } else {
      try nextPiece()
    }
  }

  private func nextPiece() throws {
    repeat {
      // SQLite does not look up while pieces are passed over that hold no row.
      if connected.supervisor.cancellation.isCancelled { throw QueryError.interrupted }
      // First let go of the last one, lest two blocks be held at a time.
      piece = nil
      piece = try pieces?.next()
      selection = piece?.selection
      count = selection?.count ?? piece?.rowCount ?? 0
    } while piece != nil && count == 0
    index = 0
    row = selection.map { Int($0.first ?? 0) } ?? 0
    ScanMeter.current?.countPiece(count)
    try piece?.load()
  }

  func value(_ column: Int) -> SQLValue { piece?.value(row: row, column: column) ?? .null }

  func rowID() throws -> Int64 { try piece?.rowID(row) ?? 0 }
}

extension TableColumn.Kind {
  /// By which rule the column's texts are put in order.
  var collation: ScanOffer.CollationName {
    switch self {
    case .word: .noCase
    case .time: .time
    default: .binary
    }
  }
}

/// The first rows of an order as the first piece, and the others only when SQLite asks for more:
/// there may be conditions that it told nobody of, and drops rows by itself. (Of a column that is
/// compared with another of the same table, SQLite up to 3.40 at least tells a limit and not the
/// condition.)
private final class SortedPieces: PieceSource {
  private let connected: ConnectedTable
  private let plan: ScanPlan
  private let order: [ScanOffer.Order]
  private let conditions: [ScanCondition]
  private var limit: Int
  /// How many rows the pieces before had.
  private var given = 0
  private var isAtEnd = false

  init(
    _ connected: ConnectedTable, _ plan: ScanPlan, _ sorting: ScanPlan.Sorting,
    _ conditions: [ScanCondition]
  ) {
    self.connected = connected
    self.plan = plan
    self.conditions = conditions
    order = sorting.order
    limit = max(1, sorting.limit)
  }

  func next() throws -> (any TablePiece)? {
    if isAtEnd { return nil }
    let rows = try firstRows()
    isAtEnd = rows.rowCount < limit - given
    given = limit
    limit *= 16
    return rows
  }

  /// The first `limit` rows, without those that were given.
  private func firstRows() throws -> SortedRows {
    let columns = connected.columns
    var sorter = RowSorter(
      order, order.map { connected.collation(columns[$0.column].kind.collation) }, limit: limit)
    let scope = ScanScope(
      conditions, of: connected.table, usedColumns: plan.usedColumns, order: order,
      bound: sorter.bound)
    let pieces = connected.table.pieces(in: scope)
    while let piece = try pieces.next() {
      if connected.supervisor.cancellation.isCancelled { throw QueryError.interrupted }
      sorter.add(piece)
    }
    return try sorter.finish(scope, columnCount: columns.count, after: given)
  }
}
