// How columns come from blocks: as the arrays that are there, where a block holds all of its
// trials, and as copies with the loose ones laid over, where it does not.

/// Consecutive trials, block by block.
struct LoadedPieces: Sendable {
  /// The rows that were asked for.
  let rows: Range<Int>
  /// The row of the first place of the first piece.
  let origin: Int
  private let pieces: [Piece]

  struct Piece: Sendable {
    let block: TrialBlock?
    /// The place in the block of this piece's first place.
    let offset: Int
    let count: Int
    /// Trials that are not in the block, by ascending place in this piece.
    let loose: [(place: Int, trial: Box<OpenTrial>)]
    /// By place: where in `loose` it is, or −1. Empty when none is.
    private let looseIndices: [Int16]

    init(
      block: TrialBlock?, offset: Int, count: Int, loose: [(place: Int, trial: Box<OpenTrial>)]
    ) {
      self.block = block
      self.offset = offset
      self.count = count
      self.loose = loose
      var indices = [Int16](repeating: -1, count: loose.isEmpty ? 0 : count)
      for (index, trial) in loose.enumerated() { indices[trial.place] = Int16(index) }
      looseIndices = indices
    }

    /// Whether the block's arrays are this piece's but for the loose trials.
    var isWhole: Bool { offset == 0 && count >= block?.count ?? 0 }

    func trial(_ place: Int) -> TrialPlace {
      if !looseIndices.isEmpty, looseIndices[place] >= 0 {
        return .loose(loose[Int(looseIndices[place])].trial)
      }
      guard let block else { preconditionFailure("a trial that is nowhere") }
      return .packed(block, place + offset)
    }
  }

  /// - Parameters:
  ///   - pieces: of 4,096 trials each, but for the last.
  init(_ rows: Range<Int>, origin: Int, _ pieces: [Piece]) {
    self.rows = rows
    self.origin = origin
    self.pieces = pieces
  }

  func trial(_ row: Int) -> TrialPlace {
    let place = row - origin
    return pieces[place >> blockShift].trial(place & (blockSize - 1))
  }

  // MARK: Columns

  /// A column without a single value unless it `isWanted`.
  func column<Value: Sendable>(
    if isWanted: Bool = true, _ array: (BlockColumns) -> [Value], filler: Value,
    _ read: (TrialPlace) -> Value
  ) -> Column<Value> {
    guard isWanted else { return Column(rows: 0..<0, origin: 0, pieces: []) }
    return Column(
      rows: rows, origin: origin,
      pieces: pieces.map { piece in
        guard piece.isWhole else { return (0..<piece.count).map { read(piece.trial($0)) } }
        var values = piece.block.map { array($0.columns) } ?? []
        if piece.loose.isEmpty { return values }
        while values.count < piece.count { values.append(filler) }
        for (place, trial) in piece.loose { values[place] = read(.loose(trial)) }
        return values
      })
  }

  func optional<Value: Sendable>(
    if isWanted: Bool, _ column: (BlockColumns) -> ColumnPiece<Value>, filler: Value,
    _ read: (TrialPlace) -> Value?
  ) -> OptionalColumn<Value> {
    guard isWanted else { return self.optional([], filler: filler) }
    return self.optional(
      pieces.map { piece in
        guard piece.isWhole else { return piece.gather(filler: filler, read) }
        let packed = piece.block.map { column($0.columns) } ?? ColumnPiece()
        return piece.overlay(packed, filler: filler, read)
      }, filler: filler)
  }

  /// Those of a table's columns that are `wanted`, in that order.
  func table<Value: Sendable>(
    _ table: (BlockColumns) -> BlockTable<Value>, _ wanted: [Int], filler: Value,
    _ read: (TrialPlace, Int) -> Value?
  ) -> [OptionalColumn<Value>] {
    if wanted.isEmpty { return [] }
    var columns = wanted.map { _ in [ColumnPiece<Value>]() }
    for piece in pieces {
      let packed =
        piece.isWhole
        ? piece.block.map { table($0.columns).pieces(wanted, filler: filler) } : nil
      for (index, column) in wanted.enumerated() {
        let read = { (trial: TrialPlace) in read(trial, column) }
        columns[index].append(
          piece.isWhole
            ? piece.overlay(
              packed?[index] ?? ColumnPiece(), filler: filler, read)
            : piece.gather(filler: filler, read))
      }
    }
    return columns.map { optional($0, filler: filler) }
  }

  private func optional<Value>(
    _ columnPieces: [ColumnPiece<Value>], filler: Value
  ) -> OptionalColumn<Value> {
    OptionalColumn(
      origin: origin, pieces: columnPieces, counts: pieces.map(\.count), filler: filler)
  }
}

extension LoadedPieces.Piece {
  fileprivate func gather<Value: Sendable>(
    filler: Value, _ read: (TrialPlace) -> Value?
  ) -> ColumnPiece<Value> {
    ColumnPiece(
      (0..<count).compactMap { place in read(trial(place)).map { (place, $0) } }, of: count,
      filler: filler)
  }

  /// `packed` with the values of loose trials.
  fileprivate func overlay<Value: Sendable>(
    _ packed: ColumnPiece<Value>, filler: Value, _ read: (TrialPlace) -> Value?
  ) -> ColumnPiece<Value> {
    if loose.isEmpty { return packed }
    if packed.present.isEmpty {
      var cells = packed.cells
      for (place, trial) in loose {
        if let value = read(.loose(trial)) { cells.append((place, value)) }
      }
      cells.sort { $0.place < $1.place }
      return ColumnPiece(cells, of: count, filler: filler)
    }
    var values = packed.values
    var present = packed.present
    while values.count < count {
      values.append(filler)
      present.append(false)
    }
    for (place, trial) in loose {
      guard let value = read(.loose(trial)) else { continue }
      values[place] = value
      present[place] = true
    }
    return ColumnPiece(values: values, present: present)
  }
}
