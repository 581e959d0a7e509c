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
    let frame = ProposalFrame(space.space, fixing: fixed)
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

/// The densities of one proposal, group by group, each made when it is first needed.
struct TreeParzenModel {
  private let table: ObservationTable
  private let frame: ProposalFrame
  private let split: TrialSplit
  private let isSingleObjective: Bool
  private let candidates: Int
  let groups: [[Int]]
  private var groupOfParameter: [Int?]
  private var models: [GroupModel?]

  init(
    _ table: ObservationTable, _ frame: ProposalFrame, split: TrialSplit,
    isSingleObjective: Bool, candidates: Int
  ) {
    self.table = table
    self.frame = frame
    self.split = split
    self.isSingleObjective = isSingleObjective
    self.candidates = candidates
    let rows = (split.below + split.above)
    groups = parameterGroups(table.coordinates, rows: rows).map { group in
      // A parameter with one value has no density.
      group.filter { frame.parameters[$0].distribution.cardinality != 1 }
    }.filter { !$0.isEmpty }
    groupOfParameter = [Int?](repeating: nil, count: frame.count)
    for (index, group) in groups.enumerated() {
      for parameter in group { groupOfParameter[parameter] = index }
    }
    models = [GroupModel?](repeating: nil, count: groups.count)
  }

  /// The point of each group's candidate `rank`, counting on into further draws; parameters
  /// that no trial has had are taken from `other`.
  mutating func point(
    rank: Int, otherwise other: [Double], stream: (_ firstParameter: Int) -> RandomStream
  ) -> [Double] {
    frame.point { parameter in
      guard let group = groupOfParameter[parameter],
        let place = groups[group].firstIndex(of: parameter)
      else {
        if !other[parameter].isNaN { return other[parameter] }
        var own = stream(frame.count + parameter)
        return frame.parameters[parameter].distribution.internalValue(
          atQuantile: own.uniform())
      }
      if models[group] == nil {
        models[group] = GroupModel(
          groups[group], table, frame, split, isUniformBelow: !isSingleObjective,
          stream: stream(groups[group][0]))
      }
      return models[group]?.candidate(rank, batch: candidates)[place] ?? other[parameter]
    }
  }

  /// The two densities of group `index`.
  func estimators(_ index: Int) -> (below: ParzenEstimator, above: ParzenEstimator) {
    let model = GroupModel(
      groups[index], table, frame, split, isUniformBelow: !isSingleObjective,
      stream: RandomStream(seed: 0, trial: 0))
    return (model.below, model.above)
  }
}

/// The densities over one group of parameters, and the candidates drawn from them.
private struct GroupModel {
  let below: ParzenEstimator
  let above: ParzenEstimator
  private let distributions: [Distribution]
  /// By parameter of the group: the value that is given, else NaN.
  private let given: [Double]
  private let cumulative: [Double]
  private var stream: RandomStream
  /// Batch by batch, each by descending ratio of the densities.
  private var ranked: [[Double]] = []

  init(
    _ group: [Int], _ table: ObservationTable, _ frame: ProposalFrame, _ split: TrialSplit,
    isUniformBelow: Bool, stream: RandomStream
  ) {
    let domains = group.map { table.domains[$0] }
    let first = table.coordinates[group[0]]
    let belowRows = split.below.filter { !first[$0].isNaN }
    let aboveRows = split.above.filter { !first[$0].isNaN }
    func observations(_ rows: [Int]) -> [[Double]] {
      group.map { index in
        let column = table.coordinates[index]
        return rows.map { column[$0] }
      }
    }
    below = ParzenEstimator(
      domains, observations: observations(belowRows), isUniform: isUniformBelow)
    above = ParzenEstimator(
      domains, observations: observations(aboveRows),
      ascending: table.ascending(group, among: aboveRows))
    distributions = group.map { frame.parameters[$0].distribution }
    given = group.map { index in
      let value = frame.given[index] ?? .nan
      return table.domains[index].interval(of: value).low.isNaN ? .nan : value
    }
    cumulative = below.cumulativeWeights(given: given)
    self.stream = stream
  }

  /// Candidate `rank` of the batches one after the other.
  mutating func candidate(_ rank: Int, batch: Int) -> [Double] {
    while ranked.count <= rank {
      let points = (0..<batch).map { _ in
        let drawn = below.draw(&stream, cumulative: cumulative, given: given)
        return drawn.indices.map {
          given[$0].isNaN ? distributions[$0].nearestMember(to: drawn[$0]) : drawn[$0]
        }
      }
      let good = ParzenDensity(below).logDensities(at: points)
      let bad = ParzenDensity(above).logDensities(at: points)
      let score = points.indices.map { good[$0] - bad[$0] }
      ranked += points.indices.sorted { score[$0] == score[$1] ? $0 < $1 : score[$0] > score[$1] }
        .map { points[$0] }
    }
    return ranked[rank]
  }
}

extension ObservationTable {
  /// By parameter of `group`: the places in `rows` (ascending) by ascending coordinate, as read
  /// off the table's order; empty for categories.
  func ascending(_ group: [Int], among rows: [Int]) -> [[Int32]] {
    var places = [Int32](repeating: -1, count: rowCount)
    for (place, row) in rows.enumerated() { places[row] = Int32(place) }
    return group.map { index in
      var result: [Int32] = []
      result.reserveCapacity(rows.count)
      for row in order[index] {
        let place = places[Int(row)]
        if place >= 0 { result.append(place) }
      }
      return result
    }
  }
}
