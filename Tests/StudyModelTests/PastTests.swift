// A study as it was, held against snapshots that were kept at the time.

import Testing

@testable import StudyModel

@Suite struct PastTests {
  private static let study = StudyID(rawValue: 1)

  /// A history in which nothing happens that has no time, with a snapshot after each event.
  private func history(_ seed: Int, _ count: Int) -> [(time: Timestamp, snapshot: Snapshot)] {
    var random = SplitMix(seed)
    var clock: Int64 = 1000
    func tick() -> Timestamp {
      clock += 1 + clock % 5
      return Timestamp(rawValue: clock)
    }
    var snapshot = Snapshot()
    snapshot.apply(
      .studyCreated(
        id: Self.study, name: "s",
        definition: StudyDefinition(
          objectives: [.standard, Objective(name: "b", direction: .maximize)],
          bounds: [MetricBound(metric: "m", relation: .atMost, limit: 1)], seed: 1),
        time: tick()))
    var kept = [(Timestamp(rawValue: clock), snapshot)]
    var sequence: UInt32 = 0
    // By number: the next step, which goes on from attempt to attempt.
    var steps: [Int: Int64] = [:]
    while kept.count < count {
      let state = snapshot[Self.study]!
      var open = state.openRows
      let isNew = open.isEmpty || random.below(6) == 0
      if isNew {
        let row = state.trialCount
        let entry = Assignment.Entry(
          name: "p\(random.below(3))", distribution: .categorical([.integer(1)]), internalValue: 0)
        snapshot.apply(
          .trialCreated(
            Self.study,
            TrialCreation(
              id: snapshot.nextTrialID, number: state.nextNumber + (random.below(30) == 0 ? 3 : 0),
              time: tick(), assignment: Assignment([entry]),
              proposer: row % 2 == 0 ? "tpe" : "")))
      } else {
        // Mostly the oldest, so that blocks come to be full.
        open = Array(open.prefix(4))
        let trial = state.openTrial(open[random.below(open.count)])!
        snapshot.apply(event(of: trial, &random, &sequence, &steps, tick))
      }
      kept.append((Timestamp(rawValue: clock), snapshot))
    }
    return kept
  }

  private func event(
    of trial: OpenTrial, _ random: inout SplitMix, _ sequence: inout UInt32,
    _ steps: inout [Int: Int64], _ tick: () -> Timestamp
  ) -> StudyEvent {
    guard let claim = trial.claim else {
      sequence += 1
      return .trialClaimed(
        Self.study, trial: trial.number,
        TrialClaim(
          claim: ClaimID(epoch: 1, sequence: sequence), lease: .held, host: "h", worker: "w",
          time: tick()))
    }
    switch random.below(5) {
    case 0:
      return .attemptEnded(
        Self.study, trial: trial.number, claim: claim,
        AttemptEnd(outcome: .interrupted, reason: "r"), time: tick())
    case 1, 2:
      let state = [TrialState.complete, .complete, .pruned, .failed][random.below(4)]
      return .trialFinished(
        Self.study, trial: trial.number,
        TrialResult(
          claim: claim, state: state,
          values: state == .complete
            ? [Double(random.below(9)), Double(random.below(9))] : [],
          violations: [Double(random.below(3)) - 1], time: tick()))
    default:
      steps[trial.number, default: 0] += Int64(random.below(3)) + 1
      return .metricsReported(
        Self.study, trial: trial.number,
        MetricReport(
          claim: claim, step: steps[trial.number]!,
          entries: [.init("m\(random.below(2))", Double(random.below(50)))], time: tick()))
    }
  }

