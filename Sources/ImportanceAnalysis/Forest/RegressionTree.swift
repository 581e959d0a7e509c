// A regression tree over binned axes.

/// Nodes in the order in which they were made, children behind their parents.
struct RegressionTree {
  struct Node {
    /// The axis it splits on; −1 of a leaf.
    var axis: Int32
    /// Bins up to this one go to the left.
    var threshold: UInt16
    /// The left child; the right one follows it.
    var left: Int32
    /// The mean of the targets.
    var value: Double

    var isLeaf: Bool { axis < 0 }
  }

  let nodes: [Node]

  /// The value of the leaf in which `row` ends.
  func predict(_ row: Int, _ codes: [[UInt16]]) -> Double {
    var index = 0
    while true {
      let node = nodes[index]
      if node.isLeaf { return node.value }
      let goesLeft = codes[Int(node.axis)][row] <= node.threshold
      index = Int(node.left) + (goesLeft ? 0 : 1)
    }
  }

  /// A leaf's range of bins on every axis that the way to it splits.
  struct Box {
    var axes: [Int] = []
    /// By axis, of those in `axes`.
    var low: [Int]
    var high: [Int]
  }

  /// Calls `body` with each leaf's value and box.
  ///
  /// - Parameter binCounts: by axis.
  func forEachLeaf(_ binCounts: [Int], _ body: (Double, Box) -> Void) {
    var box = Box(low: binCounts.map { _ in 0 }, high: binCounts)
    visit(0, &box, body)
  }

  private func visit(_ index: Int, _ box: inout Box, _ body: (Double, Box) -> Void) {
    let node = nodes[index]
    guard !node.isLeaf else { return body(node.value, box) }
    let axis = Int(node.axis)
    let (low, high) = (box.low[axis], box.high[axis])
    let isNew = !box.axes.contains(axis)
    if isNew { box.axes.append(axis) }
    let edge = Int(node.threshold) + 1
    box.high[axis] = edge
    visit(Int(node.left), &box, body)
    (box.low[axis], box.high[axis]) = (edge, high)
    visit(Int(node.left) + 1, &box, body)
    box.low[axis] = low
    if isNew { box.axes.removeLast() }
  }
}
