// Independent uniform draws: the yardstick for every other sampler.

import Numerics
public import StudyModel

/// Draws every parameter uniformly over its domain (over the logarithm where it is so
/// declared), parents first.
public struct RandomSampler: Sampler {
  public var name: String { "random" }
  private let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

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
