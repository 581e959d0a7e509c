// A forest of bagged trees (Breiman 1996, "Bagging predictors"): each is grown on a bootstrap
// sample of the trials, so that trees differ by what another history of the same length would have
// shown, and the spread over trees is the bootstrap's standard error of what one of them says.
//
// A tree splits by what a single split gains, and an effect that rises and falls several times
// shows in none: the second parameter of Ishigami's function, sin² over two periods, is told 0.32
// of the variance after 1,000 trials, where 0.44 is true. The parts of the mean of eight trees come
// nearer there (0.41), and stay further off where effects are plain (of Friedman's, Branin's and
// Hartmann's functions, 0.11 instead of 0.07 after 200 trials): each tree is taken apart by itself.

import Numerics

/// What a forest says of the parameters of some trials.
struct ForestAnalysis {
  /// As many trials as are drawn for a tree at most: beyond, trees grow and tell no more.
  private static let sampleLimit = 4096
  /// Trials times axes for a tree, at most, and at least so many trials.
  private static let cellLimit = 400_000
  private static let leastSample = 500

  /// What one tree says, as shares of the variance.
  struct Shares {
    /// By axis.
    var single: [Double]
    var pairs: [AxisPair: Double] = [:]
  }

  /// By seed, of which each grows a tree.
  private(set) var seeds: [Shares] = []
  /// The share of the target's variance that the trees explain of trials they were not grown on;
  /// nil when there were none.
  let fit: Double?

  /// - Parameters:
  ///   - targets: one a trial, finite, of mean 0 and variance 1.
  ///   - isPermutation: whether shares are by permutation, not by the analysis of variance.
  init(
    _ axes: [BinnedAxis], targets: [Double], seeds: Int, withPairs: Bool, isPermutation: Bool
  ) {
    let shape = TreeGrower.Shape(trialCount: targets.count)
    let size = min(
      targets.count, Self.sampleLimit, max(Self.leastSample, Self.cellLimit / max(1, axes.count)))
    var predicted = [Double](repeating: 0, count: targets.count)
    var counts = [Double](repeating: 0, count: targets.count)
    for seed in 0..<seeds {
      var random = RandomStream(seed: UInt64(seed), trial: 0, purpose: 0x6661_6e6f_7661)
      let sample = ForestSample(axes, targets: targets, size: size, random: &random)
      let tree = TreeGrower.grow(sample, shape)
      let stride = 1 + sample.heldOut.count / Self.sampleLimit
      let heldOut = sample.heldOut.indices.filter { $0 % stride == 0 }.map { sample.heldOut[$0] }
      for row in heldOut {
        predicted[row] += tree.predict(row, sample.codes)
        counts[row] += 1
      }
      self.seeds.append(
        isPermutation
          ? Self.permuted(tree, sample, heldOut, targets, &random)
          : Self.decomposed(tree, sample, withPairs: withPairs))
    }
    fit = Self.fit(predicted, counts, targets)
  }

  private static func decomposed(
    _ tree: RegressionTree, _ sample: ForestSample, withPairs: Bool
  ) -> Shares {
    let parts = FunctionalANOVA(of: tree, shares: sample.shares, withPairs: withPairs)
    guard parts.variance > 0 else { return Shares(single: parts.main.map { _ in 0 }) }
    return Shares(
      single: parts.main.map { $0 / parts.variance },
      pairs: parts.pairs.mapValues { $0 / parts.variance })
  }

  /// By how much the squared error of trials that were not drawn rises when the values of one
  /// parameter change places among them. Half of it, in units of the variance, is the share that
  /// the parameter has alone and together with others, where parameters are independent.
  ///
  /// Source: Breiman (2001), "Random forests", section 10; halved as in Jansen (1999).
  private static func permuted(
    _ tree: RegressionTree, _ sample: ForestSample, _ heldOut: [Int], _ targets: [Double],
    _ random: inout RandomStream
  ) -> Shares {
    var shares = Shares(single: sample.shares.map { _ in 0 })
    guard heldOut.count > 1 else { return shares }
    func error(_ codes: [[UInt16]]) -> Double {
      heldOut.reduce(0) { sum, row in
        let difference = tree.predict(row, codes) - targets[row]
        return sum + difference * difference
      }
    }
    let base = error(sample.codes)
    let mean = heldOut.reduce(0) { $0 + targets[$1] } / Double(heldOut.count)
    let spread = heldOut.reduce(0) { $0 + (targets[$1] - mean) * (targets[$1] - mean) }
    guard spread > 0 else { return shares }
    let used = Set(tree.nodes.lazy.filter { !$0.isLeaf }.map { Int($0.axis) })
    var codes = sample.codes
    for axis in used.sorted() {
      var shuffled = heldOut
      for place in stride(from: shuffled.count - 1, to: 0, by: -1) {
        shuffled.swapAt(place, Int(random.integer(below: UInt64(place + 1))))
      }
      for (row, other) in zip(heldOut, shuffled) { codes[axis][row] = sample.codes[axis][other] }
      shares.single[axis] = 0.5 * (error(codes) - base) / spread
      codes[axis] = sample.codes[axis]
    }
    return shares
  }

  private static func fit(
    _ predicted: [Double], _ counts: [Double], _ targets: [Double]
  ) -> Double? {
    let rows = targets.indices.filter { counts[$0] > 0 }
    guard rows.count > 1 else { return nil }
    let mean = rows.reduce(0) { $0 + targets[$1] } / Double(rows.count)
    var (error, spread) = (0.0, 0.0)
    for row in rows {
      let difference = targets[row] - predicted[row] / counts[row]
      error += difference * difference
      spread += (targets[row] - mean) * (targets[row] - mean)
    }
    return spread > 0 ? 1 - error / spread : nil
  }
}
