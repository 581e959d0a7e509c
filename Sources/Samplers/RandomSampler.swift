// Independent uniform draws: the yardstick for every other sampler.

import Numerics
internal import StudyModel

/// Draws every parameter from its domain's own distribution: uniformly, over the logarithm where
/// it is so declared, parents first.
struct RandomSampler: SamplerKind, Sampler {
  static let name = "random"
  static let summary = "independent uniform draws"
  static let guidance = Guidance(
    for: "a yardstick, and trials that must be independent of each other",
    needs: "nothing from the history",
    otherwise: "qmc covers a space more evenly at the same price; gp and tpe find better trials")

  typealias Options = NoOptions

  let seed: UInt64

  static func make(_ options: NoOptions, seed: UInt64) -> any Sampler { Self(seed: seed) }

  func session() -> any SamplerSession { IndependentSession(Draws(), seed: seed) }

  private struct Draws: IndependentDraws {
    static var proposer: String { RandomSampler.name }

    func points(
      ofTrial number: Int, seed: UInt64, in frame: ProposalFrame
    ) -> (_ attempt: Int) -> [Double] {
      var stream = RandomStream(seed: seed, trial: number, purpose: SamplingPurpose.uniform)
      return { _ in frame.uniformPoint(&stream) }
    }
  }
}

/// What random numbers are for; each purpose has a stream of its own.
enum SamplingPurpose {
  static let uniform: UInt64 = 1
  static let scrambling: UInt64 = 2
  static let parzen: UInt64 = 3
  static let walk: UInt64 = 4
}

extension ProposalFrame {
  /// A random point. Takes one number a parameter from the stream, also for those that turn out
  /// to be absent.
  func uniformPoint(_ stream: inout RandomStream) -> [Double] {
    let quantiles = parameters.map { _ in stream.uniform() }
    return point { parameters[$0].distribution.internalValue(atQuantile: quantiles[$0]) }
  }
}
