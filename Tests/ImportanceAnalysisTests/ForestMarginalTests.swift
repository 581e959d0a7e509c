import Numerics
import StudyModel
import Testing

@testable import ImportanceAnalysis

/// A tree's variance and its parts against plain averages over every point of a small grid.
@Suite struct ForestMarginalTests {
  private static let domains: [Distribution] = [
    .int(0, 4), .strings(["a", "b", "c"]), .int(1, 8, log: true), .float(0, 1, step: 0.25),
  ]

  /// A forest's sample of random trials, of which some lack the last parameter.
  private static func sample(seed: UInt64) -> (ForestSample, RegressionTree) {
    var random = RandomStream(seed: seed, trial: 0)
    var columns = domains.map { _ in [Double]() }
    var targets: [Double] = []
    for _ in 0..<80 {
      let point = [
        Double(random.integer(below: 5)), Double(random.integer(below: 3)),
        Double(1 + random.integer(below: 8)), Double(random.integer(below: 5)) / 4,
      ]
      for (axis, value) in point.enumerated() { columns[axis].append(value) }
      if random.uniform() < 0.2 { columns[3][columns[3].count - 1] = .nan }
      targets.append(point[0] * (point[1] - 1) + point[2] / 4 + random.uniform())
    }
    let axes = zip(columns, domains).map { BinnedAxis($0, of: $1) }
    let sample = ForestSample(axes, targets: targets, size: 80, random: &random)
    return (sample, TreeGrower.grow(sample, TreeGrower.Shape(trialCount: 80)))
  }

  /// The mean of `function` over all points of the grid, of which the axes in `fixed` are given.
  private static func mean(
    _ shares: [[Double]], fixed: [Int: Int], _ function: ([Int]) -> Double
  ) -> Double {
    func sum(_ axis: Int, _ point: [Int]) -> Double {
      if axis == shares.count { return function(point) }
      if let bin = fixed[axis] { return sum(axis + 1, point + [bin]) }
      return (0..<shares[axis].count - 1).reduce(0) { total, bin in
        total + (shares[axis][bin + 1] - shares[axis][bin]) * sum(axis + 1, point + [bin])
      }
    }
    return sum(0, [])
  }

  @Test(arguments: UInt64(0)..<4)
  func `parts of the variance are those of brute force`(seed: UInt64) {
    let (sample, tree) = Self.sample(seed: seed)
    let shares = sample.shares
    #expect(tree.nodes.count > 20)
    func value(_ point: [Int]) -> Double {
      tree.predict(0, point.map { [UInt16($0)] })
    }
    func variance(along axes: [Int]) -> Double {
      let mean = Self.mean(shares, fixed: [:], value)
      // All other axes at one bin: the mean over them is taken below.
      let others = shares.indices.filter { !axes.contains($0) }.map { ($0, 0) }
      let square = Self.mean(shares, fixed: Dictionary(uniqueKeysWithValues: others)) { point in
        let fixed = Dictionary(uniqueKeysWithValues: axes.map { ($0, point[$0]) })
        let marginal = Self.mean(shares, fixed: fixed, value)
        return marginal * marginal
      }
      return square - mean * mean
    }
    let parts = FunctionalANOVA(of: tree, shares: shares, withPairs: true)
    let mean = Self.mean(shares, fixed: [:], value)
    let square = Self.mean(shares, fixed: [:]) { value($0) * value($0) }
    #expect(abs(parts.variance - (square - mean * mean)) < 1e-10)
    for axis in shares.indices {
      #expect(abs(parts.main[axis] - variance(along: [axis])) < 1e-10)
      for other in 0..<axis {
        let together =
          variance(along: [axis, other]) - variance(along: [axis]) - variance(along: [other])
        #expect(abs((parts.pairs[AxisPair(axis, other)] ?? 0) - together) < 1e-10)
      }
    }
  }

  @Test func `leaves fill the space once`() {
    let (sample, tree) = Self.sample(seed: 9)
    var size = 0.0
    tree.forEachLeaf(sample.shares.map { $0.count - 1 }) { _, box in
      size += sample.shares.indices.reduce(1) { product, axis in
        product * (sample.shares[axis][box.high[axis]] - sample.shares[axis][box.low[axis]])
      }
    }
    #expect(abs(size - 1) < 1e-12)
  }

  @Test func `every split lessens the squared error, and leaves hold what they promise`() {
    let (sample, tree) = Self.sample(seed: 5)
    let leaf = Dictionary(
      grouping: sample.rows.indices, by: { tree.predict(sample.rows[$0], sample.codes) })
    for (value, members) in leaf {
      let count = members.reduce(0) { $0 + Int(sample.counts[$1]) }
      let sum = members.reduce(0) { $0 + sample.sums[$1] }
      #expect(abs(value - sum / Double(count)) < 1e-9)
      #expect(members.count >= 3)
    }
  }
}
