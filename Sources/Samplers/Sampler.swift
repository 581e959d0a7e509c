// Where to look next.

public import StudyModel

/// A sampler as a study can choose it, declared in the sampler's own file.
public protocol SamplerKind: Component {
  /// Whether it learns from the studies in ``ProposalRequest/sources``.
  static var borrows: Bool { get }

  static func make(_ options: Options, seed: UInt64) -> any Sampler
}

extension SamplerKind {
  /// No: most know their own study only.
  public static var borrows: Bool { false }
}

/// Chooses where to look next. A sampler is a value: it reads a history and never sees
/// storage, clocks or the network, so equal requests give equal proposals. Its randomness is a
/// function of the study's seed and the trial's number.
public protocol Sampler: Sendable {
  /// The beginning of a conversation about one study.
  func session() -> any SamplerSession
}

/// A sampler at work on one study. It may keep what is slow to build (sorted observations, a
/// factor) from one proposal to the next, as long as a session that begins anew proposes the
/// same: everything it keeps follows from the request. Whoever owns it drops it with the study,
/// and when the study's definition changes.
public protocol SamplerSession: Sendable {
  /// - Throws: ``SamplerError`` when there is nothing left to propose, or no feasible point was
  ///   found; another error when trials cannot be read, and the session is of no use any more.
  mutating func propose(_ request: ProposalRequest) throws -> Proposal
}

/// What a sampler is asked with.
public struct ProposalRequest: Sendable {
  /// The trial's number within its study. The trial may be in the history already, waiting.
  public var number: Int
  /// Where it may look.
  public var space: ConstrainedSpace
  /// Parameters that are given and to be kept (an enqueued trial's), possibly none.
  public var fixed: Assignment
  /// With the columns that the sampler needs.
  public var history: History
  /// What older studies have shown, for samplers that borrow: in the order of the definition.
  public var sources: [SourceHistory]
  /// What the sampler returned with its last proposal in this study, if it did.
  public var memory: SamplerMemory?

  /// A request for trial `number` in `space`.
  public init(
    number: Int, in space: ConstrainedSpace, fixing fixed: Assignment = Assignment(),
    given history: History, borrowing sources: [SourceHistory] = [],
    remembering memory: SamplerMemory? = nil
  ) {
    self.number = number
    self.space = space
    self.fixed = fixed
    self.history = history
    self.sources = sources
    self.memory = memory
  }
}

/// What a sampler answers.
public struct Proposal: Hashable, Sendable {
  /// Values for all active parameters.
  public let assignment: Assignment
  /// Which sampler it comes from, by its name: recorded with the trial.
  public let proposer: String
  /// What it wants to be handed back with the study's next request, as a value that is recorded
  /// with this proposal.
  public let memory: SamplerMemory?
  /// What it expects of the point, where a model chose it.
  public let forecast: Forecast?

  /// An assignment by the sampler called `proposer`.
  public init(
    _ assignment: Assignment, by proposer: String, memory: SamplerMemory? = nil,
    expecting forecast: Forecast? = nil
  ) {
    self.assignment = assignment
    self.proposer = proposer
    self.memory = memory
    self.forecast = forecast
  }
}
