// Which trials a point is most like.

import GaussianProcess
package import StudyModel

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
  /// - Complexity: O(trials × parameters).
  package func nearestTrials(to row: Int, in space: SearchSpace, count: Int) throws -> [NearTrial] {
    let encoded = EncodedSpace(ProposalFrame(space))
    let readers = space.parameters.map { ParameterReader($0, in: self) }
    func point(_ trial: TrialCells) -> [Double] {
      encoded.encode(readers.map { $0.value(in: trial) })
    }
    let own = point(try trial(row))
    let near = try (0..<trialCount).compactMap { other -> NearTrial? in
      let cells = try trial(other)
      guard other != row, !isSetAside(other), cells.state == .complete else { return nil }
      return NearTrial(row: other, distance: encoded.dimensions.distance(own, point(cells)))
    }
    return Array(
      near.sorted { $0.distance == $1.distance ? $0.row < $1.row : $0.distance < $1.distance }
        .prefix(count))
  }
}
