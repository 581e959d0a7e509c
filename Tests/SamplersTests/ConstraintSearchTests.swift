import Numerics
import StudyModel
import Synchronization
import Testing

@testable import Samplers

/// Constraints that leave little of a space. Costs are counted in judgements of a point.
@Suite struct `Narrow constraints` {
  static let names = ["random", "qmc", "tpe"]

  /// What each judge thinks of x and y in 0 ... 1: a corner of 0.03 %, a band of 0.02 %, and two
  /// corners that no straight line joins.
  static let judges: [@Sendable (Double, Double) -> Bool] = [
    { $0 < 0.0174 && $1 < 0.0174 },
    { abs($0 + $1 - 1) < 1e-4 },
    { ($0 < 0.02 && $1 < 0.02) || ($0 > 0.98 && $1 > 0.98) },
  ]

  @Test(arguments: names, judges.indices)
  func `are kept, quickly, by as many trials as one likes`(name: String, judge: Int) throws {
    let keeps = Self.judges[judge]
    for seed in 1...2 {
      let counter = CountingJudge { keeps($0["x"]!.number!, $0["y"]!.number!) }
      let space = try counter.space(["x": .float(0, 1), "y": .float(0, 1)])
      let asker = try Asker(name, seed: UInt64(seed))
      var study = StudyFixture(space.space)
      var first = 0
      for number in 0..<25 {
        let trial = try asker.propose(number, in: space, given: study.history)
        if number == 0 { first = counter.count }
        #expect(keeps(trial["x"]!.number!, trial["y"]!.number!))
        study.start(trial)
        study.finish(number, .complete, [trial["x"]!.number!])
      }
      #expect(counter.count - first < 24 * 4_000, "\(counter.count - first)")
      // They do not stand on one spot.
      let xs = try (0..<25).map { try study.state.trial($0).assignment["x"]!.number! }
      #expect(Set(xs).count == 25)
    }
  }

