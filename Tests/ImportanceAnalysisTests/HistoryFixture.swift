import Numerics
import StudyModel

@testable import ImportanceAnalysis

/// A study in memory, made trial by trial.
struct HistoryFixture {
  private(set) var record: StudyRecord
  private let id = StudyID(rawValue: 1)
  private var claims: UInt32 = 0

  init(
    _ parameters: KeyValuePairs<String, Distribution> = [:],
    objectives: [Objective] = [.standard], bounds: [MetricBound] = []
  ) {
    let space = try! SearchSpace(
      parameters.map { Parameter(name: $0.key, distribution: $0.value) })
    record = StudyRecord(
      id: id, name: "s",
      definition: StudyDefinition(objectives: objectives, space: space, bounds: bounds, seed: 1),
      time: Timestamp(rawValue: 0))
  }

  /// Drops the trial that came last.
  mutating func dropLast() throws {
    let entry = TrialMarking.Entry(record.nextNumber - 1, .dropped(.complete, reason: "bogus"))
    apply(.trialsMarked(id, try record.marking([entry], time: Timestamp(rawValue: 0))))
  }

  /// A finished trial; `entries` are parameters with their domains and kept values.
  mutating func add(
    _ entries: [(String, Distribution, Double)], _ values: [Double],
    _ state: TrialState = .complete, violations: [Double] = [],
    metrics: KeyValuePairs<String, Double> = [:], seconds: Double? = nil
  ) {
    let number = record.nextNumber
    let now = Timestamp(rawValue: 0)
    apply(
      .trialCreated(
        id,
        TrialCreation(
          id: TrialID(rawValue: UInt64(number) + 1), number: number, time: now,
          assignment: Assignment(
            entries.map { .init(name: $0.0, distribution: $0.1, internalValue: $0.2) }),
          proposer: "random")))
    claims += 1
    let claim = ClaimID(epoch: 1, sequence: claims)
    apply(
      .trialClaimed(
        id, trial: number,
        TrialClaim(claim: claim, lease: .held, host: "h", worker: "w", time: now)))
    if !metrics.isEmpty {
      apply(
        .metricsReported(
          id, trial: number,
          MetricReport(
            claim: claim, step: 1, entries: metrics.map { .init($0.key, $0.value) }, time: now)))
    }
    let usage = seconds.map {
      ResourceUsage(wallSeconds: $0, cpuSeconds: $0, peakResidentBytes: 0)
    }
    apply(
      .trialFinished(
        id, trial: number,
        TrialResult(
          claim: claim, state: state, values: state == .complete ? values : [],
          violations: violations, end: AttemptEnd(outcome: .finished, usage: usage), time: now)))
  }

  private mutating func apply(_ event: StudyEvent) { precondition(record.apply(event)) }

  /// `count` trials at random points of `0...1` in `names.count` dimensions.
  static func uniform(
    _ names: [String], count: Int, seed: UInt64 = 1, _ function: ([Double]) -> Double
  ) -> HistoryFixture {
    var fixture = HistoryFixture()
    var random = RandomStream(seed: seed, trial: 0)
    for _ in 0..<count {
      let point = names.map { _ in random.uniform() }
      fixture.add(zip(names, point).map { ($0, .unit, $1) }, [function(point)])
    }
    return fixture
  }

  /// What is told of the only objective.
  func importance(
    _ method: ImportanceMethod = .fanova, seeds: Int = 16, pairs: Bool = false,
    quantile: Double = 0.1
  ) throws -> ImportanceReport {
    var question = ImportanceQuestion(.objective(0))
    question.method = method
    question.seeds = seeds
    question.withPairs = pairs
    question.quantile = quantile
    return try record.importance(question)
  }
}

extension ImportanceReport {
  /// The figure of a parameter, or of two.
  subscript(_ names: String...) -> Double? {
    entries.first { Set($0.parameters) == Set(names) }?.importance
  }
}

extension Distribution {
  static let unit = Distribution.float(0, 1)

  static func float(
    _ low: Double, _ high: Double, log: Bool = false, step: Double? = nil
  ) -> Distribution {
    .float(try! FloatDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func int(_ low: Int64, _ high: Int64, log: Bool = false, step: Int64 = 1) -> Distribution {
    .integer(try! IntegerDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func strings(_ choices: [String], isOrdered: Bool = false) -> Distribution {
    .categorical(try! ChoiceDomain(choices.map(ParameterValue.string), isOrdered: isOrdered))
  }
}