  private func compare(_ past: StudyRecord, _ kept: StudyRecord, _ note: String) throws {
    #expect(past.trialCount == kept.trialCount, "\(note)")
    #expect(past.nextNumber == kept.nextNumber, "\(note)")
    #expect(past.study.updated == kept.study.updated || !kept.metricNames.isEmpty, "\(note)")
    #expect(Array(past.finishedRows) == Array(kept.finishedRows), "\(note)")
    #expect(past.openRows == kept.openRows, "\(note)")
    #expect(past.bestTrials == kept.bestTrials, "\(note)")
    for state in TrialState.allCases {
      #expect(past.count(state) == kept.count(state), "\(note)")
    }
    for row in 0..<min(past.trialCount, kept.trialCount) {
      let (a, b) = (try past.trial(row), try kept.trial(row))
      let note = "\(note), row \(row)"
      #expect(a.number == b.number && a.id == b.id && a.state == b.state, "\(note)")
      #expect(a.created == b.created && a.started == b.started && a.ended == b.ended, "\(note)")
      #expect(a.assignment == b.assignment && a.proposer == b.proposer, "\(note)")
      #expect(a.values == b.values && a.violations == b.violations, "\(note)")
      #expect(a.attempts == b.attempts, "\(note)")
      for metric in kept.metricNames {
        #expect(
          try past.series(of: metric, row: row) == kept.series(of: metric, row: row), "\(note)")
      }
    }
  }

  @Test(arguments: 0..<6)
  func `the past is what it was`(seed: Int) throws {
    let kept = history(seed, 400)
    let now = try #require(kept.last?.snapshot)
    for (time, snapshot) in kept.enumerated().filter({ $0.offset % 7 == 0 }).map(\.element) {
      let past = try now.asOf(time)
      #expect(past.studyCount == 1)
      try compare(past[Self.study]!, snapshot[Self.study]!, "seed \(seed), time \(time)")
    }
    #expect(try now.asOf(Timestamp(rawValue: 0)).studyCount == 0)
  }

  @Test func `blocks in which nothing happened since stay as they are`() throws {
    let kept = history(7, 60_000)
    let now = try #require(kept.last?.snapshot)
    #expect(now[Self.study]!.trialCount > 2 * 4096)
    for place in [20_000, 35_000, 59_990] {
      let (time, snapshot) = kept[place]
      var past = Snapshot()
      let work = try WorkMeter.work { past = try now.asOf(time) }
      try compare(past[Self.study]!, snapshot[Self.study]!, "event \(place)")
      // Only the trials of the last block or two are put together anew.
      #expect(work.packedRows < 6 * 4096, "\(work.packedRows)")
    }
  }

  @Test func `what ended is known again when the study goes on`() throws {
    let kept = history(3, 300)
    let (time, snapshot) = kept[150]
    var past = try #require(try kept.last?.snapshot.asOf(time))
    var then = snapshot
    for step in 151..<300 where kept[step].time > time {
      // The same events make the same of both.
      guard let trial = then[Self.study]!.openTrials.first(where: { $0.claim != nil }) else {
        break
      }
      let end = StudyEvent.trialFinished(
        Self.study, trial: trial.number,
        TrialResult(claim: trial.claim, state: .failed, time: kept[step].time))
      let isApplied = [then.apply(end), past.apply(end)]
      #expect(isApplied == [true, true])
    }
    try compare(past[Self.study]!, then[Self.study]!, "after")
  }

  @Test func `what was dropped since counts for nothing in the past either`() throws {
    let kept = history(3, 400)
    var now = kept[399].snapshot
    let record = try #require(now[Self.study])
    let entries = record.finishedRows.enumerated().filter { $0.offset % 3 == 0 }.map {
      TrialMarking.Entry(record.number(ofRow: $0.element), .dropped(.complete, reason: "bogus"))
    }
    let open = record.openRows.map {
      TrialMarking.Entry(record.number(ofRow: $0), .rerun(of: 0, ended: nil))
    }
    let later = Timestamp(rawValue: record.study.updated.rawValue + 9)
    now.apply(.trialsMarked(Self.study, try record.marking(entries + open, time: later)))
    let dropped = Set((entries + open).map(\.number))
    for index in stride(from: 50, to: 400, by: 70) {
      let then = try #require(kept[index].snapshot[Self.study])
      let past = try #require(try now.asOf(kept[index].time)[Self.study])
      let searched = then.finishedRows.filter { !dropped.contains(then.number(ofRow: $0)) }
      #expect(Array(past.searchedRows) == searched)
      #expect(
        past.bestTrials
          == (try then.bestTrials { dropped.contains(then.number(ofRow: $0)) }).trials)
      for state in TrialState.allCases {
        let count = try (0..<then.trialCount).count {
          try then.state(ofRow: $0) == state && !dropped.contains(then.number(ofRow: $0))
        }
        #expect(past.searchedCount(state) == count, "\(state)")
      }
    }
  }
}
