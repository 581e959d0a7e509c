// The first rows of an order: those are kept that may be among them, and the bound that they give
// lets the rest of the table be passed over, mostly without a look.

/// Rows in an order of their own, with the values that are asked for.
final class SortedRows: TablePiece {
  private let columnCount: Int
  private let columns: [Int]
  private let rowIDs: [Int64]
  private let values: [SQLValue]

  fileprivate init(columnCount: Int, used: [Int], rowIDs: [Int64], values: [SQLValue]) {
    self.columnCount = used.count
    var columns = [Int](repeating: -1, count: columnCount)
    for (place, column) in used.enumerated() { columns[column] = place }
    self.columns = columns
    self.rowIDs = rowIDs
    self.values = values
  }

  var rowCount: Int { rowIDs.count }

  func value(row: Int, column: Int) -> SQLValue {
    let place = columns[column]
    return place < 0 ? .null : values[row * columnCount + place]
  }

  func rowID(_ row: Int) -> Int64 { rowIDs[row] }
  func position(_ row: Int) -> Int64 { Int64(row) }
}

/// Looks for the first rows of an order.
struct RowSorter {
  private struct Entry {
    let keys: [SQLValue]
    /// Rows with equal keys come as they lie.
    let position: Int64
    var piece: (any TablePiece)?
    let row: Int
  }

  private let order: [ScanOffer.Order]
  private let collations: [Collation]
  /// How many are wanted.
  private let limit: Int
  let bound: SortBound
  private var entries: [Entry] = []

  /// - Parameter collations: of the columns of `order`.
  init(_ order: [ScanOffer.Order], _ collations: [Collation], limit: Int) {
    self.order = order
    self.collations = collations
    self.limit = limit
    bound = SortBound(order[0], collations[0])
  }

  /// Keeps those rows of `piece` that are among the first so far.
  mutating func add(_ piece: any TablePiece) {
    let rows = piece.selection
    for index in 0..<(rows?.count ?? piece.rowCount) {
      let row = rows.map { Int($0[index]) } ?? index
      entries.append(
        Entry(
          keys: order.map { piece.value(row: row, column: $0.column) },
          position: piece.position(row), piece: piece, row: row))
    }
    guard entries.count > limit else { return }
    sort()
    entries.removeLast(entries.count - limit)
    if let last = entries.last { bound.draw(to: last.keys[0]) }
  }

  private mutating func sort() {
    let (terms, collations) = (order, collations)
    entries.sort { a, b in
      for (index, term) in terms.enumerated() {
        let order = Self.order(a.keys[index], b.keys[index], collations[index])
        if order != 0 { return (order < 0) != term.isDescending }
      }
      return a.position < b.position
    }
  }

  /// NULL comes first.
  private static func order(_ a: SQLValue, _ b: SQLValue, _ collation: Collation) -> Int {
    if let order = a.order(ComparedValue(b), collation) { return order }
    return a.isNull == b.isNull ? 0 : a.isNull ? -1 : 1
  }

  /// The rows in order without the first `given`, with the columns of `scope`. What was kept is
  /// let go of.
  mutating func finish(
    _ scope: ScanScope, columnCount: Int, after given: Int
  ) throws -> SortedRows {
    sort()
    entries.removeFirst(min(given, entries.count))
    let used = (0..<columnCount).filter(scope.uses)
    var values = [SQLValue](repeating: .null, count: entries.count * used.count)
    var rowIDs = [Int64](repeating: 0, count: entries.count)
    // Piece by piece, so that no more than one is loaded in full.
    var places: [ObjectIdentifier: [Int]] = [:]
    for (place, entry) in entries.enumerated() {
      guard let piece = entry.piece else { continue }
      places[ObjectIdentifier(piece), default: []].append(place)
    }
    for places in places.values {
      guard let piece = entries[places[0]].piece else { continue }
      try piece.load()
      for place in places {
        entries[place].piece = nil
        let row = entries[place].row
        rowIDs[place] = try piece.rowID(row)
        for (index, column) in used.enumerated() {
          values[place * used.count + index] = piece.value(row: row, column: column)
        }
      }
    }
    entries = []
    return SortedRows(columnCount: columnCount, used: used, rowIDs: rowIDs, values: values)
  }
}
