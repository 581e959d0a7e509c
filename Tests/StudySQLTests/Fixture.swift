// A small store, built by events: what the other tests of this target read.

import StudyModel
@testable public import StudySQL

/// 2026-01-02 03:04:05 UTC.
let dawn = Timestamp(rawValue: 1_767_323_045_000_000)

func seconds(_ count: Double) -> Timestamp {
  Timestamp(rawValue: dawn.rawValue + Int64(count * 1e6))
}

/// Builds snapshots with little ceremony.
struct StoreBuilder {
  var snapshot = Snapshot()
  private var sequence: UInt32 = 0

  mutating func study(
    _ name: String, objectives: [Objective] = [.standard], bounds: [MetricBound] = [],
    space: SearchSpace = .empty
  ) -> StudyID {
    let id = snapshot.nextStudyID
    snapshot.apply(
      .studyCreated(
        id: id, name: name,
        definition: StudyDefinition(objectives: objectives, space: space, bounds: bounds, seed: 7),
        time: dawn))
    return id
  }

  /// Creates and claims a trial; it starts `number` seconds after dawn.
  @discardableResult
  mutating func start(
    _ study: StudyID, _ entries: [(String, Distribution, ParameterValue)] = [],
    number: Int? = nil, proposer: String = "random"
  ) -> (number: Int, claim: ClaimID) {
    let number = number ?? snapshot[study]?.nextNumber ?? 0
    var assignment = Assignment()
    for (name, distribution, value) in entries {
      assignment.set(name, distribution, distribution.internalValue(of: value)!)
    }
    snapshot.apply(
      .trialCreated(
        study,
        TrialCreation(
          id: snapshot.nextTrialID, number: number, time: dawn, assignment: assignment,
          proposer: proposer)))
    sequence += 1
    let claim = ClaimID(epoch: 1, sequence: sequence)
    snapshot.apply(
      .trialClaimed(
        study, trial: number,
        TrialClaim(
          claim: claim, lease: .held, host: "elm", worker: "elm:1",
          time: seconds(Double(number)))))
    return (number, claim)
  }

  mutating func report(
    _ study: StudyID, _ trial: (number: Int, claim: ClaimID), _ metric: String, _ values: [Double]
  ) {
    for (step, value) in values.enumerated() {
      snapshot.apply(
        .metricsReported(
          study, trial: trial.number,
          MetricReport(
            claim: trial.claim, step: Int64(step), entries: [.init(metric, value)],
            time: seconds(Double(trial.number) + Double(step) / 10))))
    }
  }

  mutating func attribute(
    _ study: StudyID, _ trial: (number: Int, claim: ClaimID), _ key: String, _ json: String,
    _ scope: AttributeScope = .user
  ) {
    snapshot.apply(.trialAttributeSet(study, trial: trial.number, scope, key: key, value: json))
  }

  /// Finishes a trial, 1.5 seconds after its start unless told otherwise.
  mutating func finish(
    _ study: StudyID, _ trial: (number: Int, claim: ClaimID), _ state: TrialState,
    _ values: [Double] = [], violations: [Double] = [], end: AttemptEnd? = nil,
    after wait: Double = 1.5
  ) {
    snapshot.apply(
      .trialFinished(
        study, trial: trial.number,
        TrialResult(
          claim: trial.claim, state: state, values: values, violations: violations, end: end,
          time: seconds(Double(trial.number) + wait))))
  }

  /// Ends an attempt `after` seconds from dawn and begins another `pause` seconds later.
  mutating func restart(
    _ study: StudyID, _ trial: (number: Int, claim: ClaimID), _ end: AttemptEnd, after: Double,
    pause: Double
  ) -> (number: Int, claim: ClaimID) {
    snapshot.apply(
      .attemptEnded(
        study, trial: trial.number, claim: trial.claim, end, time: seconds(after)))
    sequence += 1
    let claim = ClaimID(epoch: 1, sequence: sequence)
    snapshot.apply(
      .trialClaimed(
        study, trial: trial.number,
        TrialClaim(
          claim: claim, lease: .held, host: "elm", worker: "elm:1",
          time: seconds(after + pause))))
    return (trial.number, claim)
  }
}

