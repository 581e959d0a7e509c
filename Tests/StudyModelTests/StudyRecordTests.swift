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
      id: TrialID(rawValue: UInt64(number) + 1), number: number, time: now())
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

  func steps(_ row: Int, metric: String = "loss") -> [Int64] {
    state.trials.metric(metric)?.series(ofRow: row).map(\.step) ?? []
  }
}

private let first = ClaimID(epoch: 1, sequence: 1)
private let second = ClaimID(epoch: 2, sequence: 1)

@Suite struct StudyStateTests {
  @Test func `a trial goes from waiting to running to complete`() {
    let scene = Scene()
    #expect(scene.create(0))
    #expect(scene.state.trials.states[0] == .waiting)
    #expect(scene.claim(0, first))
    #expect(scene.state.trials.states[0] == .running)
    #expect(scene.finish(0, first, 0.5))
    #expect(scene.state.trials.states[0] == .complete)
    #expect(scene.state.trials.values[0][0] == 0.5)
    #expect(scene.state.trials.openRows.isEmpty)
  }

  @Test func `a worker taken for dead speaks for nobody`() {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    scene.interrupt(0, first)
    scene.claim(0, second)
    #expect(!scene.report(0, first, step: 1, 0.1))
    #expect(!scene.finish(0, first, 0.1))
    #expect(!scene.interrupt(0, first))
    #expect(scene.state.trials.states[0] == .running)
    #expect(scene.state.trials.metrics.isEmpty)
    #expect(scene.finish(0, second, 0.2))
    #expect(scene.state.trials.values[0][0] == 0.2)
  }

  @Test func `a finished trial never changes`() {
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
    #expect(scene.state.trials.values[0][0] == 0.5)
  }

  @Test func `a claimed trial cannot be claimed again`() {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    #expect(!scene.claim(0, second))
    #expect(scene.state.trials.claim(ofRow: 0) == first)
  }

  @Test func `numbers only ascend, and may have gaps`() {
    let scene = Scene()
    scene.create(0)
    scene.create(5)
    #expect(!scene.create(5))
    #expect(!scene.create(3))
    #expect(scene.state.trials.row(ofNumber: 5) == 1)
    #expect(scene.state.trials.row(ofNumber: 3) == nil)
    #expect(scene.state.trials.nextNumber == 6)
  }

  @Test func `a new attempt takes back what the old one said of its first step and later`() {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    for step in 0..<6 { scene.report(0, first, step: Int64(step), 1) }
    scene.report(0, first, step: 5, 2, metric: "accuracy")
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.report(0, second, step: 4, 3)
    #expect(scene.steps(0) == [0, 1, 2, 3, 4])
    #expect(scene.steps(0, metric: "accuracy") == [])
    #expect(scene.state.trials.metric("accuracy")?.summary(ofRow: 0) == nil)
    let summary = scene.state.trials.metric("loss")?.summary(ofRow: 0)
    #expect(summary?.last.value == 3)
    #expect(summary?.count == 5)
  }

  @Test func `a script that goes on from its checkpoint keeps its earlier steps`() {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    for step in 0...50 { scene.report(0, first, step: Int64(step), 1) }
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.report(0, second, step: 51, 1)
    #expect(scene.steps(0) == Array(0...51))
  }

  @Test func `the attempts of a trial are kept in order with their ends`() {
    let scene = Scene()
    scene.create(0)
    scene.claim(0, first)
    scene.interrupt(0, first)
    scene.claim(0, second)
    scene.finish(0, second, 1)
    let attempts = scene.state.trials.attempts(ofRow: 0)
    #expect(attempts.map(\.index) == [1, 2])
    #expect(attempts.map(\.claim) == [first, second])
    #expect(attempts.map { $0.end?.outcome } == [.interrupted, .finished])
  }

  @Test func `an imported trial needs no claim`() {
    let scene = Scene()
    scene.create(0)
    #expect(scene.report(0, nil, step: 0, 1))
    #expect(scene.finish(0, nil, 1))
  }

