// The cells of a block in columns of which each trial has only some: parameters, attributes,
// values of objectives. A column that a quarter of the trials have is an array with presence
// bits. The others lie together by trial, so that eight thousand trials with an attribute of
// their own cost eight thousand cells and no column each.

/// One column of a block's table, as it is stored.
@usableFromInline package struct TableColumn<Value: Sendable>: Sendable {
  /// Its number.
  @usableFromInline package var number: Int
  /// Ascending; empty: every place.
  @usableFromInline package var places: [UInt16]
  /// One for each of the places.
  @usableFromInline package var values: [Value]

  @inlinable package init(number: Int, places: [UInt16], values: [Value]) {
    self.number = number
    self.places = places
    self.values = values
  }
}

/// Cells of 4,096 rows at most, by row and column number. Immutable.
@usableFromInline package struct BlockTable<Value: Sendable>: Sendable {
  struct Cell: Sendable {
    let place: Int
    let column: Int
    let value: Value
  }

  /// Ascending column numbers of `dense`.
  @usableFromInline let denseColumns: [Int]
  @usableFromInline let dense: [ColumnPiece<Value>]
  /// For each place, where its sparse cells begin; one more for where they end. Empty when there
  /// are none.
  @usableFromInline let starts: [Int32]
  /// Ascending within a place.
  @usableFromInline let columns: [Int]
  @usableFromInline let values: [Value]

  package init() {
    denseColumns = []
    dense = []
    starts = []
    columns = []
    values = []
  }

  /// - Parameters:
  ///   - cells: each place's by ascending column.
  ///   - count: how many places there are.
  init(_ cells: [Cell], count: Int, filler: Value) {
    let sizes = ColumnSizes(cells.map { $0.column })
    denseColumns = sizes.columns { ColumnPiece<Value>.isDense($0, of: count) }
    var dense = denseColumns.map { _ in
      (
        values: [Value](repeating: filler, count: count),
        present: [Bool](repeating: false, count: count)
      )
    }
    var starts = [Int32](repeating: 0, count: count + 1)
    var sparse: [Cell] = []
    for cell in cells {
      if ColumnPiece<Value>.isDense(sizes[cell.column], of: count) {
        let index = denseColumns.firstPlace { $0 >= cell.column }
        dense[index].values[cell.place] = cell.value
        dense[index].present[cell.place] = true
      } else {
        sparse.append(cell)
        starts[cell.place + 1] += 1
      }
    }
    self.dense = zip(denseColumns, dense).map { column, piece in
      let isFull = sizes[column] == blockSize
      return ColumnPiece(
        values: piece.values, present: isFull ? ColumnPiece<Value>.allPresent : piece.present)
    }
    if sparse.isEmpty {
      self.starts = []
      columns = []
      values = []
      return
    }
    for place in 0..<count { starts[place + 1] += starts[place] }
    self.starts = starts
    var sorted = [Int](repeating: 0, count: sparse.count)
    for (index, cell) in sparse.enumerated() {
      sorted[Int(starts[cell.place])] = index
      starts[cell.place] += 1
    }
    columns = sorted.map { sparse[$0].column }
    values = sorted.map { sparse[$0].value }
  }

  /// The table of some columns, by ascending number, each with a value at least.
  ///
  /// - Complexity: O(cells).
  // Inlinable, as other modules call it for every block that is read.
  @inlinable package init(_ columns: [TableColumn<Value>], count: Int, filler: Value) {
    let all =
      count == blockSize
      ? ColumnPiece<Value>.allPresent : [Bool](repeating: true, count: count)
    var denseColumns: [Int] = []
    var dense: [ColumnPiece<Value>] = []
    var sparse: [TableColumn<Value>] = []
    for column in columns {
      if column.places.isEmpty {
        // Nothing to move: the array is the column.
        dense.append(ColumnPiece(values: column.values, present: all))
      } else if ColumnPiece<Value>.isDense(column.values.count, of: count) {
        var values = [Value](repeating: filler, count: count)
        var present = [Bool](repeating: false, count: count)
        for (index, place) in column.places.enumerated() {
          values[Int(place)] = column.values[index]
          present[Int(place)] = true
        }
        dense.append(ColumnPiece(values: values, present: present))
      } else {
        sparse.append(column)
        continue
      }
      denseColumns.append(column.number)
    }
    self.denseColumns = denseColumns
    self.dense = dense
    if sparse.isEmpty {
      starts = []
      self.columns = []
      values = []
      return
    }
    var starts = [Int32](repeating: 0, count: count + 1)
    for column in sparse {
      for place in column.places { starts[Int(place) + 1] += 1 }
    }
    for place in 0..<count { starts[place + 1] += starts[place] }
    self.starts = starts
    var cells = [(column: Int, value: Value)](
      repeating: (0, filler), count: Int(starts[count]))
    for column in sparse {
      for (index, place) in column.places.enumerated() {
        cells[Int(starts[Int(place)])] = (column.number, column.values[index])
        starts[Int(place)] += 1
      }
    }
    self.columns = cells.map(\.column)
    values = cells.map(\.value)
  }

  /// All columns that have a cell, by ascending number.
  ///
  /// - Parameter count: how many places there are.
  @inlinable package func stored(count: Int) -> [TableColumn<Value>] {
    var sparse: [Int: TableColumn<Value>] = [:]
    for place in 0..<max(0, starts.count - 1) {
      for cell in sparseCells(at: place) {
        sparse[columns[cell], default: TableColumn(number: columns[cell], places: [], values: [])]
          .places.append(UInt16(place))
        sparse[columns[cell]]?.values.append(values[cell])
      }
    }
    var all = Array(sparse.values)
    for (number, piece) in zip(denseColumns, dense) {
      if piece.present.count == count, !piece.present.contains(false) {
        all.append(TableColumn(number: number, places: [], values: piece.values))
        continue
      }
      var column = TableColumn<Value>(number: number, places: [], values: [])
      for place in piece.present.indices where piece.present[place] {
        column.places.append(UInt16(place))
        column.values.append(piece.values[place])
      }
      all.append(column)
    }
    return all.sorted { $0.number < $1.number }
  }

  @usableFromInline func sparseCells(at place: Int) -> Range<Int> {
    place + 1 < starts.count ? Int(starts[place])..<Int(starts[place + 1]) : 0..<0
  }

  /// - Complexity: O(log columns).
  subscript(place: Int, column: Int) -> Value? {
    let index = denseColumns.firstPlace { $0 >= column }
    if index < denseColumns.count, denseColumns[index] == column { return dense[index][place] }
    let cells = sparseCells(at: place)
    let cell = columns[cells].firstPlace { $0 >= column }
    return cell < cells.upperBound && columns[cell] == column ? values[cell] : nil
  }

  /// The cells of a row, by ascending column.
  func row(_ place: Int) -> [(column: Int, value: Value)] {
    var result: [(column: Int, value: Value)] = []
    var sparse = sparseCells(at: place)
    for (index, column) in denseColumns.enumerated() {
      while let first = sparse.first, columns[first] < column {
        result.append((columns[first], values[first]))
        sparse.removeFirst()
      }
      if let value = dense[index][place] { result.append((column, value)) }
    }
    for index in sparse { result.append((columns[index], values[index])) }
    return result
  }

  /// All cells, each place's by ascending column.
  func appendCells(to cells: inout [Cell]) {
    for (index, column) in denseColumns.enumerated() where starts.isEmpty {
      for cell in dense[index].cells {
        cells.append(Cell(place: cell.place, column: column, value: cell.value))
      }
    }
    if starts.isEmpty { return }
    for place in 0..<(starts.count - 1) {
      for cell in row(place) {
        cells.append(Cell(place: place, column: cell.column, value: cell.value))
      }
    }
  }

  /// The columns `wanted`, whose `count` rows the block has.
  ///
  /// - Complexity: O(wanted) for dense ones; one pass over all sparse cells for the others.
  func pieces(_ wanted: [Int], filler: Value) -> [ColumnPiece<Value>] {
    var sparse: [Int: (places: [UInt16], values: [Value])] = [:]
    var pieces = wanted.map { column -> ColumnPiece<Value>? in
      let index = denseColumns.firstPlace { $0 >= column }
      if index < denseColumns.count, denseColumns[index] == column { return dense[index] }
      sparse[column] = ([], [])
      return nil
    }
    if !sparse.isEmpty, !starts.isEmpty {
      for place in 0..<(starts.count - 1) {
        for cell in sparseCells(at: place) where sparse[columns[cell]] != nil {
          sparse[columns[cell]]?.places.append(UInt16(place))
          sparse[columns[cell]]?.values.append(values[cell])
        }
      }
    }
    for (index, column) in wanted.enumerated() where pieces[index] == nil {
      let cells = sparse[column] ?? ([], [])
      pieces[index] = ColumnPiece(sparse: cells.values, at: cells.places)
    }
    return pieces.compactMap { $0 }
  }
}

extension ColumnPiece {
  init(sparse values: [Element], at places: [UInt16]) {
    self.values = values
    self.places = places
    present = []
  }
}

/// How many cells each column has.
private struct ColumnSizes {
  private var lowest = 0
  private var counts: [Int32] = []
  /// Instead of `counts`, where column numbers lie far apart.
  private var scattered: [Int: Int32] = [:]

  init(_ columns: [Int]) {
    lowest = columns.min() ?? 0
    let span = (columns.max() ?? 0) - lowest + 1
    guard span <= 4 * columns.count + 1024 else {
      for column in columns { scattered[column, default: 0] += 1 }
      return
    }
    counts = [Int32](repeating: 0, count: span)
    for column in columns { counts[column - lowest] += 1 }
  }

  subscript(column: Int) -> Int {
    Int(counts.isEmpty ? scattered[column] ?? 0 : counts[column - lowest])
  }

  /// The columns whose size `isWanted`, ascending.
  func columns(where isWanted: (Int) -> Bool) -> [Int] {
    counts.isEmpty
      ? scattered.filter { isWanted(Int($0.value)) }.keys.sorted()
      : counts.indices.filter { counts[$0] > 0 && isWanted(Int(counts[$0])) }.map { $0 + lowest }
  }
}