let rate = Distribution.float(try! FloatDomain(low: 1e-5, high: 1, isLogarithmic: true))
let layers = Distribution.integer(try! IntegerDomain(low: 1, high: 8))
let optimizer = try! Distribution.choice([.string("adam"), .string("sgd")])
let flag = try! Distribution.choice([.bool(false), .bool(true)])
let mixed = try! Distribution.choice([.null, .integer(16), .string("x")])

let twoObjectives = [
  Objective(name: "accuracy", direction: .maximize),
  Objective(name: "latency", direction: .minimize),
]
let latencyBound = MetricBound(metric: "latency", relation: .atMost, limit: 20)

/// `digits`: six trials, one of each state but with two complete; and the empty `spare`.
func digits() -> (snapshot: Snapshot, study: StudyID) {
  var store = StoreBuilder()
  let space = try! SearchSpace([
    Parameter(name: "lr", distribution: rate), Parameter(name: "layers", distribution: layers),
    Parameter(name: "opt", distribution: optimizer), Parameter(name: "amp", distribution: flag),
    Parameter(name: "momentum", distribution: rate),
  ])
  let study = store.study(
    "digits", objectives: [.init(name: "accuracy", direction: .maximize)], space: space)
  func parameters(_ lr: Double, _ count: Int64, _ opt: String, _ amp: Bool)
    -> [(String, Distribution, ParameterValue)]
  {
    [
      ("lr", rate, .float(lr)), ("layers", layers, .integer(count)),
      ("opt", optimizer, .string(opt)), ("amp", flag, .bool(amp)),
    ]
  }
  let zero = store.start(study, parameters(0.0005, 2, "adam", true))
  store.report(study, zero, "accuracy", [0.5, 0.95, 0.92])
  store.report(study, zero, "val/loss", [1.5, 0.25])
  store.attribute(study, zero, "note", #""a \"good\" one""#)
  store.attribute(study, zero, "code", #""abc123""#, .system)
  store.finish(
    study, zero, .complete, [0.92],
    end: AttemptEnd(
      outcome: .finished, exitStatus: 0,
      usage: ResourceUsage(wallSeconds: 1.5, cpuSeconds: 2.5, peakResidentBytes: 4096)))
  let one = store.start(study, parameters(0.01, 4, "sgd", false))
  store.report(study, one, "accuracy", [0.1, 0.2])
  store.finish(study, one, .pruned)
  let two = store.start(study, parameters(0.1, 1, "adam", false))
  store.finish(
    study, two, .failed, end: AttemptEnd(outcome: .failed, reason: "exit status 3", exitStatus: 3))
  let three = store.start(study, parameters(0.0001, 8, "sgd", true))
  store.report(study, three, "accuracy", [0.7, .nan, 0.85])
  store.attribute(study, three, "note", "3")
  store.finish(study, three, .complete, [0.85])
  store.start(study, parameters(0.3, 3, "adam", true))
  store.snapshot.apply(
    .trialCreated(
      study, TrialCreation(id: store.snapshot.nextTrialID, number: 5, time: dawn)))
  store.snapshot.apply(
    .studyAttributeSet(study, .user, key: "team", value: #""blue""#, time: dawn))
  _ = store.study("spare")
  return (store.snapshot, study)
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(nilLiteral: ()) { self = .null }
}

extension HistoryDatabase {
  func rows(_ sql: String, _ parameters: [SQLValue] = []) throws(QueryError) -> [[SQLValue]] {
    var rows = try query(sql, parameters)
    return try rows.all()
  }

  /// The numbers of the trials of `study` for which `filter` holds.
  func numbers(_ study: StudyID, where filter: String) throws(QueryError) -> [SQLValue] {
    var rows = try trials(of: study, TrialListing(filter: filter, columns: ["number"]))
    return try rows.all().map { $0[0] }
  }

  /// What is said when `filter` is refused; nil when it is not.
  func complaint(_ study: StudyID, about filter: String) -> QueryError? {
    do {
      _ = try trials(of: study, TrialListing(filter: filter))
      return nil
    } catch { return error }
  }

  /// What is said when `sql` is refused.
  func complaint(about sql: String) -> QueryError? {
    do {
      _ = try rows(sql)
      return nil
    } catch { return error }
  }
}

/// SplitMix64, so that random tests repeat.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
