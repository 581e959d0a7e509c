// Grows regression trees by least squares (Breiman et al. 1984), exactly over the bins: the drawn
// trials are sorted once along every axis, and every split divides these lists in their order, so
// that a node costs no sorting.

struct TreeGrower {
  /// What trees are like.
  struct Shape {
    /// Trials in a leaf, at least.
    var leafSize: Int
    /// Splits on the way to a leaf, at most.
    var depth = 64

    /// What came nearest to the parts of Friedman's, Branin's and Hartmann's functions and of one
    /// like a learning rate's, of 200 and 1,000 trials with and without noise: leaves of one trial
    /// take noise for what parameters do together, and large ones of short histories miss what is
    /// there. Trees that try only some axes at a node, as those of random forests, were twice as
    /// far from them: they split on what does little.
    init(trialCount: Int) { leafSize = trialCount < 500 ? 3 : 5 }
  }

  private struct Open {
    let node: Int
    let range: Range<Int>
    let depth: Int
    let count: Int
    let sum: Double
  }

  private struct Split {
    var gain: Double
    var axis = -1
    var threshold: UInt16 = 0
    /// How many of the node's trials go to the left, and what they come to.
    var place = 0
    var count = 0
    var sum = 0.0
  }

  private let shape: Shape
  private let size: Int
  private let counts: [Int32]
  private let sums: [Double]
  /// Bins of the drawn trials, axis after axis.
  private let codes: [UInt16]
  /// Axes with more than one bin among them.
  private let axes: [Int]
  private let reciprocals: [Double]
  private let totalCount: Int
  private let totalSum: Double
  /// Places of the drawn trials, axis after axis, by ascending bin; every node's stand together, in
  /// all axes at the same places.
  private var order: [UInt16]
  private var kept: [UInt16]
  private var goesLeft: [Bool]

  /// A tree of a sample.
  ///
  /// - Complexity: O(axes · trials · depth).
  static func grow(_ sample: ForestSample, _ shape: Shape) -> RegressionTree {
    var grower = TreeGrower(sample, shape)
    return grower.grow()
  }

  private init(_ sample: ForestSample, _ shape: Shape) {
    self.shape = shape
    size = sample.rows.count
    precondition(size < Int(UInt16.max), "places are kept in 16 bits")
    counts = sample.counts
    sums = sample.sums
    totalCount = Int(counts.reduce(0, +))
    totalSum = sums.reduce(0, +)
    reciprocals = (0...totalCount).map { $0 == 0 ? 0 : 1 / Double($0) }
    var codes: [UInt16] = []
    var sorted: [UInt16] = []
    var axes: [Int] = []
    for (axis, all) in sample.codes.enumerated() {
      let own = sample.rows.map { all[$0] }
      codes += own
      let places = Self.places(own, binCount: sample.shares[axis].count - 1)
      sorted += places
      if let first = places.first, let last = places.last, own[Int(first)] != own[Int(last)] {
        axes.append(axis)
      }
    }
    self.codes = codes
    self.axes = axes
    order = sorted
    kept = [UInt16](repeating: 0, count: size)
    goesLeft = [Bool](repeating: false, count: size)
  }

  /// Places by ascending bin, equals by place.
  private static func places(_ codes: [UInt16], binCount: Int) -> [UInt16] {
    var starts = [Int](repeating: 0, count: binCount + 1)
    for code in codes { starts[Int(code) + 1] += 1 }
    for bin in 1..<starts.count { starts[bin] += starts[bin - 1] }
    var places = [UInt16](repeating: 0, count: codes.count)
    for (place, code) in codes.enumerated() {
      places[starts[Int(code)]] = UInt16(place)
      starts[Int(code)] += 1
    }
    return places
  }

