// What the trees of one seed are grown on: a bootstrap sample of the trials.

import Numerics

/// Trials drawn with replacement, each once with its count, and those that were not drawn, to judge
/// the trees by.
///
/// - A parameter that a trial lacks did nothing there: its bin is drawn from the domain, anew for
///   each seed, so that no tree finds anything in it.
/// - Choices without an order are put in the order of the means of the target over the sample,
///   among which the best split of one axis is always one between neighbours (Fisher 1958).
struct ForestSample {
  /// Drawn trials, each once.
  let rows: [Int]
  /// How often each was drawn.
  let counts: [Int32]
  /// The sum of the targets of each: count times target.
  let sums: [Double]
  /// Trials that were not drawn.
  let heldOut: [Int]
  /// Bins of all trials, axis by axis.
  let codes: [[UInt16]]
  /// Shares of the domain in front of each bin, axis by axis: see ``BinnedAxis/shares``.
  let shares: [[Double]]

  /// - Parameters:
  ///   - size: how many are drawn.
  ///   - targets: one a trial.
  init(_ axes: [BinnedAxis], targets: [Double], size: Int, random: inout RandomStream) {
    var drawn = [Int32](repeating: 0, count: targets.count)
    for _ in 0..<size { drawn[Int(random.integer(below: UInt64(targets.count)))] += 1 }
    rows = drawn.indices.filter { drawn[$0] > 0 }
    heldOut = drawn.indices.filter { drawn[$0] == 0 }
    counts = rows.map { drawn[$0] }
    sums = rows.map { Double(drawn[$0]) * targets[$0] }

    var codes: [[UInt16]] = []
    var shares: [[Double]] = []
    for axis in axes {
      let order = axis.isNominal ? Self.order(of: axis, drawn, targets) : nil
      if let order {
        var place = [UInt16](repeating: 0, count: order.count)
        for (index, bin) in order.enumerated() { place[bin] = UInt16(index) }
        codes.append(axis.codes.map { $0 == BinnedAxis.absent ? $0 : place[Int($0)] })
        var sum = 0.0
        shares.append(
          [0]
            + order.map { bin in
              sum += axis.shares[bin + 1] - axis.shares[bin]
              return sum
            })
        shares[shares.count - 1][order.count] = 1
      } else {
        codes.append(axis.codes)
        shares.append(axis.shares)
      }
      for row in codes[codes.count - 1].indices
      where codes[codes.count - 1][row] == BinnedAxis.absent {
        codes[codes.count - 1][row] = Self.bin(at: random.uniform(), in: shares[shares.count - 1])
      }
    }
    self.codes = codes
    self.shares = shares
  }

  /// Bins by the mean of the targets over the sample; those without any by the mean of all.
  private static func order(
    of axis: BinnedAxis, _ drawn: [Int32], _ targets: [Double]
  ) -> [Int] {
    var sums = [Double](repeating: 0, count: axis.binCount)
    var counts = [Double](repeating: 0, count: axis.binCount)
    for (row, code) in axis.codes.enumerated() where code != BinnedAxis.absent && drawn[row] > 0 {
      sums[Int(code)] += Double(drawn[row]) * targets[row]
      counts[Int(code)] += Double(drawn[row])
    }
    let mean = sums.reduce(0, +) / max(1, counts.reduce(0, +))
    let means = zip(sums, counts).map { $1 > 0 ? $0 / $1 : mean }
    return means.indices.sorted { (means[$0], $0) < (means[$1], $1) }
  }

  /// The bin in which the share `u` of a domain ends.
  private static func bin(at u: Double, in shares: [Double]) -> UInt16 {
    var (low, high) = (0, shares.count - 2)
    while low < high {
      let middle = (low + high + 1) / 2
      if shares[middle] <= u { low = middle } else { high = middle - 1 }
    }
    return UInt16(low)
  }
}