  @Test func `are kept in another process as in the same`() throws {
    let keeps = Self.judges[0]
    let counter = CountingJudge { keeps($0["x"]!.number!, $0["y"]!.number!) }
    let space = try counter.space(["x": .float(0, 1), "y": .float(0, 1)])
    for name in Self.names {
      let lasting = try Asker(name, seed: 5)
      var study = StudyFixture(space.space)
      for number in 0..<15 {
        let trial = try lasting.propose(number, in: space, given: study.history)
        #expect(
          try Asker(name, seed: 5).propose(number, in: space, given: study.history) == trial)
        study.start(trial)
        study.finish(number, .complete, [trial["y"]!.number!])
      }
    }
  }

  @Test func `a walk favours no part of what is feasible`() throws {
    // A quarter of a disc, by 2,000 walks each from where the last ended: a third of the radius
    // holds a ninth of it.
    let frame = ProposalFrame(SearchSpace(["x": .float(0, 1), "y": .float(0, 1)]))
    var walk = FeasibleWalk(frame, stream: RandomStream(seed: 1, trial: 0))
    var point = [0.001, 0.001]
    var (inner, above) = (0, 0)
    for _ in 0..<2_000 {
      point = try walk.point(from: point) { $0[0] * $0[0] + $0[1] * $0[1] <= 0.01 }
      if point[0] * point[0] + point[1] * point[1] <= 0.01 / 9 { inner += 1 }
      if point[1] > point[0] { above += 1 }
    }
    // Five standard deviations of independent draws.
    #expect(abs(inner - 222) < 70)
    #expect(abs(above - 1_000) < 112)
  }

  @Test(arguments: ["random", "qmc", "tpe", "grid"])
  func `leave a finite space's few points, each tried once`(name: String) throws {
    let counter = CountingJudge {
      let (a, b) = ($0["a"]!.number!, $0["b"]!.number!)
      return a + b == 100 && a.truncatingRemainder(dividingBy: 5) == 0
    }
    let space = try counter.space(["a": .int(1, 100), "b": .int(1, 100)])
    let asker = try Asker(name, seed: 3)
    var study = StudyFixture(space.space)
    var seen = Set<String>()
    for number in 0..<19 {
      let trial = try asker.propose(number, in: space, given: study.history)
      #expect(seen.insert(trial.json).inserted)
      study.finish(study.start(trial), .complete, [trial["a"]!.number!])
    }
    #expect(throws: SamplerError.exhausted(tried: 19)) {
      try asker.propose(19, in: space, given: study.history)
    }
  }

  @Test func `cost a grid no more than the parameters they are about`() throws {
    let counter = CountingJudge(reading: ["a"]) { $0["a"]!.number! >= 500 }
    let space = try counter.space(["a": .int(1, 1_000), "b": .int(1, 1_000)])
    let asker = try Asker("grid", seed: 1)
    var study = StudyFixture(space.space)
    for number in 0..<50 {
      let trial = try asker.propose(number, in: space, given: study.history)
      #expect(trial.entries.map(\.internalValue) == [500, Double(number + 1)])
      study.start(trial, by: "grid")
      // 499 values of a are broken; after that each proposal stands where the last did.
      #expect(counter.count <= 500 + number)
    }
    // So also in a process that knows of it only by the history.
    let before = counter.count
    _ = try Asker("grid", seed: 1).propose(50, in: space, given: study.history)
    #expect(counter.count - before == 1)
  }

  @Test func `a grid comes back for what was left behind`() throws {
    let space = ConstrainedSpace(SearchSpace(["a": .int(1, 5)]))
    var study = StudyFixture(space.space)
    for value in [1.0, 3, 5] {
      study.start(ProposalFrame(space.space).assignment([value]), by: "grid")
    }
    let asker = try Asker("grid", seed: 1)
    for expected in [2, 4] {
      let trial = try asker.propose(study.state.trialCount, in: space, given: study.history)
      #expect(trial["a"] == .integer(Int64(expected)))
      study.start(trial, by: "grid")
    }
    #expect(throws: SamplerError.exhausted(tried: 5)) {
      try asker.propose(5, in: space, given: study.history)
    }
  }

  @Test func `tried points are read once, open ones until they are finished`() throws {
    let space = SearchSpace(["a": .int(1, 1_000), "b": .int(1, 1_000)])
    var study = StudyFixture(space)
    var tried = TriedPoints()
    let frame = ProposalFrame(space)
    for number in 0..<300 {
      study.start(frame.assignment([Double(number + 1), 7]))
      if number >= 2 { study.finish(number - 2, .complete, [0]) }
      try tried.update(space.parameters, study.history)
    }
    #expect(tried.rowsRead <= 3 * 300)
    #expect(tried.contains([300, 7], except: nil) && !tried.contains([300, 7], except: 299))
    #expect(tried.contains([1, 7], except: 299) && !tried.contains([1, 8], except: nil))
  }
}

/// Counts what it is asked.
private final class CountingJudge: ConstraintEvaluator {
  private let judge: @Sendable (Assignment) -> Bool
  private let read: [String]?
  private let asked = Mutex(0)

  init(reading read: [String]? = nil, _ judge: @escaping @Sendable (Assignment) -> Bool) {
    self.judge = judge
    self.read = read
  }

  var count: Int { asked.withLock { $0 } }

  func space(_ domains: KeyValuePairs<String, Distribution>) throws -> ConstrainedSpace {
    let parameters = domains.map { Parameter(name: $0.key, distribution: $0.value) }
    return ConstrainedSpace(
      try SearchSpace(parameters, constraints: ["as the judge says"]), evaluator: self)
  }

  func firstBroken(by assignment: Assignment) -> Int? {
    asked.withLock { $0 += 1 }
    return judge(assignment) ? nil : 0
  }

  func parametersRead(byConstraint index: Int) -> [String]? { read }
}