  @Test func `a broken bound makes a trial infeasible`() {
    let scene = Scene(bounds: [MetricBound(metric: "ms", relation: .atMost, limit: 20)])
    for (number, violation) in [(0, 3.0), (1, -1.0)] {
      scene.create(number)
      scene.claim(number, first)
      let result = TrialResult(
        claim: first, state: .complete, values: [Double(number)], violations: [violation],
        time: scene.now())
      scene.apply(.trialFinished(Scene.id, trial: number, result))
    }
    #expect(!scene.state.trials.isFeasible(row: 0))
    #expect(History(scene.state).bestRows() == [1])
  }
}

/// Random histories against the plainest model there is.
@Suite struct StudyStateModelTests {
  struct PlainTrial: Equatable {
    var state = TrialState.waiting
    var claim: ClaimID?
    var attempt = 0
    var reports: [(attempt: Int, step: Int64, value: Double)] = []

    static func == (a: Self, b: Self) -> Bool { a.state == b.state && a.claim == b.claim }

    /// The curve by the rule: later attempts supersede from their first step on, later reports
    /// of a step replace earlier ones.
    var curve: [Int64: Double] {
      var curve: [Int64: Double] = [:]
      var reporting = 0
      for report in reports {
        if report.attempt != reporting {
          if reporting != 0 { curve = curve.filter { $0.key < report.step } }
          reporting = report.attempt
        }
        curve[report.step] = report.value
      }
      return curve
    }
  }

  @Test(arguments: 0..<40) func `columns tell what a plain model tells`(seed: Int) {
    let scene = Scene()
    var plain = [PlainTrial()]
    scene.create(0)
    var generator = SplitMix(state: UInt64(seed))
    var sequence: UInt32 = 0
    for _ in 0..<400 {
      let number = Int(generator.next() % UInt64(plain.count))
      switch generator.next() % 8 {
      case 0:
        scene.create(plain.count)
        plain.append(PlainTrial())
      case 1,
        2 where !plain.isEmpty:
        sequence += 1
        let claim = ClaimID(epoch: 1, sequence: sequence)
        let took = scene.claim(number, claim)
        #expect(took == (plain[number].state == .waiting))
        if took {
          plain[number].state = .running
          plain[number].claim = claim
          plain[number].attempt += 1
        }
      case 3:
        if let claim = plain[number].claim {
          #expect(scene.interrupt(number, claim))
          plain[number].claim = nil
          plain[number].state = .waiting
        }
      case 4 where generator.next() % 4 == 0:
        let took = scene.finish(number, plain[number].claim, 1)
        #expect(took == !plain[number].state.isFinished)
        if took {
          plain[number].state = .complete
          plain[number].claim = nil
        }
      default:
        guard let claim = plain[number].claim else { continue }
        let step = Int64(generator.next() % 12)
        let value = Double(generator.next() % 1000)
        #expect(scene.report(number, claim, step: step, value))
        plain[number].reports.append((plain[number].attempt, step, value))
      }
    }
    for (number, trial) in plain.enumerated() {
      #expect(scene.state.trials.states[number] == trial.state)
      #expect(scene.state.trials.claim(ofRow: number) == trial.claim)
      let column = scene.state.trials.metric("loss")
      let series = column?.series(ofRow: number) ?? []
      let curve = trial.curve.sorted { $0.key < $1.key }
      #expect(series.map(\.step) == curve.map(\.key))
      #expect(series.map(\.value) == curve.map(\.value))
      if let summary = column?.summary(ofRow: number) {
        #expect(summary.count == curve.count)
        #expect(summary.minimum == curve.map(\.value).min())
        #expect(summary.last.value == curve.last?.value)
        #expect(summary.sum == curve.map(\.value).reduce(0, +))
      } else {
        #expect(curve.isEmpty)
      }
    }
    let open = plain.indices.filter { !plain[$0].state.isFinished }
    #expect(scene.state.trials.openRows == open)
    for state in TrialState.allCases {
      #expect(scene.state.trials.count(state) == plain.count { $0.state == state })
    }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014), for tests.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