  private mutating func grow() -> RegressionTree {
    var nodes = [Self.leaf(totalSum * reciprocals[totalCount])]
    var open = [Open(node: 0, range: 0..<size, depth: 0, count: totalCount, sum: totalSum)]
    while let next = open.popLast() {
      guard next.range.count >= 2 * shape.leafSize, next.depth < shape.depth else { continue }
      let base = next.sum * next.sum * reciprocals[next.count]
      var best = Split(gain: base + 1e-10 * (1 + base))
      for axis in axes { search(axis, next, &best) }
      guard best.axis >= 0 else { continue }
      divide(next.range, best)
      let child = nodes.count
      nodes[next.node].axis = Int32(best.axis)
      nodes[next.node].threshold = best.threshold
      nodes[next.node].left = Int32(child)
      let (count, sum) = (next.count - best.count, next.sum - best.sum)
      nodes.append(Self.leaf(best.sum * reciprocals[best.count]))
      nodes.append(Self.leaf(sum * reciprocals[count]))
      open.append(
        Open(
          node: child, range: next.range.lowerBound..<best.place, depth: next.depth + 1,
          count: best.count, sum: best.sum))
      open.append(
        Open(
          node: child + 1, range: best.place..<next.range.upperBound, depth: next.depth + 1,
          count: count, sum: sum))
    }
    return RegressionTree(nodes: nodes)
  }

  private static func leaf(_ value: Double) -> RegressionTree.Node {
    .init(axis: -1, threshold: 0, left: 0, value: value)
  }

  /// Puts into `best` the best split of a node on `axis` when it is better.
  private func search(_ axis: Int, _ node: Open, _ best: inout Split) {
    let start = axis * size
    let range = node.range
    let order = order.span.extracting(start + range.lowerBound..<start + range.upperBound)
    let codes = codes.span.extracting(start..<start + size)
    let counts = counts.span
    let sums = sums.span
    let reciprocals = reciprocals.span
    var code = codes[Int(order[0])]
    if code == codes[Int(order[order.count - 1])] { return }
    var (count, sum) = (0, 0.0)
    var gain = best.gain
    var found = -1
    let (first, last) = (shape.leafSize - 1, order.count - shape.leafSize)
    for place in 0..<last {
      let trial = Int(order[place])
      count &+= Int(counts[trial])
      sum += sums[trial]
      let next = codes[Int(order[place &+ 1])]
      if next == code { continue }
      code = next
      let rest = node.sum - sum
      let candidate =
        sum * sum * reciprocals[count] + rest * rest * reciprocals[node.count &- count]
      if candidate > gain, place >= first {
        gain = candidate
        found = place
        best.count = count
        best.sum = sum
      }
    }
    if found >= 0 {
      best.gain = gain
      best.axis = axis
      best.place = range.lowerBound + found + 1
      let (low, high) = (codes[Int(order[found])], codes[Int(order[found + 1])])
      best.threshold = low + (high - low) / 2
    }
  }

  /// Divides the lists of all axes, each in its order.
  private mutating func divide(_ range: Range<Int>, _ split: Split) {
    let own = split.axis * size
    for place in range { goesLeft[Int(order[own + place])] = place < split.place }
    for axis in axes where axis != split.axis {
      Self.partition(
        &order, axis * size + range.lowerBound..<axis * size + range.upperBound, goesLeft, &kept)
    }
  }

  private static func partition(
    _ order: inout [UInt16], _ range: Range<Int>, _ goesLeft: [Bool], _ kept: inout [UInt16]
  ) {
    var order = order.mutableSpan
    var kept = kept.mutableSpan
    let goesLeft = goesLeft.span
    var (left, right) = (range.lowerBound, 0)
    for place in range {
      let trial = order[place]
      // Written to both sides, and one of them kept: no branch to be guessed wrong.
      let step = goesLeft[Int(trial)] ? 1 : 0
      order[left] = trial
      kept[right] = trial
      left &+= step
      right &+= 1 &- step
    }
    for place in 0..<right { order[left &+ place] = kept[place] }
  }
}
