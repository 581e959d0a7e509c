// Stores with all kinds of things in them, and what one holds as something to compare.

import StudyModel

@testable import StudyStorage

extension SimulatedMachine {
  /// The store `/s`, as process `number` opens it.
  func open(
    _ number: Int32, for access: Store.Access = .writing(create: true),
    _ choose: (inout StoreOptions) -> Void = { _ in }
  ) throws -> Store {
    var options = StoreOptions()
    options.syncsInBackground = false
    choose(&options)
    return try Store("/s", access, .standard, SimulatedProcess(self, number: number), options)
  }
}

/// Everything that a snapshot tells, in words.
func words(_ snapshot: Snapshot) throws -> [String] {
  var words = ["next \(snapshot.nextStudyID) \(snapshot.nextTrialID)"]
  for record in snapshot.studies {
    words.append("\(record.study) \(record.bestTrials) \(Array(record.finishedRows))")
    words.append("\(Array(record.searchedRows)) \(TrialState.allCases.map(record.searchedCount))")
    words.append("\(record.metricNames) \(record.parameterNames) \(record.nextNumber)")
    words.append("\(record.reportCount) \(record.seriesCount) \(record.openRows)")
    words.append("\(String(describing: record.samplerMemory))")
    let loaded = try record.load(.all)
    for row in 0..<record.trialCount {
      let trial = try record.trial(row)
      words.append("\(trial)")
      words.append("\(loaded.assignment(ofRow: row)) \(loaded.objectiveValues(ofRow: row))")
      for metric in record.metricNames {
        words.append("\(metric) \(try record.series(of: metric, row: row))")
      }
      if let open = record.openTrial(row) {
        words.append("\(open.outcomes) \(open.stopRequested) \(String(describing: open.claim))")
      }
    }
  }
  return words
}

/// A store with all kinds of things in it, 40 trials of each of two studies, some open.
func fill(_ store: Store, seed: UInt64, trials: Int = 40) throws {
  var random = SeededGenerator(seed)
  for name in ["first", "second"] {
    let study = try store.makeStudy(name)
    for _ in 0..<trials {
      let (number, claim, _) = try store.makeTrial(study)
      for step in 0..<Int.random(in: 0...6, using: &random) {
        let value = [Double.nan, .infinity, -0.0, Double(step) / 3].randomElement(using: &random)
        try store.report(
          study, number, claim, step: Int64(step * (random.chance(0.2) ? step : 2)), value ?? 0)
      }
      if random.chance(0.3) {
        _ = try store.commit(.decision) { _, _ in
          (
            [
              .trialAttributeSet(
                study, trial: number, .user, key: "note\(number % 5)", value: "\"é\(number)\"")
            ], ()
          )
        }
      }
      switch Int.random(in: 0..<10, using: &random) {
      case 0: break
      case 1:
        _ = try store.commit(.decision) { _, context in
          (
            [
              .attemptEnded(
                study, trial: number, claim: claim,
                AttemptEnd(outcome: .lost, reason: "why"), time: context.now)
            ], ()
          )
        }
      case 2:
        _ = try store.commit(.decision) { _, context in
          let usage = ResourceUsage(wallSeconds: 1.5, cpuSeconds: 0.5, peakResidentBytes: 9)
          let end = AttemptEnd(
            outcome: .failed, reason: "exit 3", lastLines: "a\nb", exitStatus: 3, usage: usage)
          return (
            [
              .trialFinished(
                study, trial: number,
                TrialResult(claim: claim, state: .failed, end: end, time: context.now))
            ], ()
          )
        }
      default:
        try store.finish(study, number, claim, Double.random(in: 0..<1, using: &random))
      }
      if number % 4 == 1 { try store.mark(study, number, with: random.next()) }
    }
  }
}

extension Store {
  /// Says something of trial `number`; where it is open, not that it is dropped.
  func mark(_ study: StudyID, _ number: Int, with choice: UInt64) throws {
    let marks: [TrialMark] = [
      .dropped(.complete, reason: "bogus"), .dropped(.complete, reason: nil), .note("é"),
      .note(nil), .tag("t"), .untag("t"), .rerun(of: 0, ended: nil),
    ]
    var mark = marks[Int(choice % UInt64(marks.count))]
    _ = try commit(.decision) { snapshot, context in
      guard let state = snapshot[study], let row = state.row(ofNumber: number) else {
        return ([], ())
      }
      if case .dropped = mark, state.openTrial(row) != nil { mark = .tag("open") }
      let marking = try state.marking([.init(number, mark)], time: context.now)
      return (marking.entries.isEmpty ? [] : [.trialsMarked(study, marking)], ())
    }
  }
}
