import StudyModel
import Testing

@testable import Samplers

@Suite struct `Every sampler` {
  static let names = [
    "random", "qmc", "grid:points=3", "tpe", "tpe:startup=3,candidates=5", "auto", "gp",
  ]

  /// Many kinds of parameters, conditions included.
  static let spaces: [SearchSpace] = [
    FixtureSpace.mixed, FixtureSpace.tree, FixtureSpace.small, .empty,
    SearchSpace(["only": .float(2, 2)]),
    SearchSpace(["x": .float(-1e300, 1e300), "n": .int(-(1 << 53), 1 << 53)]),
    SearchSpace(["tiny": .float(1e-12, 1e-11, log: true), "one": .strings("a")]),
    SearchSpace([
      "s": .float(0, 1, step: 0.3), "t": .int(-7, 12, step: 5), "l": .int(1, 3, log: true),
    ]),
    SearchSpace([
      "n": .normal(3, 2), "e": .normal(-7, 1.5, log: true), "h": .normal(0, 1, step: 0.5),
      "k": .wholeNormal(5, 2), "w": .wholeNormal(4, 1, log: true),
    ]),
    SearchSpace([
      "size": .ordered("small", "medium", "large", "huge"),
      "net": try! .choice([.structure("[64,64]"), .structure("{\"a\":1}"), .null]),
      "batch": .int(16, 512, log: true, step: 16), "drop": .float(0.01, 0.5, log: true, step: 0.01),
    ]),
    SearchSpace([
      "n": .float(try! .normal(NormalPrior(mean: 0, deviation: 2))),
      "ln": .float(
        try! .normal(NormalPrior(mean: -3, deviation: 1), isLogarithmic: true, step: 0.01)),
      "q": .float(8, 256, log: true, step: 8), "i": .int(1, 64, log: true, step: 3),
      "in": .integer(try! .normal(NormalPrior(mean: 20, deviation: 5), low: 1, step: 2)),
      "o": .categorical(
        try! ChoiceDomain([.string("s"), .string("m"), .string("l")], isOrdered: true)),
      "a": .categorical([.structure("[64,64]"), .structure("[]"), .null]),
    ]),
  ]

  @Test(arguments: names, spaces.indices)
  func `proposes members, and exactly the active parameters`(name: String, space: Int) throws {
    let space = Self.spaces[space]
    let study = try run(name, space, trials: 40)
    for row in 0..<study.state.trialCount {
      let assignment = try study.state.trial(row).assignment
      for parameter in space.parameters {
        let entry = assignment.entry(parameter.name)
        #expect((entry != nil) == space.isActive(parameter, in: assignment))
        if let entry {
          #expect(entry.distribution == parameter.distribution)
          #expect(parameter.distribution.contains(entry.internalValue), "\(entry)")
        }
      }
    }
  }

  @Test(arguments: names, [0, 1, 2, 7])
  func `gives the same in a process that goes on and one that begins anew`(
    name: String, space: Int
  ) throws {
    let space = Self.spaces[space]
    let lasting = try Asker(name, seed: 11)
    var study = StudyFixture(space)
    for number in 0..<30 {
      let fresh = try Asker(name, seed: 11)
      guard let once = try? lasting.propose(number, space, study) else { break }
      #expect(try fresh.propose(number, space, study) == once)
      #expect(try lasting.propose(number, space, study) == once)
      study.start(once)
      study.finish(number, .complete, [badness(once)])
    }
  }

  @Test(arguments: ["random", "qmc", "tpe:startup=3"])
  func `another seed, another study`(name: String) throws {
    let one = try Asker(name, seed: 1).propose(0, FixtureSpace.mixed, StudyFixture())
    let two = try Asker(name, seed: 2).propose(0, FixtureSpace.mixed, StudyFixture())
    #expect(one != two)
  }

