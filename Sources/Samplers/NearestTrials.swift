// Which trials a point is most like.

import GaussianProcess
import StudyModel

/// A trial and how far it is from another.
package struct NearTrial: Hashable, Sendable {
  package let row: Int
  /// Root mean square over the parameters, each from 0 (alike) to 1 (from end to end of its
  /// domain, or another category).
  package let distance: Double
}

extension History {
  /// The complete trials, other than that in `row`, whose parameters in `space` are most like
  /// its own: nearest first, at most `count`.
  ///
  /// It must have the columns of outcomes and of the parameters declared.
  ///
  /// - Complexity: O(trials × parameters).
  package func nearestTrials(to row: Int, in space: SearchSpace, count: Int) -> [NearTrial] {
    let encoded = EncodedSpace(ProposalFrame(space))
    let readers = space.parameters.map { ParameterReader($0, in: self) }
    func point(_ row: Int) -> [Double] { encoded.encode(readers.map { $0[row] }) }
    let own = point(row)
    let states = trials.states
    let near = (0..<trialCount).filter { $0 != row && states[$0] == .complete }.map {
      NearTrial(row: $0, distance: encoded.dimensions.distance(own, point($0)))
    }
    return Array(
      near.sorted { $0.distance == $1.distance ? $0.row < $1.row : $0.distance < $1.distance }
        .prefix(count))
  }
}
