// Independent uniform draws: the yardstick for every other sampler.

import Numerics
public import StudyModel

/// Draws every parameter uniformly over its domain (over the logarithm where it is so
/// declared), parents first.
public struct RandomSampler: Sampler {
  /// `random`
  public var name: String { "random" }
  /// The points that trials hold.
  public var needs: ColumnSet { ColumnSet(parameters: .declared) }
  private let seed: UInt64

  /// Equal seeds give equal trials, number by number.
  public init(seed: UInt64) { self.seed = seed }

  /// A point by the domains' own distributions, a function of seed and trial number.
  ///
  /// - Throws: ``SamplerError`` when no point is feasible, or all have been tried.
  public func propose(
    trial number: Int, in space: ConstrainedSpace, fixing fixed: Assignment,
    given history: History, remembering memory: SamplerMemory?
  ) throws(SamplerError) -> Proposal {
    let frame = ProposalFrame(space.space, fixing: fixed, evaluator: space.evaluator)
    let fresh = FreshPoint(frame, in: space, number: number, given: history)
    var stream = RandomStream(seed: seed, trial: number, purpose: SamplingPurpose.uniform)
    return Proposal(frame.assignment(try fresh.first { _ in frame.uniformPoint(&stream) }))
  }
}

/// What random numbers are for; each purpose has a stream of its own.
enum SamplingPurpose {
  static let uniform: UInt64 = 1
  static let scrambling: UInt64 = 2
  static let parzen: UInt64 = 3
}

extension ProposalFrame {
  /// A uniformly random point. Takes one number a parameter from the stream, also for those
  /// that turn out to be absent.
  func uniformPoint(_ stream: inout RandomStream) -> [Double] {
    let quantiles = parameters.map { _ in stream.uniform() }
    return point { parameters[$0].distribution.internalValue(atQuantile: quantiles[$0]) }
  }
}
