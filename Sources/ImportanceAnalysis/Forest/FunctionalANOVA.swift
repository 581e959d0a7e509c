// The functional analysis of variance of a tree, exactly. A tree is constant on boxes, and the
// boxes fill the space, so all integrals are sums over leaves.
//
// With c the value of a leaf, I_j(x) whether x is within its range on axis j, and m_j the share of
// the domain that this range has, the effect of axis j alone is
//
//     g_j(x) = Σ c · (I_j(x) − m_j) · Π_{k≠j} m_k
//
// and that of two axes together, beyond what each does alone,
//
//     g_jk(x, y) = Σ c · (I_j(x) − m_j) · (I_k(y) − m_k) · Π_{l≠j,k} m_l
//
// where only leaves count that are bounded on j (and k): elsewhere I = m = 1. Their variances are
// parts of the tree's, which are added up to here.
//
// Source: Hutter, Hoos & Leyton-Brown (2014), "An efficient approach for assessing hyperparameter
// importance", algorithm 2; here each leaf is met once, whatever the number of marginals.

/// The parts of one tree's variance over the search space.
struct FunctionalANOVA {
  /// The variance of the tree.
  private(set) var variance = 0.0
  /// By axis: what it explains alone.
  private(set) var main: [Double]
  /// By pair of axes, the smaller first: what they explain together beyond that. Empty unless asked
  /// for; pairs without an effect may be missing.
  private(set) var pairs: [AxisPair: Double] = [:]

  /// - Parameters:
  ///   - shares: by axis, the share of the domain in front of each bin, and 1.
  ///   - withPairs: whether pairs are wanted too.
  /// - Complexity: O(leaves · depth), and O(leaves · depth² + bins²) with pairs.
  init(of tree: RegressionTree, shares: [[Double]], withPairs: Bool) {
    let binCounts = shares.map { $0.count - 1 }
    var starts = [0]
    for count in binCounts { starts.append(starts[starts.count - 1] + count + 1) }
    // Of all axes one after another: by bin, by how much the effect rises there.
    var rises = [Double](repeating: 0, count: starts[binCounts.count])
    var pairEffects: [(pair: AxisPair, effect: PairEffect)] = []
    // By pair: where it is among them, or −1.
    var slots = [Int32](repeating: -1, count: withPairs ? shares.count * shares.count : 0)
    let edges = withPairs ? Self.edges(of: tree, binCounts) : []
    var mean = 0.0
    var square = 0.0
    var parts: [Double] = []

    tree.forEachLeaf(binCounts) { value, box in
      parts.removeAll(keepingCapacity: true)
      for axis in box.axes {
        parts.append(shares[axis][box.high[axis]] - shares[axis][box.low[axis]])
      }
      let size = parts.reduce(1, *)
      mean += value * size
      square += value * value * size
      for (index, axis) in box.axes.enumerated() {
        let others = size > 0 ? size / parts[index] : parts.product(without: index)
        rises[starts[axis] + box.low[axis]] += value * others
        rises[starts[axis] + box.high[axis]] -= value * others
        guard withPairs else { continue }
        for other in 0..<index {
          let rest =
            size > 0 ? others / parts[other] : parts.product(without: index, other)
          if rest == 0 { continue }
          let pair = AxisPair(axis, box.axes[other])
          let slot = pair.first * shares.count + pair.second
          if slots[slot] < 0 {
            slots[slot] = Int32(pairEffects.count)
            pairEffects.append((pair, PairEffect(edges[pair.first], edges[pair.second])))
          }
          pairEffects[Int(slots[slot])].effect.add(value * rest, pair, box)
        }
      }
    }

    variance = max(0, square - mean * mean)
    main = binCounts.indices.map { axis in
      var level = 0.0
      var (sum, squares) = (0.0, 0.0)
      for bin in 0..<binCounts[axis] {
        level += rises[starts[axis] + bin]
        let share = shares[axis][bin + 1] - shares[axis][bin]
        sum += share * level
        squares += share * level * level
      }
      return max(0, squares - sum * sum)
    }
    for (pair, effect) in pairEffects {
      pairs[pair] = effect.variance(shares[pair.first], shares[pair.second])
    }
  }