  @Test(arguments: names)
  func `tries all of a finite space, each once, then is done`(name: String) throws {
    let space = try SearchSpace([
      Parameter(name: "a", distribution: .int(0, 4)),
      Parameter(name: "b", distribution: .strings("x", "y")),
      Parameter(
        name: "c", distribution: .float(0, 1, step: 0.5),
        conditions: [.init(parent: "b", values: [.string("y")])]),
    ])
    let sampler = try Asker(name, seed: 3)
    var study = StudyFixture(space)
    var seen = Set<String>()
    for number in 0..<20 {
      let assignment = try sampler.propose(number, space, study)
      #expect(seen.insert(assignment.json).inserted, "\(assignment.json) again")
      // Points count as taken whatever became of them, also while they run or wait.
      switch number % 5 {
      case 0: study.create(assignment)
      case 1: study.start(assignment)
      case 2: study.finish(study.start(assignment), .failed)
      case 3: study.finish(study.start(assignment), .pruned)
      default: study.finish(study.start(assignment), .complete, [badness(assignment)])
      }
    }
    #expect(throws: SamplerError.exhausted(tried: 20)) {
      try sampler.propose(20, space, study)
    }
  }

  @Test(arguments: names)
  func `keeps what is given, and lets it decide which children there are`(name: String) throws {
    let space = FixtureSpace.tree
    let sampler = try Asker(name, seed: 4)
    let study = try run(name, space, trials: 30)
    let fixed = Assignment([
      .init(name: "opt", distribution: .strings("sgd", "adam", "none"), internalValue: 1),
      .init(name: "lr", distribution: .float(0, 9), internalValue: 7.5),
      .init(name: "other", distribution: .int(0, 9), internalValue: 3),
    ])
    let number = study.state.nextNumber
    let assignment = try sampler.propose(number, space, study, fixing: fixed)
    #expect(
      assignment.entries.map(\.name) == ["opt", "lr", "beta", "amsgrad", "depth", "other"])
    for entry in fixed.entries { #expect(assignment.entry(entry.name) == entry) }
  }

  @Test(arguments: names)
  func `an enqueued trial may repeat another`(name: String) throws {
    let space = FixtureSpace.small
    let sampler = try Asker(name, seed: 5)
    let study = try run(name, space, trials: 6)
    let whole = try study.state.trial(0).assignment
    #expect(try sampler.propose(6, space, study, fixing: whole) == whole)
    let part = Assignment(whole.entries.prefix(1).map { $0 })
    let repeated = try sampler.propose(6, space, study, fixing: part)
    #expect(repeated.entries.first == whole.entries.first)
  }

  @Test(arguments: names)
  func `an enqueued trial is not in its own way`(name: String) throws {
    let space = FixtureSpace.small
    let sampler = try Asker(name, seed: 8)
    var study = try run(name, space, trials: 4)
    let fixed = Assignment([
      .init(name: "c", distribution: space["c"]!.distribution, internalValue: 1)
    ])
    let before = try sampler.propose(4, space, study, fixing: fixed)
    let number = study.create(fixed)
    #expect(try sampler.propose(number, space, study, fixing: fixed) == before)
    #expect(before["c"] == .integer(1))
    #expect(before["k"] != nil)
  }

  @Test(arguments: names)
  func `follows conditions that only an evaluator knows`(name: String) throws {
    let layers = Parameter(name: "layers", distribution: .int(1, 4))
    let width = Parameter(
      name: "width", distribution: .int(1, 9),
      expression: ConditionExpression("layers > 2", parents: ["layers"]))
    let space = ConstrainedSpace(
      try SearchSpace([layers, width], constraints: ["width < 9"]),
      evaluator: Judge(
        { ($0["width"]?.number ?? 0) < 9 }, condition: { $0["layers"]!.number! > 2 }))
    let study = try run(name, space, trials: 30)
    // 2 without a width, and 2 times 8 with one.
    #expect(study.state.trialCount == 18)
    for row in 0..<18 {
      let assignment = try study.state.trial(row).assignment
      #expect((assignment["width"] != nil) == (assignment["layers"]!.number! > 2))
    }
  }

  @Test(arguments: names)
  func `satisfies the constraints`(name: String) throws {
    let space = SearchSpace(["a": .int(1, 8), "b": .int(1, 8), "f": .float(0, 1, step: 0.25)])
    let constrained = ConstrainedSpace(
      try SearchSpace(space.parameters, constraints: ["a * b <= 8"]),
      evaluator: Judge { $0["a"]!.number! * $0["b"]!.number! <= 8 })
    let study = try run(name, constrained, trials: 40)
    #expect(study.state.trialCount == 40)
    for row in 0..<40 {
      #expect(try constrained.isFeasible(study.state.trial(row).assignment))
    }
  }

  @Test(arguments: names)
  func `says so when no point is feasible`(name: String) throws {
    for parameter in [Distribution.int(0, 3), .float(0, 1)] {
      let constrained = ConstrainedSpace(
        try SearchSpace([.init(name: "a", distribution: parameter)], constraints: ["false"]),
        evaluator: Judge { _ in false })
      let error = #expect(throws: SamplerError.self) {
        try run(name, constrained, trials: 1)
      }
      guard case .infeasible(let draws) = error else {
        Issue.record("not infeasible: \(String(describing: error))")
        continue
      }
      #expect(draws > 0)
    }
  }

  @Test(arguments: names)
  func `passes on what a constraint's evaluator says`(name: String) throws {
    let constrained = ConstrainedSpace(
      try SearchSpace([.init(name: "a", distribution: .int(0, 3))], constraints: ["a / q"]),
      evaluator: Judge { _ in throw Complaint() })
    #expect(throws: SamplerError.constraint("no such column: q")) {
      try run(name, constrained, trials: 1)
    }
  }

  /// Failed trials only, then values that are no numbers among others: it goes on to propose
  /// members, and other ones each time.
  @Test(arguments: names, [false, true])
  func `goes on where trials fail, or come to no number`(name: String, hasValues: Bool) throws {
    let space = FixtureSpace.mixed
    let sampler = try Asker(name, seed: 6)
    var study = StudyFixture(space)
    var seen = Set<String>()
    for number in 0..<30 {
      let assignment = try sampler.propose(number, space, study)
      #expect(seen.insert(assignment.json).inserted)
      #expect(assignment.entries.allSatisfy { $0.distribution.contains($0.internalValue) })
      study.start(assignment, by: sampler.lastProposer)
      switch number % 4 {
      case 1 where hasValues: study.finish(number, .complete, [.nan])
      case 2 where hasValues: study.finish(number, .complete, [.infinity])
      case 3 where hasValues: study.finish(number, .complete, [-.infinity])
      default: study.finish(number, .failed)
      }
    }
  }
}

