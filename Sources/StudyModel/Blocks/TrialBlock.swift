// Finished trials, by columns: what they are packed into so that a million of them are arrays
// and not a million boxes.

/// Up to 4,096 trials in consecutive rows, of which those that have finished are here. Never
/// changes: when more of them have finished, another block takes its place.
final class TrialBlock: Sendable {
  /// Which of the rows are here, by place; the columns hold fillers for the others.
  let isPacked: [Bool]
  let packedCount: Int

  let ids: [TrialID]
  let numbers: [Int]
  let states: [TrialState]
  let created: [Timestamp]
  let started: ColumnPiece<Timestamp>
  let ended: ColumnPiece<Timestamp>
  let proposers: [String]
  /// In its only column, 0.
  let retryOf: BlockTable<Int>
  /// By objective, and by bound.
  let values: BlockTable<Double>
  let violations: BlockTable<Double>

  let parameters: BlockTable<Double>
  /// Which distribution a parameter was drawn from, where it is not the study's first of it.
  let distributions: BlockTable<Int>
  let userAttributes: BlockTable<String>
  let systemAttributes: BlockTable<String>
  let attempts: PackedAttempts
  let curves: PackedCurves

  /// How many places the columns have.
  var count: Int { isPacked.count }

  /// The trials of `old`, and `added`, by ascending place.
  ///
  /// - Complexity: O(all cells), but no point of a curve of `old` is moved.
  init(_ old: TrialBlock?, adding added: [(place: Int, trial: OpenTrial)]) {
    let count = max(old?.count ?? 0, (added.last?.place ?? -1) + 1)
    packedCount = (old?.packedCount ?? 0) + added.count
    let packed = packedCount
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
    isPacked = column(old?.isPacked, filler: false) { _ in true }
    ids = column(old?.ids, filler: TrialID(rawValue: 0), \.id)
    numbers = column(old?.numbers, filler: 0, \.number)
    states = column(old?.states, filler: .waiting, \.state)
    created = column(old?.created, filler: never, \.created)
    started = optional(old?.started, filler: never, \.started)
    ended = optional(old?.ended, filler: never, \.ended)
    proposers = column(old?.proposers, filler: "", \.proposer)
    retryOf = table(old?.retryOf, filler: 0) { $0.retryOf.map { [(0, $0)] } ?? [] }
    values = table(old?.values, filler: 0) { $0.values.enumerated().map { ($0, $1) } }
    violations = table(old?.violations, filler: 0) {
      $0.violations.enumerated().map { ($0, $1) }
    }
    parameters = table(old?.parameters, filler: 0) {
      $0.parameters.entries().lazy.map { (Int($0.key), $0.value.value) }
    }
    distributions = table(old?.distributions, filler: 0) {
      $0.parameters.entries().lazy.filter { $0.value.distribution > 0 }
        .map { (Int($0.key), $0.value.distribution) }
    }
    userAttributes = table(old?.userAttributes, filler: "") {
      $0.userAttributes.entries().lazy.map { (Int($0.key), $0.value) }
    }
    systemAttributes = table(old?.systemAttributes, filler: "") {
      $0.systemAttributes.entries().lazy.map { (Int($0.key), $0.value) }
    }
    attempts = PackedAttempts(old?.attempts ?? .init(), adding: added, count: count)
    curves = PackedCurves(old?.curves ?? .init(), adding: added, count: count)
  }
}
