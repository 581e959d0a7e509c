// Notes, tags, and trials that are set aside. What is said of a trial lies beside it, by row: also
// of one that has finished, and is packed away.

extension StudyRecord {
  // MARK: Reading

  /// What is said of the trial in `row`.
  ///
  /// - Complexity: O(log of how many have anything said of them).
  public func marks(ofRow row: Int) -> TrialMarks { marks[UInt64(row)]?.said ?? TrialMarks() }

  /// Rows of which anything is said, ascending, with what it is.
  public var markedRows: some Sequence<(row: Int, marks: TrialMarks)> {
    marks.entries().lazy.map { (Int($0.key), $0.value.said) }
  }

  /// Whether anything is said of any trial.
  public var hasMarks: Bool { !marks.isEmpty }

  /// Whether the trial in `row` is no part of the search: see ``TrialMarks/isSetAside``.
  public func isSetAside(row: Int) -> Bool {
    setAside.count > 0 && marks[UInt64(row)]?.said.isSetAside == true
  }

  /// How many trials in `state` are part of the search.
  public func searchedCount(_ state: TrialState) -> Int {
    max(0, count(state) - setAside.counts[Int(state.rawValue)])
  }

  /// How many are waiting or running as part of the search.
  public var searchedOpenCount: Int { searchedCount(.waiting) + searchedCount(.running) }

  /// How many trials are no part of the search.
  public var setAsideCount: Int { setAside.count }

  /// Rows of finished trials that are part of the search, in the order in which they finished.
  public var searchedRows: SearchedRows { SearchedRows(finishedRows, without: setAside) }

  // MARK: What is to be recorded

  /// What recording `entries` comes to: those that change anything, and the best trials where they
  /// become others. No entry needs a state here; who is dropped must have finished.
  ///
  /// - Throws: when values cannot be read.
  /// - Complexity: O(entries), and O(trials) where one of the best is dropped.
  public func marking(
    _ entries: [TrialMarking.Entry], time: Timestamp
  ) throws -> TrialMarking {
    var changed: [TrialMarking.Entry] = []
    var now: [Int: TrialMarks] = [:]
    for entry in entries {
      guard let row = row(ofNumber: entry.number) else { continue }
      var entry = entry
      switch entry.mark {
      case .note, .tag, .untag: break
      case .dropped(_, let reason):
        entry.mark = .dropped(try state(ofRow: row), reason: reason)
      case .rerun(let original, _):
        entry.mark = .rerun(
          of: original, ended: openTrial(row) == nil ? try state(ofRow: row) : nil)
      }
      var marks = now[row] ?? marks(ofRow: row)
      if entry.mark.change(&marks) { changed.append(entry) }
      now[row] = marks
    }
    let turned = now.filter { $0.value.isSetAside != isSetAside(row: $0.key) }
    let dropped = Set(turned.keys.filter { turned[$0]?.isSetAside == true })
    let restored = turned.keys.filter { !dropped.contains($0) }
    var best: BestTrials?
    if bestTrials.contains(where: { dropped.contains($0.row) }) {
      best = try bestTrials { now[$0]?.isSetAside ?? isSetAside(row: $0) }
    } else if !restored.isEmpty {
      best = self.best
      for row in restored { try add(row, to: &best) }
    }
    let isOther = best.map { $0.trials != bestTrials } ?? false
    return TrialMarking(changed, best: isOther ? best?.trials : nil, time: time)
  }

  /// The best of all trials but those that are left out.
  func bestTrials(leavingOut isLeftOut: (_ row: Int) -> Bool) throws -> BestTrials {
    var best: BestTrials? = BestTrials(study.directions)
    for rows in blocksOfRows() {
      let trials = try load(ColumnSet(.outcomes), rows: rows)
      for row in rows where trials.states[row] == .complete && !isLeftOut(row) {
        guard trials.isFeasible(row: row) else { continue }
        best?.add(
          BestTrial(
            row: row, number: number(ofRow: row),
            values: trials.values.compactMap { $0[row] }))
      }
    }
    return best ?? BestTrials(study.directions)
  }

  private func add(_ row: Int, to best: inout BestTrials?) throws {
    let trial = try trial(row)
    guard trial.state == .complete, trial.isFeasible else { return }
    best?.add(BestTrial(row: row, number: trial.number, values: trial.values))
  }

  // MARK: Events

  /// Takes in what is said.
  ///
  /// - Returns: whether anything of it took effect.
  mutating func mark(_ marking: TrialMarking) -> Bool {
    var hasChanged = false
    for entry in marking.entries where mark(entry) { hasChanged = true }
    if let told = marking.best {
      var known = BestTrials(study.directions)
      for trial in told {
        guard let row = row(ofNumber: trial.number), !isSetAside(row: row) else { continue }
        known.add(BestTrial(row: row, number: trial.number, values: trial.values))
      }
      best = known
      hasChanged = true
    }
    if hasChanged { study.updated = marking.time }
    return hasChanged
  }

  private mutating func mark(_ entry: TrialMarking.Entry) -> Bool {
    guard let row = row(ofNumber: entry.number) else { return false }
    let open = openTrial(row)
    var state = open?.state
    switch entry.mark {
    case .note, .tag, .untag: break
    case .dropped(let ended, _):
      guard open == nil, ended.isFinished else { return false }
      state = ended
    case .rerun(_, let ended):
      guard open != nil || ended?.isFinished == true else { return false }
      state = open?.state ?? ended
    }
    var known = marks[UInt64(row)] ?? KeptMarks()
    let wasSetAside = known.said.isSetAside
    guard entry.mark.change(&known.said) else { return false }
    if known.said.isSetAside != wasSetAside {
      // What a trial counted as when it was set aside it counts as when it is restored.
      let state = known.ended ?? state ?? .waiting
      setAside.set(
        known.said.isSetAside, row: row, state,
        place: open == nil ? finishedRows.place(of: row) : nil)
      known.ended = known.said.isSetAside && state.isFinished ? state : nil
    }
    marks[UInt64(row)] = known.said.isEmpty ? nil : known
    return true
  }

  /// A trial that is set aside goes from one state to another.
  mutating func moveSetAside(row: Int, from old: TrialState, to new: TrialState) {
    guard isSetAside(row: row) else { return }
    setAside.move(from: old, to: new)
    if new.isFinished { marks.modify(UInt64(row)) { $0.ended = new } }
  }

  // MARK: Written down

  /// Takes in what was written down, or held by another record of the study.
  ///
  /// - Returns: false when it contradicts the rest.
  mutating func restore(_ known: KeptMarks, ofRow row: Int) -> Bool {
    guard 0..<trialCount ~= row, marks[UInt64(row)] == nil, !known.said.isEmpty else {
      return false
    }
    let open = openTrial(row)
    marks[UInt64(row)] = known
    guard known.said.isSetAside else { return known.ended == nil }
    guard let state = open?.state ?? known.ended, (open == nil) == (known.ended != nil) else {
      return false
    }
    setAside.set(
      true, row: row, state, place: open == nil ? finishedRows.place(of: row) : nil)
    return true
  }
}