// MARK: -

private struct Complaint: Error, CustomStringConvertible {
  let description = "no such column: q"
}

private struct Judge: ConstraintEvaluator {
  let judge: @Sendable (Assignment) throws -> Bool
  let condition: @Sendable (Assignment) -> Bool

  init(
    _ judge: @escaping @Sendable (Assignment) throws -> Bool,
    condition: @escaping @Sendable (Assignment) -> Bool = { _ in true }
  ) {
    self.judge = judge
    self.condition = condition
  }

  func holds(expressionOf parameter: Parameter, in assignment: Assignment) -> Bool {
    parameter.expression == nil || condition(assignment)
  }

  func firstBroken(by assignment: Assignment) throws -> Int? { try judge(assignment) ? nil : 0 }
}

/// Something to minimize on any space: low indices, values near zero.
func badness(_ assignment: Assignment) -> Double {
  assignment.entries.reduce(0) { $0 + min(abs($1.internalValue), 1e6) }
}

/// A session in a test's hands: the same one for all that is asked of it.
final class Asker {
  private var session: any SamplerSession
  /// Which sampler the last proposal was by.
  private(set) var lastProposer = ""

  init(_ sampler: any Sampler) { session = sampler.session() }

  /// As on the command line: `tpe:startup=3`.
  convenience init(_ name: String, seed: UInt64) throws {
    self.init(try makeSampler(ComponentChoice(parsing: name, as: .sampler), seed: seed))
  }

  func propose(
    _ number: Int, in space: ConstrainedSpace, given history: History,
    fixing fixed: Assignment = Assignment()
  ) throws -> Assignment {
    let proposal = try session.propose(
      ProposalRequest(number: number, in: space, fixing: fixed, given: history))
    lastProposer = proposal.proposer
    return proposal.assignment
  }

  func propose(
    _ number: Int, _ space: SearchSpace, _ study: StudyFixture,
    fixing fixed: Assignment = Assignment()
  ) throws -> Assignment {
    try propose(number, in: ConstrainedSpace(space), given: study.history, fixing: fixed)
  }
}

/// A study of up to `trials` complete trials; fewer when the space is exhausted.
func run(_ name: String, _ space: SearchSpace, trials: Int) throws -> StudyFixture {
  try run(name, ConstrainedSpace(space), trials: trials)
}

func run(_ name: String, _ space: ConstrainedSpace, trials: Int) throws -> StudyFixture {
  let asker = try Asker(name, seed: 7)
  var study = StudyFixture(space.space)
  for number in 0..<trials {
    do {
      let assignment = try asker.propose(number, in: space, given: study.history)
      study.start(assignment)
      study.finish(number, .complete, [badness(assignment)])
    } catch SamplerError.exhausted {
      break
    }
  }
  return study
}
