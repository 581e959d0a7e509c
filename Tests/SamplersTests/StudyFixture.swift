import StudyModel

@testable import Samplers

/// Builds a study's state by the events that make it.
struct StudyFixture {
  private(set) var state: StudyRecord
  private let id = StudyID(rawValue: 1)
  private let now = Timestamp(rawValue: 0)
  private var claims: UInt32 = 0

  init(
    _ space: SearchSpace = .empty, directions: [StudyDirection] = [.minimize], bounds: Int = 0,
    objectives: [Objective]? = nil
  ) {
    let objectives =
      objectives
      ?? directions.enumerated().map { index, direction in
        Objective(name: index == 0 ? "value" : "value\(index)", direction: direction)
      }
    let bounds = (0..<bounds).map { MetricBound(metric: "m\($0)", relation: .atMost, limit: 0) }
    state = StudyRecord(
      id: id, name: "s",
      definition: StudyDefinition(objectives: objectives, space: space, bounds: bounds, seed: 1),
      time: now)
  }

  /// All of it, whatever a sampler needs. (What is in memory can be read.)
  var history: History { History(state) }

  /// A waiting trial.
  @discardableResult
  mutating func create(
    _ assignment: Assignment, by proposer: String = "", memory: SamplerMemory? = nil
  ) -> Int {
    let number = state.nextNumber
    let creation = TrialCreation(
      id: TrialID(rawValue: UInt64(number) + 1), number: number, time: now,
      assignment: assignment, proposer: proposer, memory: memory)
    precondition(state.apply(.trialCreated(id, creation)))
    return number
  }

  /// A running trial.
  @discardableResult
  mutating func start(
    _ assignment: Assignment, by proposer: String = "", memory: SamplerMemory? = nil
  ) -> Int {
    let number = create(assignment, by: proposer, memory: memory)
    claims += 1
    let claim = TrialClaim(
      claim: ClaimID(epoch: 1, sequence: claims), lease: .held, host: "h", worker: "w", time: now)
    precondition(state.apply(.trialClaimed(id, trial: number, claim)))
    return number
  }

  /// Ends the attempt of a running trial and begins another.
  mutating func restart(_ number: Int) {
    precondition(
      state.apply(
        .attemptEnded(
          id, trial: number, claim: claim(of: number)!, AttemptEnd(outcome: .interrupted),
          time: now)))
    claims += 1
    let claim = TrialClaim(
      claim: ClaimID(epoch: 1, sequence: claims), lease: .held, host: "h", worker: "w", time: now)
    precondition(state.apply(.trialClaimed(id, trial: number, claim)))
  }

  private func claim(of number: Int) -> ClaimID? {
    state.row(ofNumber: number).flatMap(state.openTrial)?.claim
  }

  mutating func report(
    _ number: Int, step: Int64, _ value: Double, of metric: String = "value"
  ) {
    let report = MetricReport(
      claim: claim(of: number), step: step, entries: [.init(metric, value)],
      time: now)
    precondition(state.apply(.metricsReported(id, trial: number, report)))
  }

  mutating func finish(
    _ number: Int, _ state: TrialState = .complete, _ values: [Double] = [],
    violations: [Double] = [], end: AttemptEnd? = nil
  ) {
    let result = TrialResult(
      claim: claim(of: number), state: state, values: values,
      violations: violations, end: end, time: now)
    precondition(self.state.apply(.trialFinished(id, trial: number, result)))
  }
}

extension SearchSpace {
  init(_ parameters: KeyValuePairs<String, Distribution>) {
    try! self.init(parameters.map { Parameter(name: $0.key, distribution: $0.value) })
  }
}

extension Distribution {
  static func float(
    _ low: Double, _ high: Double, log: Bool = false, step: Double? = nil
  ) -> Distribution {
    .float(try! FloatDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func int(_ low: Int64, _ high: Int64, log: Bool = false, step: Int64 = 1) -> Distribution {
    .integer(try! IntegerDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func strings(_ choices: String...) -> Distribution {
    .categorical(try! ChoiceDomain(choices.map(ParameterValue.string)))
  }
}

extension Distribution {
  static func normal(
    _ mean: Double, _ deviation: Double, log: Bool = false, step: Double? = nil
  ) -> Distribution {
    let prior = try! NormalPrior(mean: mean, deviation: deviation)
    return .float(try! FloatDomain.normal(prior, isLogarithmic: log, step: step))
  }

  static func wholeNormal(_ mean: Double, _ deviation: Double, log: Bool = false) -> Distribution {
    let prior = try! NormalPrior(mean: mean, deviation: deviation)
    return .integer(try! IntegerDomain.normal(prior, isLogarithmic: log))
  }

  static func ordered(_ choices: String...) -> Distribution {
    try! .choice(choices.map(ParameterValue.string), isOrdered: true)
  }
}

/// The spaces of the fixtures that Optuna's figures are for.
enum FixtureSpace {
  static let mixed = SearchSpace([
    "x": .float(-3, 5), "lr": .float(1e-5, 1e-1, log: true), "drop": .float(0, 0.95, step: 0.1),
    "layers": .int(1, 8), "batch": .int(16, 250, step: 16), "units": .int(4, 1024, log: true),
    "kind": .strings("a", "b", "c"), "one": .int(7, 7),
  ])

  static let tree = try! SearchSpace([
    Parameter(name: "opt", distribution: .strings("sgd", "adam", "none")),
    Parameter(name: "lr", distribution: .float(1e-4, 1, log: true)),
    Parameter(
      name: "momentum", distribution: .float(0, 0.99),
      conditions: [.init(parent: "opt", values: [.string("sgd")])]),
    Parameter(
      name: "beta", distribution: .float(0.8, 0.999),
      conditions: [.init(parent: "opt", values: [.string("adam")])]),
    Parameter(
      name: "amsgrad", distribution: .categorical([.bool(false), .bool(true)]),
      conditions: [.init(parent: "opt", values: [.string("adam")])]),
    Parameter(name: "depth", distribution: .int(1, 5)),
  ])

  static let small = SearchSpace([
    "k": .int(1, 3), "c": .categorical([.integer(0), .integer(1)]),
  ])
}

/// A JSON number, or the name of one that JSON lacks.
struct AnyNumber: Decodable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    value =
      try (try? container.decode(Double.self)) ?? Double(container.decode(String.self)) ?? .nan
  }
}
