import StudyModel
import Testing

/// A study with one objective, and the shortest way to make things happen to it.
final class Scene {
  var state: StudyRecord
  var clock: Int64 = 0
  static let id = StudyID(rawValue: 1)

  init(bounds: [MetricBound] = []) {
    state = StudyRecord(
      id: Self.id, name: "s", definition: StudyDefinition(bounds: bounds, seed: 1),
      time: Timestamp(rawValue: 0))
  }

  @discardableResult
  func apply(_ event: StudyEvent) -> Bool { state.apply(event) }

  func now() -> Timestamp {
    clock += 1
    return Timestamp(rawValue: clock)
  }

  @discardableResult
  func create(_ number: Int) -> Bool {
    let creation = TrialCreation(
      id: TrialID(rawValue: UInt64(bitPattern: Int64(number)) &+ 1), number: number, time: now())
    return state.apply(.trialCreated(Self.id, creation))
  }

  @discardableResult
  func claim(_ number: Int, _ claim: ClaimID) -> Bool {
    let claim = TrialClaim(claim: claim, lease: .held, host: "h", worker: "w", time: now())
    return state.apply(.trialClaimed(Self.id, trial: number, claim))
  }

  @discardableResult
  func report(
    _ number: Int, _ claim: ClaimID?, step: Int64, _ value: Double, metric: String = "loss"
  ) -> Bool {
    let report = MetricReport(
      claim: claim, step: step, entries: [.init(metric, value)], time: now())
    return state.apply(.metricsReported(Self.id, trial: number, report))
  }

  @discardableResult
  func interrupt(_ number: Int, _ claim: ClaimID) -> Bool {
    state.apply(
      .attemptEnded(
        Self.id, trial: number, claim: claim, AttemptEnd(outcome: .interrupted), time: now()))
  }

  @discardableResult
  func finish(_ number: Int, _ claim: ClaimID?, _ value: Double) -> Bool {
    let result = TrialResult(claim: claim, state: .complete, values: [value], time: now())
    return state.apply(.trialFinished(Self.id, trial: number, result))
  }

  func steps(_ row: Int, metric: String = "loss") throws -> [Int64] {
    try state.series(of: metric, row: row).map(\.step)
  }

  func trial(_ row: Int) throws -> TrialRecord { try state.trial(row) }
}

private let first = ClaimID(epoch: 1, sequence: 1)
private let second = ClaimID(epoch: 2, sequence: 1)

@Suite struct StudyRecordTests {
  @Test func `a trial goes from waiting to running to complete`() throws {
    let scene = Scene()
    #expect(scene.create(0))
    #expect(try scene.trial(0).state == .waiting)
    #expect(scene.claim(0, first))
    #expect(try scene.trial(0).state == .running)
    #expect(scene.finish(0, first, 0.5))
    #expect(try scene.trial(0).state == .complete)
    #expect(try scene.trial(0).values.first == 0.5)
    #expect(scene.state.openRows.isEmpty)
  }

