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
  fileprivate static let rounds = 4

  let seed: UInt64
  var options = Options()

  static func make(_ options: Options, seed: UInt64) -> any Sampler {
    Self(seed: seed, options: options)
  }

  func session() -> any SamplerSession { TreeParzenSession(self) }

  /// A proposal's own random numbers for what `key` stands for.
  fileprivate func stream(_ number: Int, _ key: Int) -> RandomStream {
    RandomStream(
      seed: seed, trial: number,
      purpose: RandomStream.fold(SamplingPurpose.parzen, UInt64(key)))
  }
}

struct TreeParzenSession: SamplerSession {
  private let sampler: TreeParzenSampler
  private var tried = TriedPoints()
  private(set) var model = TreeParzenModel()

  init(_ sampler: TreeParzenSampler) { self.sampler = sampler }

  mutating func propose(_ request: ProposalRequest) throws -> Proposal {
    let frame = ProposalFrame(request)
    let fresh = try FreshPoint(request, frame, &tried)
    let ended = request.history.endedCount
    var uniform = RandomStream(
      seed: sampler.seed, trial: request.number, purpose: SamplingPurpose.uniform)
    let point: [Double]
    if frame.isFullyGiven || ended < sampler.options.startup {
      point = try fresh.first(seed: sampler.seed) { _ in frame.uniformPoint(&uniform) }
    } else {
      point = try modelled(request, frame, fresh, &uniform)
    }
    return Proposal(frame.assignment(point), by: TreeParzenSampler.name)
  }

  private mutating func modelled(
    _ request: ProposalRequest, _ frame: ProposalFrame, _ fresh: FreshPoint,
    _ uniform: inout RandomStream
  ) throws -> [Double] {
    if model.table.parameters != frame.parameters {
      model = TreeParzenModel(frame.parameters, request.history.objectives)
    }
    try model.update(request.history, except: request.history.row(ofNumber: request.number))
    let (sampler, number) = (sampler, request.number)
    let candidates = Candidates(model, frame, batch: sampler.options.candidates) {
      sampler.stream(number, $0)
    }
    // Who proposes owns the model alone, so that nothing of it is copied.
    model = TreeParzenModel()
    defer { model = candidates.model }
    let patience = TreeParzenSampler.rounds * sampler.options.candidates
    let walked = WalkChoice(
      count: sampler.options.candidates, rows: candidates.model.table.good,
      choose: { candidates.model.bestIndex(of: $0) })
    return try fresh.first(seed: sampler.seed, patience: patience, walked: walked) { attempt in
      let other = frame.uniformPoint(&uniform)
      return attempt < patience ? candidates.point(rank: attempt, otherwise: other) : other
    }
  }
}

/// The candidates of one proposal. It has the model for as long, since comparing candidates adds
/// to what the model remembers.
private final class Candidates {
  var model: TreeParzenModel
  private let frame: ProposalFrame
  private let batch: Int
  private let stream: (_ key: Int) -> RandomStream
  /// By parameter: its group, and its place in it.
  private var places: [(group: Int, place: Int)?]
  private var groups: [GroupCandidates?]

  init(
    _ model: TreeParzenModel, _ frame: ProposalFrame, batch: Int,
    stream: @escaping (_ key: Int) -> RandomStream
  ) {
    self.model = model
    self.frame = frame
    self.batch = batch
    self.stream = stream
    places = [(group: Int, place: Int)?](repeating: nil, count: frame.count)
    groups = model.groups.map { _ in nil }
    for (index, group) in model.groups.enumerated() {
      for (place, parameter) in group.parameters.enumerated() {
        places[parameter] = (index, place)
      }
    }
  }

  /// The point of each group's candidate `rank`, counting on into further draws; parameters
  /// that no trial has had are taken from `other`.
  func point(rank: Int, otherwise other: [Double]) -> [Double] {
    var drawn = [[Double]?](repeating: nil, count: groups.count)
    return frame.point { parameter in
      guard let (group, place) = places[parameter] else {
        if !other[parameter].isNaN { return other[parameter] }
        var own = stream(frame.count + parameter)
        return frame.parameters[parameter].distribution.internalValue(atQuantile: own.uniform())
      }
      let values = drawn[group] ?? candidate(rank, group)
      drawn[group] = values
      return values[place]
    }
  }

  private func candidate(_ rank: Int, _ group: Int) -> [Double] {
    var candidates =
      groups[group]
      ?? GroupCandidates(
        model.groups[group], frame, batch: batch, stream: stream(model.groups[group].parameters[0]))
    groups[group] = nil
    let values = model.candidate(rank, &candidates, ofGroup: group)
    groups[group] = candidates
    return values
  }
}
