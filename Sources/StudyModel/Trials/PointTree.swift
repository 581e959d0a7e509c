// The series of a trial that is not packed away yet: points by step, in whatever order they
// come. A B-tree whose nodes know what the points below them come to, so that a report costs the
// same at the end, at the beginning and in the middle of a series, and the summary is always at
// hand.

struct PointTree: Sendable {
  private var root = Box(Node())

  /// How many points a leaf holds.
  static let leafSize = 128
  /// How many children a node has.
  static let width = 32

  fileprivate struct Node: Boxed {
    var summary = SeriesSummary()
    /// Empty in a leaf.
    var children: [Box<Node>] = []
    /// By ascending step; empty but in a leaf.
    var points: [MetricPoint] = []

    var copyCost: Int { children.count + points.count }
    var isLeaf: Bool { children.isEmpty }

    init() {}

    init(_ points: [MetricPoint]) {
      self.points = points
      summarize()
    }

    init(_ children: [Box<Node>]) {
      self.children = children
      summarize()
    }

    mutating func summarize() {
      summary = SeriesSummary()
      for point in points { summary.add(point) }
      for child in children { summary.append(child.value.summary) }
      WorkMeter.current?.count { $0.movedPoints += points.count + children.count }
    }

    /// The place of the first point at `step` or behind.
    func place(of step: Int64) -> Int {
      if points.last.map({ $0.step < step }) ?? true { return points.count }
      return points.firstPlace { $0.step >= step }
    }

    /// The child in which `step` is, or would be.
    func child(of step: Int64) -> Int {
      max(0, children.firstPlace { $0.value.summary.first.step > step } - 1)
    }
  }

  var summary: SeriesSummary { root.value.summary }
  var isEmpty: Bool { summary.count == 0 }

  /// Puts a point in its place; the one that was at its step is gone.
  ///
  /// - Complexity: O(log n).
  mutating func set(_ point: MetricPoint) {
    var whole = summary
    guard let right = Self.set(&root, point).split else { return }
    // A point was added, or nothing had been split: the sum goes on as it was added up so far.
    whole.add(point)
    root = Box(Node([root, right]))
    root.value.summary = whole
  }

  /// - Returns: whether a point was replaced, and what had to be split off behind `box`.
  private static func set(
    _ box: inout Box<Node>, _ point: MetricPoint
  ) -> (replaced: Bool, split: Box<Node>?) {
    if box.value.isLeaf { return box.value.setInLeaf(point) }
    let child = box.value.child(of: point.step)
    let (replaced, split) = set(&box.value.children[child], point)
    if let split { box.value.children.insert(split, at: child + 1) }
    if replaced { box.value.summarize() } else { box.value.summary.add(point) }
    guard box.value.children.count > width else { return (replaced, nil) }
    // What grows at its end leaves full nodes behind.
    let isAtEnd = child + 2 == box.value.children.count
    return (replaced, box.value.split(childrenFrom: isAtEnd ? width : width / 2))
  }

  /// Takes away all points at `step` and behind.
  ///
  /// - Complexity: O(log n), and O(1) for each that goes.
  mutating func removeAll(from step: Int64) {
    guard !isEmpty, summary.last.step >= step else { return }
    Self.removeAll(&root, from: step)
  }

  private static func removeAll(_ box: inout Box<Node>, from step: Int64) {
    if box.value.isLeaf {
      let place = box.value.place(of: step)
      box.value.points.removeSubrange(place...)
    } else {
      let child = box.value.child(of: step)
      box.value.children.removeSubrange((child + 1)...)
      removeAll(&box.value.children[child], from: step)
      if box.value.children[child].value.summary.count == 0 {
        box.value.children.removeLast()
      }
    }
    box.value.summarize()
  }

  /// - Complexity: O(log n).
  func value(atStep step: Int64) -> Double? {
    var node = root
    while !node.value.isLeaf { node = node.value.children[node.value.child(of: step)] }
    let place = node.value.place(of: step)
    guard place < node.value.points.count, node.value.points[place].step == step else {
      return nil
    }
    return node.value.points[place].value
  }

  /// By ascending step.
  var points: [MetricPoint] {
    var points: [MetricPoint] = []
    points.reserveCapacity(summary.count)
    Self.collect(root, into: &points)
    return points
  }

  private static func collect(_ box: Box<Node>, into points: inout [MetricPoint]) {
    points += box.value.points
    for child in box.value.children { collect(child, into: &points) }
  }
}

extension PointTree.Node {
  fileprivate mutating func setInLeaf(
    _ point: MetricPoint
  ) -> (replaced: Bool, split: Box<PointTree.Node>?) {
    let place = place(of: point.step)
    if place < points.count, points[place].step == point.step {
      points[place] = point
      summarize()
      return (true, nil)
    }
    if place < points.count {
      let moved = points.count - place
      WorkMeter.current?.count { $0.movedPoints += moved }
    }
    points.insert(point, at: place)
    guard points.count > PointTree.leafSize else {
      summary.add(point)
      return (false, nil)
    }
    let middle = place == points.count - 1 ? place : points.count / 2
    let right = Box(Self(Array(points[middle...])))
    points.removeSubrange(middle...)
    if middle < PointTree.leafSize { summarize() }
    return (false, right)
  }

  fileprivate mutating func split(childrenFrom middle: Int) -> Box<PointTree.Node> {
    let right = Box(Self(Array(children[middle...])))
    children.removeSubrange(middle...)
    summarize()
    return right
  }
}
