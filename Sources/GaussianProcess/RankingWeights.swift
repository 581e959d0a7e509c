// How far each of several models is to be believed, by how well it ranks what was observed.

package import Numerics

/// Shares of a target's own model and of models that were made elsewhere, which sum to 1.
///
/// What counts is the order of the observed values, for another task may have another scale. Each
/// bootstrap sample of the observations counts the pairs that a model puts the wrong way round: a
/// source by its posterior means, the target by its leave-one-out means, each against the value
/// observed at the other point, both ways (so a source's errors count twice). A model's share is
/// that of the samples in which it errs least; the target wins ties. A source whose median error
/// is beyond the target's 95th percentile has none.
///
/// Source: Feurer, Letham, Hutter & Bakshy (2018), "Practical transfer learning for Bayesian
/// optimization" (RGPE).
package struct RankingWeights: Hashable, Sendable {
  package let target: Double
  package let sources: [Double]

  private static let samples = 150
  /// Beyond so many observations some, evenly spread, stand for all.
  private static let most = 200

  /// - Parameters:
  ///   - values: what was observed, to be minimized.
  ///   - leaveOneOut: for each, what the target's model predicts of it from all others, in the
  ///     same unit.
  ///   - sources: for each source, what it predicts at the observed points, in a unit of its own.
  ///   - stream: for the bootstrap.
  /// - Complexity: O(n²) for each model and sample.
  package init(
    _ values: [Double], leaveOneOut: [Double], sources: [[Double]], stream: inout RandomStream
  ) {
    precondition(values.count == leaveOneOut.count)
    precondition(sources.allSatisfy { $0.count == values.count })
    guard !sources.isEmpty, values.count >= 2 else {
      target = 1
      self.sources = sources.map { _ in 0 }
      return
    }
    let kept = Self.spread(values.count)
    let y = kept.map { values[$0] }
    let own = kept.map { leaveOneOut[$0] }
    let counts = Self.bootstrap(y.count, &stream)
    let ownErrors = Self.errors(y, counts) { a, b in
      let isBelow = y[a] < y[b]
      return ((own[a] < y[b]) != isBelow ? 1 : 0) + ((y[a] < own[b]) != isBelow ? 1 : 0)
    }
    let otherErrors = sources.map { source in
      let means = kept.map { source[$0] }
      return Self.errors(y, counts) { a, b in (means[a] < means[b]) != (y[a] < y[b]) ? 2 : 0 }
    }
    let limit = quantile(0.95, ofSorted: ownErrors.sorted())!
    let isHeard = otherErrors.map { quantile(0.5, ofSorted: $0.sorted())! <= limit }
    var wins = [Int](repeating: 0, count: sources.count + 1)
    for sample in 0..<Self.samples {
      var winner = 0
      var least = ownErrors[sample]
      for source in sources.indices where isHeard[source] && otherErrors[source][sample] < least {
        (winner, least) = (source + 1, otherErrors[source][sample])
      }
      wins[winner] += 1
    }
    target = Double(wins[0]) / Double(Self.samples)
    self.sources = wins.dropFirst().map { Double($0) / Double(Self.samples) }
  }

  private static func spread(_ count: Int) -> [Int] {
    count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
  }

  /// How often each observation is in each sample, one row a sample.
  private static func bootstrap(_ count: Int, _ stream: inout RandomStream) -> Matrix {
    var counts = Matrix(rows: samples, columns: count)
    for sample in 0..<samples {
      for _ in 0..<count { counts[sample, Int(stream.integer(below: UInt64(count)))] += 1 }
    }
    return counts
  }

  /// By sample: the sum of `error` over its ordered pairs of different values.
  private static func errors(
    _ y: [Double], _ counts: Matrix, _ error: (_ a: Int, _ b: Int) -> Double
  ) -> [Double] {
    var matrix = Matrix(rows: y.count, columns: y.count)
    for a in y.indices {
      for b in y.indices where y[a] != y[b] { matrix[a, b] = error(a, b) }
    }
    let products = counts.timesTransposed(matrix)
    return (0..<counts.rows).map { sample in
      y.indices.reduce(0) { $0 + counts[sample, $1] * products[sample, $1] }
    }
  }
}
