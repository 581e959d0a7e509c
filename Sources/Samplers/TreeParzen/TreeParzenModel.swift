// The densities that proposals are chosen by, kept from one proposal to the next.

import StudyModel

/// Of the good trials and of the others, group by group.
///
/// The good ones are the best tenth; the others are the rest with the running ones (the constant
/// liar: where a trial runs already, another is not wanted) and the failed ones. A trial that
/// failed by its objective is worse than any that did not: it stands above whatever the others are
/// worth, and does not count for how many are good. One that was lost with its worker says nothing
/// of its parameters.
struct TreeParzenModel: Sendable {
  private(set) var table: ObservationTable
  private(set) var groups: [GroupModel] = []

  init(_ parameters: [Parameter] = [], _ objectives: [Objective] = []) {
    table = ObservationTable(parameters, objectives)
  }

  /// Makes the model that of `history`, whatever it was of before.
  ///
  /// - Parameter ownRow: the trial that is proposed for, which is no observation.
  /// - Throws: when trials cannot be read.
  mutating func update(_ history: History, except ownRow: Int?) throws {
    let isSame = try table.update(history, except: ownRow)
    let wanted = table.groups.map { group in
      // A parameter with one value has no density.
      group.filter { table.parameters[$0].distribution.cardinality != 1 }
    }.filter { !$0.isEmpty }
    if isSame && wanted == groups.map(\.parameters) {
      let rows = table.changed.sorted()
      for index in groups.indices { groups[index].update(rows, of: table) }
    } else {
      let rows = table.rows
      groups = wanted.map { parameters in
        var group = GroupModel(
          parameters, table, isUniformBelow: history.objectives.count > 1)
        group.update(rows, of: table)
        return group
      }
    }
  }

  /// The first of `points` that promises most.
  mutating func bestIndex(of points: [[Double]]) -> Int {
    var scores = [Double](repeating: 0, count: points.count)
    for index in groups.indices {
      let parameters = groups[index].parameters
      // Where a point lacks one of the group it lacks all.
      for place in points.indices where !points[place][parameters[0]].isNaN {
        scores[place] += groups[index].score(at: parameters.map { points[place][$0] })
      }
    }
    return points.indices.max { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) }
      ?? 0
  }

  /// Candidate `rank` of a group; comparing candidates adds to what the densities remember.
  mutating func candidate(
    _ rank: Int, _ candidates: inout GroupCandidates, ofGroup index: Int
  ) -> [Double] {
    candidates.candidate(rank, of: &groups[index])
  }
}
