// Columns as they are read: one value a trial, in pieces of 4,096 rows, as the blocks keep them.

/// How many rows a block has: a power of two, so that a row splits into block and place by shift
/// and mask.
@usableFromInline let blockShift = 12
@usableFromInline let blockSize = 1 << blockShift

/// Some rows of a column of values of which some may be absent: an array with presence bits where
/// many are there, else the places that have a value.
@usableFromInline package struct ColumnPiece<Element: Sendable>: Sendable {
  /// One a place, or one a place of `places`.
  @usableFromInline var values: [Element]
  /// One a place; empty when the piece is sparse.
  @usableFromInline var present: [Bool]
  /// Ascending; of a sparse piece.
  @usableFromInline var places: [UInt16]

  /// Shared by all columns in which nothing is absent.
  @usableFromInline static var allPresent: [Bool] { fullPresence }

  /// Without a single value.
  package init() {
    values = []
    present = []
    places = []
  }

  @usableFromInline init(values: [Element], present: [Bool]) {
    self.values = values
    self.present = present
    places = []
  }

  /// Of what is at some of `count` places, by ascending place.
  @inlinable package init(_ cells: [(place: Int, value: Element)], of count: Int, filler: Element) {
    guard Self.isDense(cells.count, of: count) else {
      values = cells.map(\.value)
      present = []
      places = cells.map { UInt16($0.place) }
      return
    }
    if cells.count == count {
      values = cells.map(\.value)
      present =
        count == blockSize ? Self.allPresent : [Bool](repeating: true, count: count)
    } else {
      values = [Element](repeating: filler, count: count)
      present = [Bool](repeating: false, count: count)
      for cell in cells {
        values[cell.place] = cell.value
        present[cell.place] = true
      }
    }
    places = []
  }

  @inlinable static func isDense(_ present: Int, of count: Int) -> Bool {
    present * 4 >= count && count > 0
  }

  @inlinable subscript(place: Int) -> Element? {
    if !present.isEmpty {
      return place < present.count && present[place] ? values[place] : nil
    }
    let index = places.firstPlace { $0 >= place }
    return index < places.count && places[index] == place ? values[index] : nil
  }

  /// By ascending place.
  @inlinable package var cells: [(place: Int, value: Element)] {
    var cells: [(place: Int, value: Element)] = []
    cells.reserveCapacity(values.count)
    if present.isEmpty {
      for (place, value) in zip(places, values) { cells.append((Int(place), value)) }
    } else {
      for place in present.indices where present[place] { cells.append((place, values[place])) }
    }
    return cells
  }
}

private let fullPresence = [Bool](repeating: true, count: blockSize)

/// A column of values that every trial has, by row.
public struct Column<Element: Sendable>: RandomAccessCollection, Sendable {
  private let rows: Range<Int>
  @usableFromInline let origin: Int
  @usableFromInline let pieces: [[Element]]

  init(rows: Range<Int>, origin: Int, pieces: [[Element]]) {
    self.rows = rows
    self.origin = origin
    self.pieces = pieces
  }

  public var startIndex: Int { rows.lowerBound }
  public var endIndex: Int { rows.upperBound }

  /// - Precondition: the row was loaded, and the column too.
  @inlinable public subscript(row: Int) -> Element {
    let place = row - origin
    return pieces[place >> blockShift][place & (blockSize - 1)]
  }

  /// Calls `body` with each run of consecutive rows and the first of them.
  @inlinable public func forEachPiece<E: Error>(
    _ body: (_ values: [Element], _ first: Int) throws(E) -> Void
  ) throws(E) {
    for (index, piece) in pieces.enumerated() {
      try body(piece, origin + index << blockShift)
    }
  }
}

/// A column of values of which some may be absent, by row.
public struct OptionalColumn<Element: Sendable>: Sendable {
  @usableFromInline let origin: Int
  @usableFromInline let pieces: [ColumnPiece<Element>]
  /// How many rows each piece has.
  @usableFromInline let counts: [Int]
  @usableFromInline let filler: Element

  @usableFromInline init(
    origin: Int, pieces: [ColumnPiece<Element>], counts: [Int], filler: Element
  ) {
    self.origin = origin
    self.pieces = pieces
    self.counts = counts
    self.filler = filler
  }

  /// The value in `row`, nil when absent.
  ///
  /// - Precondition: the row was loaded, and the column too.
  @inlinable public subscript(row: Int) -> Element? {
    let place = row - origin
    return pieces[place >> blockShift][place & (blockSize - 1)]
  }

  /// Calls `body` with each loaded row that has a value, ascending. Of a column that few rows have,
  /// the others cost nothing.
  public func forEachValue<E: Error>(_ body: (_ row: Int, _ value: Element) throws(E) -> Void)
    throws(E)
  {
    for (index, piece) in pieces.enumerated() {
      for cell in piece.cells { try body(origin + index << blockShift + cell.place, cell.value) }
    }
  }

  /// Calls `body` with each run of consecutive rows: their values, a filler where there is none,
  /// which of them are present, and the first row.
  public func forEachPiece<E: Error>(
    _ body: (_ values: [Element], _ present: [Bool], _ first: Int) throws(E) -> Void
  ) throws(E) {
    for (index, piece) in pieces.enumerated() {
      let first = origin + index << blockShift
      let count = counts[index]
      if piece.present.count == count {
        try body(piece.values, piece.present, first)
      } else {
        var values = [Element](repeating: filler, count: count)
        var present = [Bool](repeating: false, count: count)
        for cell in piece.cells {
          values[cell.place] = cell.value
          present[cell.place] = true
        }
        try body(values, present, first)
      }
    }
  }
}
