// The two densities that a proposal is chosen by, and the candidates drawn from the first.

import Numerics
import StudyModel

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
    let batch = candidates
    return frame.point { parameter in
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
      return models[group]?.candidate(rank, batch: batch)[place] ?? other[parameter]
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
