// A study as it was: from what its trials say of when they were made, ran, reported and ended.
//
// Not from the events, of which those that are long past are no longer kept one by one. So what
// has no time of its own is as it is now: the definition, attributes, what is said of trials (also
// which are dropped), parameters that an enqueued trial was given later, and reports that a later
// attempt took back.

extension Snapshot {
  /// The studies as they were at `time`: see ``StudyRecord/asOf(_:)``. Those that were deleted
  /// since are not among them.
  ///
  /// - Throws: when something cannot be read.
  public func asOf(_ time: Timestamp) throws -> Snapshot {
    let then = try studies.filter { $0.study.created <= time }.map { try $0.asOf(time) }
    guard let past = Snapshot(then, nextStudyID: nextStudyID, nextTrialID: nextTrialID) else {
      preconditionFailure("studies that contradict each other")
    }
    return past
  }
}

extension StudyRecord {
  /// The study as it was at `time`. Trials that were made later are not there; one that ended
  /// later is running, if an attempt of it was under way, or waits, with the reports and attempts
  /// that it had by then. The rest is as it is now: the definition, and attributes.
  ///
  /// - Throws: when something cannot be read.
  /// - Complexity: O(1) when nothing happened since; else O(trials) for the times of all of them,
  ///   and as much as recording those anew whose blocks have any that were made or ended since.
  public func asOf(_ time: Timestamp) throws -> StudyRecord {
    if study.updated <= time { return self }
    var past = PastStudy(self, time)
    for rows in blocksOfRows() { try past.add(rows) }
    return try past.finish()
  }

  /// Whether all of `rows`, which are one block's, are packed in it.
  fileprivate func isPacked(_ rows: Range<Int>) -> Bool {
    guard let entry = blocks[UInt64(rows.lowerBound >> blockShift)], entry.waiting.isEmpty,
      let packed = entry.packed
    else { return false }
    return packed.isFull(rows.count)
  }
}

/// A study of the past while it is put together.
private struct PastStudy {
  private let present: StudyRecord
  private let time: Timestamp
  private var past: StudyRecord
  /// By row of the present, the row of the past; -1: it has none, or has not finished there.
  private var finishedRow: [Int32]

  init(_ present: StudyRecord, _ time: Timestamp) {
    self.present = present
    self.time = time
    let study = present.study
    past = StudyRecord(
      id: study.id, name: study.name, definition: study.definition, time: study.created)
    past.study = study
    past.study.updated = study.created
    past.schema = present.schema
    finishedRow = [Int32](repeating: -1, count: present.trialCount)
  }

  /// Adds what there was of `rows`, which are one block's.
  mutating func add(_ rows: Range<Int>) throws {
    let trials = try present.load(ColumnSet([.times, .outcomes]), rows: rows)
    let isSettled = rows.allSatisfy { row in
      trials.created[row] <= time && (trials.ended[row].map { $0 <= time } ?? false)
    }
    guard isSettled, past.trialCount == rows.lowerBound, present.isPacked(rows) else {
      for row in rows where trials.created[row] <= time { try add(row) }
      return
    }
    let block = UInt64(rows.lowerBound >> blockShift)
    past.blocks[block] = present.blocks[block]
    for row in rows {
      _ = past.numbering.append(trials.numbers[row])
      noteFinished(row, as: row, ended: trials.ended[row], trials.states[row])
      guard trials.states[row] == .complete, !present.isSetAside(row: row),
        trials.violations.allSatisfy({ ($0[row] ?? 0) <= 0 })
      else { continue }
      past.best.add(
        BestTrial(
          row: row, number: trials.numbers[row], values: trials.values.compactMap { $0[row] }))
    }
  }

  private mutating func noteFinished(
    _ row: Int, as pastRow: Int, ended: Timestamp?, _ state: TrialState
  ) {
    past.counts[Int(state.rawValue)] += 1
    finishedRow[row] = Int32(pastRow)
    if let ended { past.study.updated = max(past.study.updated, ended) }
  }

  /// Adds the trial in `row` as it was.
  private mutating func add(_ row: Int) throws {
    let place = try present.place(row, .all)
    guard let pastRow = past.numbering.append(place.number) else { return }
    var trial = OpenTrial(
      TrialCreation(
        id: place.id, number: place.number, time: place.created, proposer: place.proposer,
        retryOf: place.retryOf), row: pastRow)
    for (column, value) in place.parameters { trial.parameters[UInt64(column)] = value }
    for (column, json) in place.attributes(.user) { trial.userAttributes[UInt64(column)] = json }
    for (column, json) in place.attributes(.system) {
      trial.systemAttributes[UInt64(column)] = json
    }
    for metric in place.metrics {
      var tree = PointTree()
      for point in try place.points(metric) where point.time <= time { tree.set(point) }
      if !tree.isEmpty { trial.series[UInt64(metric)] = tree }
    }
    past.study.updated = max(past.study.updated, place.created)
    addAttempts(place.attempts, to: &trial)
    past.parameterCount += trial.parameters.count
    past.attributeCount += trial.userAttributes.count + trial.systemAttributes.count
    past.reportCount += trial.series.entries().reduce(0) { $0 + $1.value.summary.count }
    guard place.state.isFinished, let ended = place.ended, ended <= time else {
      past.counts[Int(trial.state.rawValue)] += 1
      past.open[UInt64(pastRow)] = Box(trial)
      return
    }
    finish(&trial, place, ended, from: row)
  }

  private mutating func addAttempts(_ attempts: [Attempt], to trial: inout OpenTrial) {
    for attempt in attempts where attempt.started <= time {
      var attempt = attempt
      if trial.started == nil { trial.started = attempt.started }
      past.study.updated = max(past.study.updated, attempt.started)
      if let ended = attempt.ended, ended <= time {
        trial.claim = nil
        trial.state = .waiting
        past.study.updated = max(past.study.updated, ended)
      } else {
        attempt.ended = nil
        attempt.end = nil
        trial.claim = attempt.claim
        trial.state = .running
      }
      trial.attempts[UInt64(attempt.index)] = attempt
    }
    if !trial.series.isEmpty, trial.attemptCount > 0 {
      trial.reportingAttempt = trial.attemptCount
    }
  }

  private mutating func finish(
    _ trial: inout OpenTrial, _ place: TrialPlace, _ ended: Timestamp, from row: Int
  ) {
    trial.state = place.state
    trial.ended = ended
    trial.values = (0..<past.schema.objectiveCount).compactMap { place.value($0) }
    trial.violations = (0..<past.schema.boundCount).compactMap { place.violation($0) }
    noteFinished(row, as: trial.row, ended: ended, place.state)
    past.seriesCount += trial.series.count
    if place.state == .complete, !present.isSetAside(row: row),
      trial.violations.allSatisfy({ $0 <= 0 })
    {
      past.best.add(BestTrial(row: trial.row, number: trial.number, values: trial.values))
    }
    past.settle(trial)
  }

  /// The study, with the order in which its trials finished.
  mutating func finish() throws -> StudyRecord {
    for row in present.finishedRows where finishedRow[row] >= 0 {
      past.finishedRows.append(Int(finishedRow[row]))
    }
    for (key, marks) in present.marks.entries() {
      guard let row = past.row(ofNumber: present.number(ofRow: Int(key))) else { continue }
      var marks = marks
      if past.openTrial(row) != nil { marks.ended = nil }
      guard past.restore(marks, ofRow: row) else { preconditionFailure("marks without a trial") }
    }
    return past
  }
}
