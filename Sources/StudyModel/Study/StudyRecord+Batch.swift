// Trials that come by the thousand: their columns become blocks as they are.

extension StudyRecord {
  /// Adds the trials of `batch` behind those there are.
  ///
  /// - Returns: whether it took effect: not where a number is in use already.
  mutating func add(_ batch: TrialBatch) -> Bool {
    guard let first = batch.numbers.first, let last = batch.numbers.last,
      first >= numbering.next, last < .max
    else { return false }
    let firstRow = trialCount
    if blocks[UInt64(firstRow >> blockShift)]?.packed != nil || batch.contradiction != nil {
      return addOneByOne(batch)
    }
    let end = firstRow + batch.count
    guard (end - 1) >> blockShift == firstRow >> blockShift else { return addOneByOne(batch) }
    for number in batch.numbers { _ = numbering.append(number) }
    for (place, state) in batch.states.enumerated() {
      counts[Int(state.rawValue)] += 1
      finishedRows.append(firstRow + place)
      noteBest(batch, place, row: firstRow + place)
    }
    if let time = batch.ended.last { study.updated = time }
    let columns = columns(of: batch, from: firstRow & (blockSize - 1))
    WorkMeter.current?.count { $0.packedRows += batch.count }
    blocks.update(UInt64(firstRow >> blockShift), orInsert: BlockEntry()) {
      $0.packed = .resident(TrialBlock(columns))
    }
    return true
  }

  /// Beside others that are packed already, as if each had been told of by itself.
  private mutating func addOneByOne(_ batch: TrialBatch) -> Bool {
    guard batch.contradiction == nil else { return false }
    for place in 0..<batch.count {
      let (trial, violations) = batch.trial(place)
      let id = TrialID(rawValue: batch.firstID.rawValue + UInt64(place))
      for event in trial.beginning(of: study.id, id: id, claim: batch.claim) { apply(event) }
      let end = trial.ending(of: study.id, claim: batch.claim, violations: violations)
      if let end { apply(end) }
    }
    return true
  }

  private mutating func noteBest(_ batch: TrialBatch, _ place: Int, row: Int) {
    guard batch.states[place] == .complete,
      batch.violations.allSatisfy({ ($0.value(place) ?? 0) <= 0 })
    else { return }
    let values = batch.values.compactMap { $0.value(place) }
    best.add(BestTrial(row: row, number: batch.numbers[place], values: values))
  }

  /// `batch` as columns of a block whose places below `start` are others'.
  private mutating func columns(of batch: TrialBatch, from start: Int) -> BlockColumns {
    let frame = BatchFrame(start: start, count: start + batch.count)
    let never = Timestamp(rawValue: 0)
    var columns = BlockColumns()
    columns.isPacked = frame.whole([Bool](repeating: true, count: batch.count), false)
    columns.ids = frame.whole(
      (0..<batch.count).map { TrialID(rawValue: batch.firstID.rawValue + UInt64($0)) },
      TrialID(rawValue: 0))
    columns.numbers = frame.whole(batch.numbers, 0)
    columns.states = frame.whole(batch.states, .waiting)
    columns.created = frame.whole(batch.created, never)
    columns.ended = frame.piece(BatchCells(values: batch.ended), never)
    columns.started = frame.piece(
      BatchCells(places: batch.runs.places, values: batch.runs.values.map(\.started)), never)
    var proposers = [String](repeating: "", count: frame.count)
    batch.proposers.forEach { proposers[start + $0] = $1 }
    columns.proposers = proposers
    columns.retryOf = frame.table([(0, batch.retryOf)], 0)
    columns.values = frame.table(
      batch.values.prefix(schema.objectiveCount).enumerated().map { ($0, $1) }, 0)
    columns.violations = frame.table(
      batch.violations.prefix(schema.boundCount).enumerated().map { ($0, $1) }, 0)
    let parameters = batch.parameters.map { parameter in
      parameterCount += parameter.cells.values.count
      let (number, distribution) = schema.register(
        parameter: parameter.name, parameter.distribution)
      return (number: number, cells: parameter.cells, distribution: distribution)
    }
    columns.parameters = frame.table(parameters.map { ($0.number, $0.cells) }, 0)
    columns.distributions = frame.table(
      parameters.filter { $0.distribution > 0 }.map { parameter in
        let (number, cells, distribution) = parameter
        return (
          number,
          BatchCells(places: cells.places, values: cells.values.map { _ in distribution })
        )
      }, 0)
    columns.userAttributes = frame.table(attributes(of: batch, .user), "")
    columns.systemAttributes = frame.table(attributes(of: batch, .system), "")
    columns.attempts = frame.attempts(batch)
    return columns
  }

  private mutating func attributes(
    of batch: TrialBatch, _ scope: AttributeScope
  ) -> [(number: Int, cells: BatchCells<String>)] {
    batch.attributes.filter { $0.scope == scope }.map { attribute in
      attributeCount += attribute.cells.values.count
      return (schema.register(attribute: attribute.key, scope), attribute.cells)
    }
  }
}

/// Where the trials of a batch stand in a block.
private struct BatchFrame {
  let start: Int
  /// How many places the block has then.
  let count: Int

  /// A column that every trial has, with a filler at the places of others.
  func whole<Value>(_ values: [Value], _ filler: Value) -> [Value] {
    start == 0 ? values : [Value](repeating: filler, count: start) + values
  }

  /// The places of some cells; none where they are all there are.
  private func places<Value>(_ cells: BatchCells<Value>) -> [UInt16] {
    if cells.places.isEmpty {
      return start == 0 ? [] : (start..<count).map { UInt16($0) }
    }
    return cells.places.map { UInt16($0 + start) }
  }

  func piece<Value>(_ cells: BatchCells<Value>, _ filler: Value) -> ColumnPiece<Value> {
    var all: [(place: Int, value: Value)] = []
    all.reserveCapacity(cells.values.count)
    cells.forEach { all.append((start + $0, $1)) }
    return ColumnPiece(all, of: count, filler: filler)
  }

  func table<Value>(
    _ columns: [(number: Int, cells: BatchCells<Value>)], _ filler: Value
  ) -> BlockTable<Value> {
    BlockTable(
      columns.filter { !$0.cells.values.isEmpty }.sorted { $0.number < $1.number }.map {
        TableColumn(number: $0.number, places: places($0.cells), values: $0.cells.values)
      }, count: count, filler: filler)
  }

  func attempts(_ batch: TrialBatch) -> PackedAttempts {
    var counts = [Int](repeating: 0, count: count)
    var attempts: [Attempt] = []
    attempts.reserveCapacity(batch.runs.values.count)
    batch.runs.forEach { place, run in
      counts[start + place] = 1
      var attempt = Attempt(
        index: 1, claim: batch.claim, lease: .detached(deadline: nil), host: run.host,
        worker: run.worker, started: run.started)
      attempt.end = run.end
      attempt.ended = batch.ended[place]
      attempts.append(attempt)
    }
    return PackedAttempts(counts: counts, attempts)
  }
}