  @Test func `a worker taken for dead speaks for nobody`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    scene.interrupt(0, first)
    scene.claim(0, second)
    #expect(!scene.report(0, first, step: 1, 0.1))
    #expect(!scene.finish(0, first, 0.1))
    #expect(!scene.interrupt(0, first))
    #expect(try scene.trial(0).state == .running)
    #expect(scene.state.metricNames.isEmpty)
    #expect(scene.finish(0, second, 0.2))
    #expect(try scene.trial(0).values.first == 0.2)
  }

  @Test func `a finished trial never changes`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    scene.finish(0, first, 0.5)
    #expect(!scene.claim(0, second))
    #expect(!scene.report(0, first, step: 9, 1))
    #expect(!scene.finish(0, first, 0.9))
    #expect(
      !scene.apply(
        .trialAttributeSet(Scene.id, trial: 0, .user, key: "k", value: "1")))
    #expect(try scene.trial(0).values.first == 0.5)
  }

  @Test func `a claimed trial cannot be claimed again`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    #expect(!scene.claim(0, second))
    #expect(scene.state.openTrial(0)?.claim == first)
  }

  @Test func `numbers only ascend, and may have gaps`() throws {
    let scene = Scene()
    scene.create(0)
    scene.create(5)
    #expect(!scene.create(5))
    #expect(!scene.create(3))
    #expect(scene.state.row(ofNumber: 5) == 1)
    #expect(scene.state.row(ofNumber: 3) == nil)
    #expect(scene.state.nextNumber == 6)
  }

  @Test func `a new attempt takes back what the old one said of its first step and later`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    for step in 0..<6 { scene.report(0, first, step: Int64(step), 1) }
    scene.report(0, first, step: 5, 2, metric: "accuracy")
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.report(0, second, step: 4, 3)
    #expect(try scene.steps(0) == [0, 1, 2, 3, 4])
    #expect(try scene.steps(0, metric: "accuracy") == [])
    #expect(try scene.state.summary(of: "accuracy", row: 0) == nil)
    let summary = try scene.state.summary(of: "loss", row: 0)
    #expect(summary?.last.value == 3)
    #expect(summary?.count == 5)
  }

  @Test func `a script that goes on from its checkpoint keeps its earlier steps`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    for step in 0...50 { scene.report(0, first, step: Int64(step), 1) }
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.report(0, second, step: 51, 1)
    #expect(try scene.steps(0) == Array(0...51))
  }

  @Test func `the attempts of a trial are kept in order with their ends`() throws {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.finish(0, second, 1)
    let attempts = try scene.trial(0).attempts
    #expect(attempts.map(\.index) == [1, 2])
    #expect(attempts.map(\.claim) == [first, second])
    #expect(attempts.map { $0.end?.outcome } == [.interrupted, .finished])
  }

  @Test func `an imported trial needs no claim`() throws {
    let scene = Scene()
    scene.create(0)
    #expect(scene.report(0, nil, step: 0, 1))
    #expect(scene.finish(0, nil, 1))
  }

  @Test func `numbers and identities at the very end neither trap nor come again`() {
    var scene = Scene()
    #expect(scene.create(0))
    #expect(!scene.create(.max))
    #expect(scene.create(.max - 1))
    #expect(scene.state.nextNumber == .max)
    #expect(!scene.create(.max))
    #expect(scene.state.row(ofNumber: .max - 1) == 1)
    #expect(scene.state.row(ofNumber: .max) == nil)
    #expect(scene.state.row(ofNumber: .min) == nil)
    scene = Scene()
    #expect(!scene.apply(.stopRequested(Scene.id, trial: .min, time: scene.now())))
    #expect(!scene.create(-1))
  }

  @Test func `objectives can be turned round until there are results`() {
    let scene = Scene()
    func define(_ direction: StudyDirection) -> StudyDefinition {
      StudyDefinition(objectives: [Objective(name: "value", direction: direction)], seed: 1)
    }
    #expect(scene.apply(.studyEdited(Scene.id, definition: define(.maximize), time: scene.now())))
    #expect(scene.state.study.edits == 1)
    for (number, value) in [1.0, 3.0, 2.0].enumerated() {
      #expect(scene.create(number))
      #expect(scene.finish(number, nil, value))
    }
    #expect(scene.state.bestTrials.map(\.number) == [1])
    #expect(!scene.apply(.studyEdited(Scene.id, definition: define(.minimize), time: scene.now())))
    #expect(scene.state.study.edits == 1)
    #expect(scene.state.study.directions == [.maximize])
  }

  @Test func `a broken bound makes a trial infeasible`() throws {
    let scene = Scene(bounds: [MetricBound(metric: "ms", relation: .atMost, limit: 20)])
    for (number, violation) in [(0, 3.0), (1, -1.0)] {
      scene.create(number)
      scene.claim(number, first)
      let result = TrialResult(
        claim: first, state: .complete, values: [Double(number)], violations: [violation],
        time: scene.now())
      scene.apply(.trialFinished(Scene.id, trial: number, result))
    }
    #expect(try !scene.trial(0).isFeasible)
    #expect(scene.state.bestTrials.map(\.row) == [1])
  }
}