  /// By axis: the bins at which the tree splits it, with both ends.
  private static func edges(of tree: RegressionTree, _ binCounts: [Int]) -> [BinEdges] {
    var found = binCounts.map { count in [0, count] }
    for node in tree.nodes where !node.isLeaf {
      found[Int(node.axis)].append(Int(node.threshold) + 1)
    }
    return zip(found, binCounts).map { BinEdges($0, binCount: $1) }
  }
}

/// Two different axes, the smaller first.
struct AxisPair: Hashable {
  let first: Int
  let second: Int

  init(_ a: Int, _ b: Int) { (first, second) = (min(a, b), max(a, b)) }
}

/// Where a tree splits one axis.
private struct BinEdges {
  /// Ascending, from 0 to the number of bins.
  let bins: [Int]
  /// By bin: its place in `bins`.
  let places: [Int32]

  init(_ found: [Int], binCount: Int) {
    var isEdge = [Bool](repeating: false, count: binCount + 1)
    for bin in found { isEdge[bin] = true }
    bins = isEdge.indices.filter { isEdge[$0] }
    var places = [Int32](repeating: 0, count: binCount + 1)
    for (place, bin) in bins.enumerated() { places[bin] = Int32(place) }
    self.places = places
  }

  func widths(_ shares: [Double]) -> [Double] {
    zip(bins, bins.dropFirst()).map { shares[$1] - shares[$0] }
  }
}

/// The sum over leaves of `c · I_j(x) · I_k(y) · Π m_l`, as the rises of a function on a grid.
private struct PairEffect {
  private let first: BinEdges
  private let second: BinEdges
  private var rises: [Double]

  init(_ first: BinEdges, _ second: BinEdges) {
    self.first = first
    self.second = second
    rises = [Double](repeating: 0, count: first.bins.count * second.bins.count)
  }

  mutating func add(_ value: Double, _ pair: AxisPair, _ box: RegressionTree.Box) {
    let width = second.bins.count
    let top = Int(first.places[box.low[pair.first]]) * width
    let bottom = Int(first.places[box.high[pair.first]]) * width
    let left = Int(second.places[box.low[pair.second]])
    let right = Int(second.places[box.high[pair.second]])
    rises[top + left] += value
    rises[top + right] -= value
    rises[bottom + left] -= value
    rises[bottom + right] += value
  }

  /// The variance of what is left of the sum when the means over each axis are taken off.
  func variance(_ firstShares: [Double], _ secondShares: [Double]) -> Double {
    let rows = first.widths(firstShares)
    let columns = second.widths(secondShares)
    let width = second.bins.count
    var levels = [Double](repeating: 0, count: width)
    var columnMeans = [Double](repeating: 0, count: columns.count)
    var (squares, rowSquares, mean) = (0.0, 0.0, 0.0)
    for (row, rowShare) in rows.enumerated() {
      var (level, rowSum, rowSquare) = (0.0, 0.0, 0.0)
      for (column, columnShare) in columns.enumerated() {
        levels[column] += rises[row * width + column]
        level += levels[column]
        rowSum += columnShare * level
        rowSquare += columnShare * level * level
        columnMeans[column] += rowShare * level
      }
      squares += rowShare * rowSquare
      rowSquares += rowShare * rowSum * rowSum
      mean += rowShare * rowSum
    }
    let columnSquares = zip(columns, columnMeans).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    return max(0, squares - rowSquares - columnSquares + mean * mean)
  }
}

extension [Double] {
  /// The product of all but two.
  fileprivate func product(without one: Int, _ other: Int? = nil) -> Double {
    indices.reduce(1) { $1 == one || $1 == other ? $0 : $0 * self[$1] }
  }
}
