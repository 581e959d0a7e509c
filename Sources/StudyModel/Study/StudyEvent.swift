// What happens to studies. The history of a store is a sequence of these, and every state is
// what applying them in order gives (``StudyRecord/apply(_:)``). Events say everything and
// derive nothing: numbers, identities and times stand in them, so that a lost one renumbers
// nothing.

public enum AttributeScope: UInt8, Hashable, Sendable, Codable {
  case user = 0
  case system = 1
}

/// One thing that happened in a store.
public enum StudyEvent: Hashable, Sendable {
  case studyCreated(id: StudyID, name: String, definition: StudyDefinition, time: Timestamp)
  case studyEdited(StudyID, definition: StudyDefinition, time: Timestamp)
  case studyDeleted(StudyID, time: Timestamp)
  /// `value` is JSON text; nil removes the attribute.
  case studyAttributeSet(StudyID, AttributeScope, key: String, value: String?, time: Timestamp)
  /// Asks the workers of a study, or of one of its trials, to stop.
  case stopRequested(StudyID, trial: Int?, time: Timestamp)
  case trialCreated(StudyID, TrialCreation)
  case trialClaimed(StudyID, trial: Int, TrialClaim)
  /// The process that runs the claimed attempt.
  case processStarted(StudyID, trial: Int, claim: ClaimID, ProcessIdentity)
  case parameterSet(StudyID, trial: Int, name: String, Distribution, internalValue: Double)
  case metricsReported(StudyID, trial: Int, MetricReport)
  case trialAttributeSet(StudyID, trial: Int, AttributeScope, key: String, value: String?)
  /// The attempt ended without a result: the trial waits again.
  case attemptEnded(StudyID, trial: Int, claim: ClaimID, AttemptEnd, time: Timestamp)
  case trialFinished(StudyID, trial: Int, TrialResult)

  public var study: StudyID {
    switch self {
    case .studyCreated(let id, _, _, _), .studyEdited(let id, _, _), .studyDeleted(let id, _),
      .studyAttributeSet(let id, _, _, _, _), .stopRequested(let id, _, _),
      .trialCreated(let id, _), .trialClaimed(let id, _, _), .processStarted(let id, _, _, _),
      .parameterSet(let id, _, _, _, _), .metricsReported(let id, _, _),
      .trialAttributeSet(let id, _, _, _, _), .attemptEnded(let id, _, _, _, _),
      .trialFinished(let id, _, _):
      id
    }
  }
}

/// A new trial, waiting to be claimed.
public struct TrialCreation: Hashable, Sendable {
  public var id: TrialID
  /// The trial's number within its study: ascending, from 0.
  public var number: Int
  public var time: Timestamp
  /// All parameters of a proposed trial; those fixed of an enqueued one (the rest is set when
  /// it is claimed).
  public var assignment: Assignment
  /// Which sampler proposed it; empty when it was enqueued or came from elsewhere.
  public var proposer: String
  /// What that sampler wants to be handed back with its next call.
  public var memory: SamplerMemory?
  /// The trial whose parameters it repeats, by `cairn retry`.
  public var retryOf: Int?

  public init(
    id: TrialID, number: Int, time: Timestamp, assignment: Assignment = .init(),
    proposer: String = "", memory: SamplerMemory? = nil, retryOf: Int? = nil
  ) {
    self.id = id
    self.number = number
    self.time = time
    self.assignment = assignment
    self.proposer = proposer
    self.memory = memory
    self.retryOf = retryOf
  }
}

/// What a sampler remembers between proposals (fitted lengthscales, which transform won):
/// bytes of its own format, recorded with the trial they came with, when it is created or, where
/// it was enqueued, claimed.
public struct SamplerMemory: Hashable, Sendable {
  public let sampler: String
  public let bytes: [UInt8]

  public init(sampler: String, bytes: [UInt8]) {
    self.sampler = sampler
    self.bytes = bytes
  }
}

/// A worker takes a waiting trial.
public struct TrialClaim: Hashable, Sendable {
  public var claim: ClaimID
  public var lease: Lease
  public var host: String
  public var worker: String
  public var time: Timestamp
  /// What the sampler that gave an enqueued trial its missing parameters wants back.
  public var memory: SamplerMemory?

  public init(
    claim: ClaimID, lease: Lease, host: String, worker: String, time: Timestamp,
    memory: SamplerMemory? = nil
  ) {
    self.claim = claim
    self.lease = lease
    self.host = host
    self.worker = worker
    self.time = time
    self.memory = memory
  }
}

/// Values of one or more metrics at one step.
public struct MetricReport: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public let metric: String
    public let value: Double

    public init(_ metric: String, _ value: Double) {
      self.metric = metric
      self.value = value
    }
  }

  /// Nil for a trial that nobody holds (imported, or told by an Optuna client).
  public var claim: ClaimID?
  public var step: Int64
  public var entries: [Entry]
  public var time: Timestamp

  public init(claim: ClaimID?, step: Int64, entries: [Entry], time: Timestamp) {
    self.claim = claim
    self.step = step
    self.entries = entries
    self.time = time
  }
}

/// The end of a trial.
public struct TrialResult: Hashable, Sendable {
  /// Nil for a trial that nobody holds.
  public var claim: ClaimID?
  /// `complete`, `pruned` or `failed`.
  public var state: TrialState
  /// One value an objective, or none.
  public var values: [Double]
  /// The violations of the study's bounds, in their order; positive: broken. Empty: not known.
  public var violations: [Double]
  public var end: AttemptEnd?
  public var time: Timestamp

  public init(
    claim: ClaimID?, state: TrialState, values: [Double] = [], violations: [Double] = [],
    end: AttemptEnd? = nil, time: Timestamp
  ) {
    self.claim = claim
    self.state = state
    self.values = values
    self.violations = violations
    self.end = end
    self.time = time
  }
}
