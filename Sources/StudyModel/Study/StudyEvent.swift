// What happens to studies. The history of a store is a sequence of these, and every state is
// what applying them in order gives (``StudyRecord/apply(_:)``). Events say everything and
// derive nothing: numbers, identities and times stand in them, so that a lost one renumbers
// nothing.

/// Whose attributes: those that people set, or programs.
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
  /// Finished trials from elsewhere, many at once.
  case trialsImported(StudyID, TrialBatch)
  /// Something is said of trials, finished ones too.
  case trialsMarked(StudyID, TrialMarking)

  /// The study that the event changes.
  public var study: StudyID {
    switch self {
    case .studyCreated(let id, _, _, _), .studyEdited(let id, _, _), .studyDeleted(let id, _),
      .studyAttributeSet(let id, _, _, _, _), .stopRequested(let id, _, _),
      .trialCreated(let id, _), .trialClaimed(let id, _, _), .processStarted(let id, _, _, _),
      .parameterSet(let id, _, _, _, _), .metricsReported(let id, _, _),
      .trialAttributeSet(let id, _, _, _, _), .attemptEnded(let id, _, _, _, _),
      .trialFinished(let id, _, _), .trialsImported(let id, _), .trialsMarked(let id, _):
      id
    }
  }
}

/// A new trial, waiting to be claimed.
public struct TrialCreation: Hashable, Sendable {
  /// Unique in the store.
  public var id: TrialID
  /// The trial's number within its study: ascending, from 0.
  public var number: Int
  /// When it was made.
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

  /// A trial that waits; what is left out is not known.
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
  /// The name of the sampler that wrote it.
  public let sampler: String
  /// In the sampler's own coding.
  public let bytes: [UInt8]

  /// `bytes` mean something to the sampler of that name only.
  public init(sampler: String, bytes: [UInt8]) {
    self.sampler = sampler
    self.bytes = bytes
  }
}

/// A worker takes a waiting trial.
public struct TrialClaim: Hashable, Sendable {
  /// What reports and the result must show.
  public var claim: ClaimID
  /// How long the claim holds without a word.
  public var lease: Lease
  /// The machine it runs on.
  public var host: String
  /// What runs it, by the name it gave itself.
  public var worker: String
  /// When it was claimed.
  public var time: Timestamp
  /// What the sampler that gave an enqueued trial its missing parameters wants back.
  public var memory: SamplerMemory?

  /// `worker` runs the trial on `host` from now on.
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
  /// One metric's value.
  public struct Entry: Hashable, Sendable {
    /// The metric's name.
    public let metric: String
    /// As it was reported; NaN and infinities too.
    public let value: Double

    /// A NaN or an infinity is a value too.
    public init(_ metric: String, _ value: Double) {
      self.metric = metric
      self.value = value
    }
  }

  /// Nil for a trial that nobody holds (imported, or told by an Optuna client).
  public var claim: ClaimID?
  /// The step the values belong to; a later report of a step replaces an earlier one.
  public var step: Int64
  /// The values, each metric once.
  public var entries: [Entry]
  /// When the report came.
  public var time: Timestamp

  /// A nil claim is a report of a trial that nobody holds.
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
  /// How the attempt ended; nil where there was none.
  public var end: AttemptEnd?
  /// When it ended.
  public var time: Timestamp

  /// `values` are one an objective, or none.
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
