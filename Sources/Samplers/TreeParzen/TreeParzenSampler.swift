// Tree-structured Parzen estimators: propose where good trials are dense and others are not.

import Numerics
public import StudyModel

/// TPE with a joint density over the parameters that occur together (Optuna's `multivariate`
/// with `group`), counting running trials among the bad ones (`constant_liar`).
///
/// The first `startupTrials` accomplished trials are random. Then trials are split into the best
/// tenth (at most 25 with one objective) and the rest, a ``ParzenEstimator`` is made of each,
/// `candidates` points are drawn from the first, and the one with the highest ratio of the two
/// densities is proposed. Candidates that break a constraint, or repeat a point of a finite
/// space, give way to the next best, later to further draws, and in the end to random points.
///
/// Given parameters condition the density of the others in their group. Trials that lack a
/// group's parameters, or have values their domains cannot hold, do not count for it. The split
/// counts complete and pruned trials; with several objectives pruned ones are compared by the
/// first.
///
/// Source: Bergstra et al. (2011); Watanabe (2023), "Tree-structured Parzen estimator:
/// understanding its algorithm components"; defaults of Optuna 5's TPESampler.
public struct TreeParzenSampler: Sampler {
  public var name: String { "tpe" }
  private let seed: UInt64
  private let startupTrials: Int
  private let candidates: Int
  private let cache = ObservationCache()

  /// How often candidates are drawn afresh before points are drawn at random.
  private static let rounds = 4

  public init(seed: UInt64, startupTrials: Int = 10, candidates: Int = 24) {
    precondition(startupTrials >= 0 && candidates >= 1)
    self.seed = seed
    self.startupTrials = startupTrials
    self.candidates = candidates
  }

  public func propose(
    trial number: Int, in space: ConstrainedSpace, fixing fixed: Assignment,
    given history: History, remembering memory: SamplerMemory?
  ) throws(SamplerError) -> Proposal {
    let frame = ProposalFrame(space.space, fixing: fixed, evaluator: space.evaluator)
    let fresh = FreshPoint(frame, in: space, number: number, given: history)
    var uniform = RandomStream(seed: seed, trial: number, purpose: SamplingPurpose.uniform)
    guard !frame.isFullyGiven, history.trials.accomplishedCount >= startupTrials else {
      return Proposal(frame.assignment(try fresh.first { _ in frame.uniformPoint(&uniform) }))
    }
    let table = cache.table(frame.parameters, history)
    var model = TreeParzenModel(
      table, frame, split: TrialSplit(history, except: history.trials.row(ofNumber: number)),
      isSingleObjective: history.objectives.count == 1, candidates: candidates)
    let point = try fresh.first { attempt in
      let other = frame.uniformPoint(&uniform)
      guard attempt < Self.rounds * candidates else { return other }
      return model.point(rank: attempt, otherwise: other) { group in
        RandomStream(
          seed: seed, trial: number,
          purpose: RandomStream.fold(SamplingPurpose.parzen, UInt64(group)))
      }
    }
    cache.keep(table)
    return Proposal(frame.assignment(point))
  }
}
