// Finished trials, by columns: what they are packed into so that a million of them are arrays
// and not a million boxes.

/// What a block is made of: a value a place, of the places that have it. Of one that was read from
/// elsewhere, columns that were not asked for are empty.
package struct BlockColumns: Sendable {
  /// Which of the rows are here, by place; the columns hold fillers for the others.
  package var isPacked: [Bool] = []
  package var ids: [TrialID] = []
  package var numbers: [Int] = []
  package var states: [TrialState] = []
  package var created: [Timestamp] = []
  package var started = ColumnPiece<Timestamp>()
  package var ended = ColumnPiece<Timestamp>()
  package var proposers: [String] = []
  /// In its only column, 0.
  package var retryOf = BlockTable<Int>()
  /// By objective, and by bound.
  package var values = BlockTable<Double>()
  package var violations = BlockTable<Double>()
  package var parameters = BlockTable<Double>()
  /// Which distribution a parameter was drawn from, where it is not the study's first of it.
  package var distributions = BlockTable<Int>()
  package var userAttributes = BlockTable<String>()
  package var systemAttributes = BlockTable<String>()
  package var attempts = PackedAttempts()
  package var curves = PackedCurves()

  package init() {}
}

/// Up to 4,096 trials in consecutive rows, of which those that have finished are here. Never
/// changes: when more of them have finished, another block takes its place.
package final class TrialBlock: Sendable {
  package let columns: BlockColumns
  /// How many trials are here.
  package let packedCount: Int

  /// How many places the columns have.
  package var count: Int { columns.isPacked.count }

  package init(_ columns: BlockColumns) {
    self.columns = columns
    packedCount = columns.isPacked.count { $0 }
  }

  /// The trials of `block`, and `added`, by ascending place.
  ///
  /// - Complexity: O(all cells), but no point of a curve of `block` is moved.
  convenience init(_ block: TrialBlock?, adding added: [(place: Int, trial: OpenTrial)]) {
    let old = block?.columns
    let count = max(block?.count ?? 0, (added.last?.place ?? -1) + 1)
    let packed = (block?.packedCount ?? 0) + added.count
    WorkMeter.current?.count { $0.packedRows += packed }

    func column<Value>(
      _ known: [Value]?, filler: Value, _ read: (OpenTrial) -> Value
    ) -> [Value] {
      var values = known ?? []
      values.reserveCapacity(count)
      while values.count < count { values.append(filler) }
      for (place, trial) in added { values[place] = read(trial) }
      return values
    }
    func optional<Value>(
      _ known: ColumnPiece<Value>?, filler: Value, _ read: (OpenTrial) -> Value?
    ) -> ColumnPiece<Value> {
      var cells = known?.cells ?? []
      for (place, trial) in added {
        if let value = read(trial) { cells.append((place, value)) }
      }
      cells.sort { $0.place < $1.place }
      return ColumnPiece(cells, of: count, filler: filler)
    }
    func table<Value, Cells: Sequence<(column: Int, value: Value)>>(
      _ known: BlockTable<Value>?, filler: Value, _ read: (OpenTrial) -> Cells
    ) -> BlockTable<Value> {
      var cells: [BlockTable<Value>.Cell] = []
      known?.appendCells(to: &cells)
      for (place, trial) in added {
        for (column, value) in read(trial) {
          cells.append(.init(place: place, column: column, value: value))
        }
      }
      return BlockTable(cells, count: count, filler: filler)
    }

    let never = Timestamp(rawValue: 0)
    var columns = BlockColumns()
    columns.isPacked = column(old?.isPacked, filler: false) { _ in true }
    columns.ids = column(old?.ids, filler: TrialID(rawValue: 0), \.id)
    columns.numbers = column(old?.numbers, filler: 0, \.number)
    columns.states = column(old?.states, filler: .waiting, \.state)
    columns.created = column(old?.created, filler: never, \.created)
    columns.started = optional(old?.started, filler: never, \.started)
    columns.ended = optional(old?.ended, filler: never, \.ended)
    columns.proposers = column(old?.proposers, filler: "", \.proposer)
    columns.retryOf = table(old?.retryOf, filler: 0) { $0.retryOf.map { [(0, $0)] } ?? [] }
    columns.values = table(old?.values, filler: 0) { $0.values.enumerated().map { ($0, $1) } }
    columns.violations = table(old?.violations, filler: 0) {
      $0.violations.enumerated().map { ($0, $1) }
    }
    columns.parameters = table(old?.parameters, filler: 0) {
      $0.parameters.entries().lazy.map { (Int($0.key), $0.value.value) }
    }
    columns.distributions = table(old?.distributions, filler: 0) {
      $0.parameters.entries().lazy.filter { $0.value.distribution > 0 }
        .map { (Int($0.key), $0.value.distribution) }
    }
    columns.userAttributes = table(old?.userAttributes, filler: "") {
      $0.userAttributes.entries().lazy.map { (Int($0.key), $0.value) }
    }
    columns.systemAttributes = table(old?.systemAttributes, filler: "") {
      $0.systemAttributes.entries().lazy.map { (Int($0.key), $0.value) }
    }
    columns.attempts = PackedAttempts(old?.attempts ?? .init(), adding: added, count: count)
    columns.curves = PackedCurves(old?.curves ?? .init(), adding: added, count: count)
    self.init(columns)
  }
}
