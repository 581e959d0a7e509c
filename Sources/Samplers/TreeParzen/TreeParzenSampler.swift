// Tree-structured Parzen estimators: propose where good trials are dense and others are not.

import Numerics
internal import StudyModel

/// TPE with a joint density over the parameters that occur together (Optuna's `multivariate`
/// with `group`), counting running trials among the bad ones (`constant_liar`), and failed ones
/// too: where trials fail, none is wanted.
///
/// The first `startup` trials that ended are random. Then trials are split into the best tenth
/// (at most 25 with one objective) and the rest, a ``ParzenEstimator`` is made of each,
/// `candidates` points are drawn from the first, and the one with the highest ratio of the two
/// densities is proposed. Candidates that break a constraint, or repeat a point of a finite
/// space, give way to the next best, later to further draws, and in the end to the best of the
/// points that a ``FeasibleWalk`` from the good trials finds.
///
/// Given parameters condition the density of the others in their group. Trials that lack a
/// group's parameters, or have values their domains cannot hold, do not count for it. The split
/// counts complete and pruned trials; with several objectives pruned ones are compared by the
/// first.
///
/// Source: Bergstra et al. (2011); Watanabe (2023), "Tree-structured Parzen estimator:
/// understanding its algorithm components"; defaults of Optuna 5's TPESampler.
struct TreeParzenSampler: SamplerKind, Sampler {
  static let name = "tpe"
  static let summary = "tree-structured Parzen estimators, multivariate"
  static let guidance = Guidance(
    for: "spaces with many conditions and choices, several objectives, and very long studies: a "
      + "proposal takes well under a millisecond",
    needs: "some 10 random trials first, and tens of trials to learn from",
    otherwise: "gp where trials are dear and parameters are few (to about 20): it is ahead "
      + "after 25 trials")

  struct Options: ComponentOptions {
    var startup = 10
    var candidates = 24

    static let declared: [OptionDeclaration<Options>] = [
      .init("startup", \.startup, "random trials before the model"),
      .init("candidates", \.candidates, in: 1...4096, "points compared for a proposal"),
    ]
  }

  /// How often candidates are drawn afresh before points are sought elsewhere.
  private static let rounds = 4

  let seed: UInt64
  var options = Options()

  static func make(_ options: Options, seed: UInt64) -> any Sampler {
    Self(seed: seed, options: options)
  }

  /// Points and what came of them; of pruned trials the last intermediate value, of failed ones
  /// whose fault it was.
  var needs: ColumnSet {
    ColumnSet([.outcomes, .attempts], parameters: .declared, metrics: .declared)
  }

  func session() -> any SamplerSession { Session(sampler: self) }

  private struct Session: SamplerSession {
    let sampler: TreeParzenSampler
    var tried = TriedPoints()
    var table = ObservationTable([])

    mutating func propose(_ request: ProposalRequest) throws(SamplerError) -> Proposal {
      let frame = ProposalFrame(request)
      let fresh = FreshPoint(request, frame, &tried)
      let ended = request.history.accomplishedCount + request.history.count(.failed)
      var uniform = RandomStream(
        seed: sampler.seed, trial: request.number, purpose: SamplingPurpose.uniform)
      let point: [Double]
      if frame.isFullyGiven || ended < sampler.options.startup {
        point = try fresh.first(seed: sampler.seed) { _ in frame.uniformPoint(&uniform) }
      } else {
        if table.parameters != frame.parameters { table = ObservationTable(frame.parameters) }
        table.update(request.history)
        point = try sampler.modelled(request, frame, fresh, table, &uniform)
      }
      return Proposal(frame.assignment(point), by: TreeParzenSampler.name)
    }
  }

  private func modelled(
    _ request: ProposalRequest, _ frame: ProposalFrame, _ fresh: FreshPoint,
    _ table: ObservationTable, _ uniform: inout RandomStream
  ) throws(SamplerError) -> [Double] {
    let history = request.history
    let split = TrialSplit(history, except: history.row(ofNumber: request.number))
    var model = TreeParzenModel(
      table, frame, split: split, isSingleObjective: history.objectives.count == 1,
      candidates: options.candidates)
    let stream = { (group: Int) in
      RandomStream(
        seed: seed, trial: request.number,
        purpose: RandomStream.fold(SamplingPurpose.parzen, UInt64(group)))
    }
    let ranker = model
    let walked = WalkChoice(
      count: options.candidates, rows: split.below,
      choose: { ranker.bestIndex(of: $0, stream: stream) })
    return try fresh.first(
      seed: seed, patience: Self.rounds * options.candidates, walked: walked
    ) { attempt in
      let other = frame.uniformPoint(&uniform)
      guard attempt < Self.rounds * options.candidates else { return other }
      return model.point(rank: attempt, otherwise: other, stream: stream)
    }
  }
}
