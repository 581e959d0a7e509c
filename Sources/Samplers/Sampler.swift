// Where to look next.

public import StudyModel

/// Chooses where to look next. A sampler is a value: it reads a history and never sees
/// storage, clocks or the network, so equal inputs give equal proposals. Its randomness is a
/// function of the study's seed and the trial's number.
public protocol Sampler: Sendable {
  /// As on the command line, `tpe`: recorded with each trial it proposes.
  var name: String { get }

  /// What it reads of a history, so that nothing else is loaded.
  var needs: ColumnSet { get }

  /// - Parameters:
  ///   - number: the trial's number within its study.
  ///   - fixed: parameters that are given and to be kept (an enqueued trial's), possibly none.
  ///   - history: with the columns that this sampler ``needs`` loaded.
  ///   - memory: what this sampler returned with its last proposal in this study, if it did.
  /// - Throws: ``SamplerError`` when there is nothing left to propose, or no feasible point was
  ///   found.
  func propose(
    trial number: Int, in space: ConstrainedSpace, fixing fixed: Assignment,
    given history: History, remembering memory: SamplerMemory?
  ) throws(SamplerError) -> Proposal
}

/// What a sampler answers: the assignment, and what it wants to be handed back next time.
public struct Proposal: Hashable, Sendable {
  /// The parameters, fixed ones included.
  public let assignment: Assignment
  /// What the sampler wants to be handed with its next call; nil: what it was handed now.
  public let memory: SamplerMemory?

  /// A proposal, with what is to be remembered.
  public init(_ assignment: Assignment, memory: SamplerMemory? = nil) {
    self.assignment = assignment
    self.memory = memory
  }
}
