// A scrambled Sobol sequence: random enough to trust, more even than random.

import Numerics
internal import StudyModel

/// Trial k takes point k of an Owen-scrambled Sobol sequence, one coordinate a parameter of the
/// space, whether the parameter is active or not. Best read in powers of two.
///
/// Coordinates beyond the ``SobolSequence/maximumDimensions``th (256) are independent uniform
/// draws. A point that breaks a constraint, or repeats one of a finite space, is replaced by
/// point k of the same sequence scrambled anew.
struct QuasiRandomSampler: SamplerKind, Sampler {
  static let name = "qmc"
  static let summary = "a scrambled Sobol sequence: even coverage"
  static let guidance = Guidance(
    for: "covering a space evenly: a first look, importance analysis, a training set for a model",
    needs: "nothing from the history. Powers of two of trials (64, 128) cover best",
    otherwise: "gp or tpe as soon as the aim is the best trial; grid for a handful of exact "
      + "values")

  typealias Options = NoOptions

  let seed: UInt64

  static func make(_ options: NoOptions, seed: UInt64) -> any Sampler { Self(seed: seed) }

  func session() -> any SamplerSession { IndependentSession(Draws(), seed: seed) }

  private struct Draws: IndependentDraws {
    static var proposer: String { QuasiRandomSampler.name }
    /// Of the dimensions that were needed last.
    var sequence = SobolSequence(dimensions: 0)

    mutating func points(
      ofTrial number: Int, seed: UInt64, in frame: ProposalFrame
    ) -> (_ attempt: Int) -> [Double] {
      let dimensions = min(frame.count, SobolSequence.maximumDimensions)
      if sequence.dimensions != dimensions { sequence = SobolSequence(dimensions: dimensions) }
      let sequence = sequence
      return { attempt in
        let key = RandomStream.fold(seed, SamplingPurpose.scrambling, UInt64(attempt))
        var rest = RandomStream(seed: key, trial: number, purpose: SamplingPurpose.uniform)
        let quantiles = (0..<frame.count).map { index in
          index < dimensions
            ? sequence.scrambledCoordinate(point: UInt64(number), dimension: index, seed: key)
            : rest.uniform()
        }
        return frame.point {
          frame.parameters[$0].distribution.internalValue(atQuantile: quantiles[$0])
        }
      }
    }
  }
}
