// What events cost, counted: elements that are copied or moved, and never a clock.

import Testing

@testable import StudyModel

/// A store with many studies, and short ways to make things happen in it.
private struct Costs {
  static let time = Timestamp(rawValue: 0)
  static let study = StudyID(rawValue: 1)
  static let claim = ClaimID(epoch: 1, sequence: 1)

  var snapshot = Snapshot()
  private var nextTrial: UInt64 = 1

  init(studies: Int = 1) {
    for id in 0..<studies { create(StudyID(rawValue: UInt64(id) + 1)) }
  }

  private mutating func apply(_ event: StudyEvent) {
    let tookEffect = snapshot.apply(event)
    #expect(tookEffect)
  }

  mutating func create(_ study: StudyID) {
    let definition = StudyDefinition(seed: 1)
    apply(
      .studyCreated(
        id: study, name: "s\(study.rawValue)", definition: definition, time: Self.time))
  }

  mutating func delete(_ study: Int) {
    apply(.studyDeleted(StudyID(rawValue: UInt64(study)), time: Self.time))
  }

  /// A running trial.
  mutating func start(_ number: Int, in study: StudyID = study) {
    let creation = TrialCreation(
      id: TrialID(rawValue: nextTrial), number: number, time: Self.time)
    nextTrial += 1
    apply(.trialCreated(study, creation))
    let claim = TrialClaim(
      claim: Self.claim, lease: .held, host: "h", worker: "w", time: Self.time)
    apply(.trialClaimed(study, trial: number, claim))
  }

  mutating func report(
    _ number: Int, step: Int64, metric: String = "loss", in study: StudyID = study
  ) {
    let report = MetricReport(
      claim: Self.claim, step: step, entries: [.init(metric, 1)], time: Self.time)
    apply(.metricsReported(study, trial: number, report))
  }

  mutating func setAttribute(_ number: Int, _ key: String) {
    apply(.trialAttributeSet(Self.study, trial: number, .user, key: key, value: "1"))
  }

  mutating func finish(_ number: Int) {
    let result = TrialResult(
      claim: Self.claim, state: .complete, values: [1], time: Self.time)
    apply(.trialFinished(Self.study, trial: number, result))
  }
}

@Suite struct CostTests {
  /// What may be copied on the way to one trial: a few nodes of 32 at most.
  static let path = 400

  @Test func `while nobody holds a snapshot nothing is copied`() {
    var costs = Costs(studies: 100)
    let work = WorkMeter.work {
      for number in 0..<200 {
        costs.start(number)
        for step in 0..<300 { costs.report(number, step: Int64(step)) }
        costs.setAttribute(number, "k\(number)")
      }
    }
    #expect(work.copiedElements == 0)
    // But for a leaf that is full now and then.
    #expect(work.movedPoints < 200 * 300)
  }

  @Test(arguments: [10, 100_000]) func `a report beside a snapshot costs one path`(
    reports: Int
  ) {
    var costs = Costs()
    costs.start(0)
    for step in 0..<reports { costs.report(0, step: Int64(step)) }
    var worst = 0
    for step in 0..<100 {
      let kept = costs.snapshot
      let work = WorkMeter.work { costs.report(0, step: Int64(reports + step)) }
      withExtendedLifetime(kept) { worst = max(worst, work.copiedElements) }
    }
    #expect(worst > 0)
    #expect(worst < Self.path)
  }

  @Test func `other studies, deleted ones and finished trials cost an event nothing`() {
    var costs = Costs(studies: 5_000)
    for id in 2..<4_000 { costs.delete(id) }
    for number in 0..<6_000 {
      costs.start(number)
      costs.finish(number)
    }
    costs.start(6_000)
    let kept = costs.snapshot
    let report = WorkMeter.work { costs.report(6_000, step: 1) }
    #expect(report.copiedElements < Self.path)
    let other = WorkMeter.work {
      costs.start(0, in: StudyID(rawValue: 4_500))
      costs.report(0, step: 1, in: StudyID(rawValue: 4_500))
    }
    #expect(other.copiedElements < Self.path)
    let deletion = WorkMeter.work { costs.delete(4_999) }
    #expect(deletion.copiedElements < Self.path)
    let creation = WorkMeter.work { costs.create(StudyID(rawValue: 20_000)) }
    #expect(creation.copiedElements < Self.path)
    #expect(kept.studyCount == 5_000 - 3_998)
    #expect(costs.snapshot.studyCount == 5_000 - 3_998)
    #expect(kept.study(named: "s4999") != nil)
    #expect(costs.snapshot.study(named: "s4999") == nil)
  }

  @Test func `a finish beside a snapshot costs a few rows in the long run`() {
    var costs = Costs()
    let count = 10_000
    var work = WorkMeter.Work()
    for number in 0..<count {
      costs.start(number)
      let kept = costs.snapshot
      let finish = WorkMeter.work { costs.finish(number) }
      work.copiedElements += finish.copiedElements
      work.packedRows += finish.packedRows
      withExtendedLifetime(kept) {}
    }
    #expect(work.packedRows < 5 * count)
    #expect(work.copiedElements < Self.path * count)
  }

  @Test(arguments: ["ascending", "descending", "random", "twice"])
  func `reports cost the same in any order of steps`(order: String) {
    let count = 20_000
    var random = SplitMix(1)
    let steps =
      switch order {
      case "ascending": Array(0..<count)
      case "descending": Array((0..<count).reversed())
      case "random": (0..<count).shuffled(using: &random)
      default: (0..<count / 2).flatMap { [$0, $0] }
      }
    var costs = Costs()
    costs.start(0)
    let work = WorkMeter.work {
      for step in steps { costs.report(0, step: Int64(step)) }
    }
    #expect(work.movedPoints < 300 * count)
  }

  @Test func `metrics and attributes of their own cost each trial as much as the first`() {
    var costs = Costs()
    let count = 8_000
    var early = 0
    var late = 0
    for number in 0..<count {
      costs.start(number)
      let kept = costs.snapshot
      let work = WorkMeter.work {
        costs.report(number, step: 0, metric: "m\(number)")
        costs.setAttribute(number, "k\(number)")
        costs.finish(number)
      }
      withExtendedLifetime(kept) {}
      if number < 100 { early += work.copiedElements }
      if number >= count - 100 { late += work.copiedElements }
    }
    #expect(late < 8 * early)
    #expect(costs.snapshot[Costs.study]?.metricNames.count == count)
  }
}
