// Trials that come as a batch are those that would have come one by one.

import Testing

@testable import StudyModel

@Suite struct BatchTests {
  private static let study = StudyID(rawValue: 1)

  private func trial(_ number: Int, _ random: inout SplitMix) throws -> ImportedTrial {
    let time = Timestamp(rawValue: Int64(number) * 10)
    let state = [TrialState.complete, .pruned, .failed][random.below(3)]
    var trial = ImportedTrial(number: number, state: state, created: time, ended: time)
    var entries: [Assignment.Entry] = []
    for index in 0..<4 where random.below(4) > 0 {
      let value = Double(random.below(100))
      entries.append(
        .init(
          name: "p\(index)",
          distribution: .float(try FloatDomain(low: 0, high: Double(index) + 1)),
          internalValue: value))
    }
    if random.below(200) == 0 {
      entries.append(
        .init(
          name: "own\(number)", distribution: .categorical([.string("x")]), internalValue: 0))
    }
    trial.assignment = Assignment(entries)
    if state == .complete { trial.values = [Double(random.below(1000)), .infinity] }
    if random.below(2) == 0 { trial.proposer = "tpe" }
    if random.below(5) == 0, number > 0 { trial.retryOf = number - 1 }
    if random.below(3) == 0 {
      trial.attributes.append(.init(scope: .user, key: "note", json: "\"\(number)\""))
    }
    if random.below(9) == 0 {
      trial.attributes.append(.init(scope: .system, key: "k", json: "\(number)"))
    }
    if random.below(4) > 0 {
      trial.run = .init(
        started: time, ended: time,
        end: AttemptEnd(outcome: .failed, reason: "r\(random.below(3))", exitStatus: 3),
        host: "h", worker: "w\(random.below(2))")
    }
    return trial
  }

  private func empty() -> Snapshot {
    var snapshot = Snapshot()
    snapshot.apply(
      .studyCreated(
        id: Self.study, name: "s",
        definition: StudyDefinition(
          objectives: [.standard, Objective(name: "b", direction: .maximize)],
          bounds: [MetricBound(metric: "m", relation: .atMost, limit: 1)], seed: 1),
        time: Timestamp(rawValue: 0)))
    return snapshot
  }

  private let claim = ClaimID(epoch: 2, sequence: 5)

  private func add(_ trials: [ImportedTrial], _ snapshot: inout Snapshot) {
    for trial in trials {
      for event in trial.beginning(of: Self.study, id: snapshot.nextTrialID, claim: claim) {
        let isApplied = snapshot.apply(event)
        #expect(isApplied)
      }
      let violations = [Double(trial.number % 3) - 1]
      let end = trial.ending(of: Self.study, claim: claim, violations: violations)
      let isFinished = end.map { snapshot.apply($0) }
      #expect(isFinished == true)
    }
  }

  private func batch(_ trials: [ImportedTrial], _ id: TrialID) -> TrialBatch {
    var batch = TrialBatch(firstID: id, claim: claim, objectives: 2, bounds: 1)
    for trial in trials {
      #expect(batch.takes(trial))
      batch.append(trial, violations: [Double(trial.number % 3) - 1])
    }
    batch.finish()
    #expect(batch.contradiction == nil)
    return batch
  }

  private func compare(_ one: StudyRecord, _ other: StudyRecord) throws {
    #expect(one.trialCount == other.trialCount)
    #expect(Array(one.finishedRows) == Array(other.finishedRows))
    #expect(one.bestTrials == other.bestTrials)
    #expect(one.openRows == other.openRows)
    for state in TrialState.allCases { #expect(one.count(state) == other.count(state)) }
    for row in 0..<one.trialCount {
      let (a, b) = (try one.trial(row), try other.trial(row))
      #expect(a.number == b.number && a.id == b.id && a.state == b.state, "row \(row)")
      #expect(a.created == b.created && a.started == b.started && a.ended == b.ended, "row \(row)")
      #expect(a.values == b.values && a.violations == b.violations, "row \(row)")
      #expect(
        a.assignment.entries.sorted { $0.name < $1.name }
          == b.assignment.entries.sorted { $0.name < $1.name }, "row \(row)")
      #expect(a.proposer == b.proposer && a.retryOf == b.retryOf, "row \(row)")
      #expect(a.attempts == b.attempts, "row \(row)")
      #expect(a.userAttributes == b.userAttributes, "row \(row)")
      #expect(a.systemAttributes == b.systemAttributes, "row \(row)")
    }
  }

  /// Sizes of batches; between them, one trial waits.
  @Test(arguments: [[4096, 4096, 10], [1, 3, 700], [4000, 96, 5], [4090, 20, 4096], [2]])
  func `a batch is its trials`(sizes: [Int]) throws {
    var random = SplitMix(sizes.count)
    var (one, many) = (empty(), empty())
    var number = 0
    for size in sizes {
      let trials = try (0..<size).map { index in
        number += index % 100 == 99 ? 3 : 1
        return try trial(number, &random)
      }
      add(trials, &one)
      let isAdded = many.apply(.trialsImported(Self.study, batch(trials, many.nextTrialID)))
      #expect(isAdded)
      #expect(one.nextTrialID == many.nextTrialID)
      guard sizes.count == 3 else { continue }
      number += 1
      for id in [one.nextTrialID] {
        let event = StudyEvent.trialCreated(
          Self.study,
          TrialCreation(id: id, number: number, time: Timestamp(rawValue: Int64(number))))
        let isApplied = [one.apply(event), many.apply(event)]
        #expect(isApplied == [true, true])
      }
    }
    try compare(many[Self.study]!, one[Self.study]!)
  }

  @Test func `a batch whose numbers are in use changes nothing`() throws {
    var random = SplitMix(1)
    var snapshot = empty()
    let trials = try (0..<5).map { try trial($0, &random) }
    let first = snapshot.apply(.trialsImported(Self.study, batch(trials, snapshot.nextTrialID)))
    let next = snapshot.nextTrialID
    let again = snapshot.apply(.trialsImported(Self.study, batch(trials, next)))
    let old = snapshot.apply(.trialsImported(Self.study, batch(trials, TrialID(rawValue: 1))))
    #expect(first && !again && !old)
    #expect(snapshot.nextTrialID == next && snapshot[Self.study]!.trialCount == 5)
  }

  @Test func `a batch that contradicts itself is none`() throws {
    var random = SplitMix(1)
    let whole = batch(try (0..<5).map { try trial($0, &random) }, TrialID(rawValue: 1))
    func broken(_ change: (inout TrialBatch) -> Void) -> Bool {
      var batch = whole
      change(&batch)
      return batch.contradiction != nil
    }
    #expect(broken { $0.numbers = [0] })
    #expect(broken { $0.numbers[1] = 0 })
    #expect(broken { $0.states[0] = .running })
    #expect(broken { $0.values[0].values += [1] })
    #expect(broken { $0.retryOf = BatchCells(places: [9], values: [1]) })
    #expect(broken { $0.retryOf = BatchCells(places: [2, 1], values: [1, 1]) })
    #expect(broken { $0.parameters += $0.parameters.prefix(1) })
    #expect(!broken { _ in () })
  }
}
