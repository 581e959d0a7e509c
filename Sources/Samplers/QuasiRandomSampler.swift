// A scrambled Sobol sequence: random enough to trust, more even than random.

import Numerics
public import StudyModel

/// Trial k takes point k of an Owen-scrambled Sobol sequence, one coordinate a parameter of the
/// space, whether the parameter is active or not. Best read in powers of two.
///
/// Coordinates beyond the ``SobolSequence/maximumDimensions``th (256) are independent uniform
/// draws. A point that breaks a constraint, or repeats one of a finite space, is replaced by
/// point k of the same sequence scrambled anew.
public struct QuasiRandomSampler: Sampler {
  public var name: String { "qmc" }
  private let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public func propose(
    trial number: Int, in space: ConstrainedSpace, fixing fixed: Assignment,
    given history: History, remembering memory: SamplerMemory?
  ) throws(SamplerError) -> Proposal {
    let frame = ProposalFrame(space.space, fixing: fixed, evaluator: space.evaluator)
    let fresh = FreshPoint(frame, in: space, number: number, given: history)
    let sequence = SobolSequence(
      dimensions: min(frame.count, SobolSequence.maximumDimensions))
    let point = try fresh.first { attempt in
      let key = RandomStream.fold(seed, SamplingPurpose.scrambling, UInt64(attempt))
      var rest = RandomStream(seed: key, trial: number, purpose: SamplingPurpose.uniform)
      let quantiles = (0..<frame.count).map { index in
        index < sequence.dimensions
          ? sequence.scrambledCoordinate(point: UInt64(number), dimension: index, seed: key)
          : rest.uniform()
      }
      return frame.point {
        frame.parameters[$0].distribution.internalValue(atQuantile: quantiles[$0])
      }
    }
    return Proposal(frame.assignment(point))
  }
}
