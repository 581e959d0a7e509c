// The map under everything that may become large: from whole numbers to values, in the order of
// the keys, and persistent, that is, a copy of it costs nothing and a change to one of two copies
// costs a path from the root.
//
// A radix tree with 32 ways a node in which nodes with a single child are left out: its depth is
// the logarithm of how many keys there are, and at most 13 whatever they are.
//
// Source: Okasaki & Gill (1998), "Fast mergeable integer maps"; Bagwell (2001), "Ideal hash
// trees", for nodes that hold only what is there.

struct IntegerMap<Value: Sendable>: Sendable {
  private var root: Box<Node>?
  private(set) var count = 0

  fileprivate struct Node: Boxed {
    /// What all keys below have in common: their bits above the five that this node tells apart.
    let prefix: UInt64
    /// Where the five bits begin; 0: a leaf.
    let shift: UInt64
    /// Which of 32 places are taken. What is there lies in `children`, or in a leaf's `values`.
    var taken: UInt32
    var children: [Box<Node>] = []
    var values: [Value] = []

    var copyCost: Int { children.count + values.count }
    var isLeaf: Bool { shift == 0 }
    var smallestKey: UInt64 { prefix << (shift + 5) }
    var largestKey: UInt64 { smallestKey | ~(UInt64.max << (shift + 5)) }

    init(leafOf key: UInt64, _ value: Value) {
      prefix = key >> 5
      shift = 0
      taken = 1 << UInt32(key & 31)
      values = [value]
    }

    /// The parent of `node` and of a leaf for `key`, which does not belong below `node`.
    init(over node: Box<Node>, and key: UInt64, _ value: Value) {
      let other = node.value.smallestKey
      let highest = 63 - UInt64((key ^ other).leadingZeroBitCount)
      shift = highest / 5 * 5
      prefix = key >> (shift + 5)
      let (slot, otherSlot) = ((key >> shift) & 31, (other >> shift) & 31)
      taken = 1 << UInt32(slot) | 1 << UInt32(otherSlot)
      let leaf = Box(Node(leafOf: key, value))
      children = slot < otherSlot ? [leaf, node] : [node, leaf]
    }

    func mayHold(_ key: UInt64) -> Bool { key >> (shift + 5) == prefix }

    func bit(of key: UInt64) -> UInt32 { 1 << UInt32((key >> shift) & 31) }

    /// Where what belongs to `bit` is, or would be.
    func place(of bit: UInt32) -> Int { (taken & (bit - 1)).nonzeroBitCount }
  }

  init() {}

  var isEmpty: Bool { count == 0 }

  /// - Complexity: O(log n).
  subscript(key: UInt64) -> Value? {
    get {
      guard var box = root else { return nil }
      while true {
        let bit = box.value.bit(of: key)
        guard box.value.mayHold(key), box.value.taken & bit != 0 else { return nil }
        let place = box.value.place(of: bit)
        if box.value.isLeaf { return box.value.values[place] }
        box = box.value.children[place]
      }
    }
    set {
      guard let newValue else { return remove(key) }
      if modify(key, { $0 = newValue }) == nil { insert(key, newValue) }
    }
  }

  func contains(_ key: UInt64) -> Bool { self[key] != nil }

  /// Changes the value of `key` where it is.
  ///
  /// - Returns: what `body` does; nil when there is no such key.
  @discardableResult
  mutating func modify<Result>(_ key: UInt64, _ body: (inout Value) -> Result) -> Result? {
    guard contains(key) else { return nil }
    return Self.modify(&root!, key, body)
  }

  private static func modify<Result>(
    _ box: inout Box<Node>, _ key: UInt64, _ body: (inout Value) -> Result
  ) -> Result {
    let place = box.value.place(of: box.value.bit(of: key))
    if box.value.isLeaf { return body(&box.value.values[place]) }
    return modify(&box.value.children[place], key, body)
  }

  /// Changes the value of `key` where it is, or that of `missing` where there was none.
  mutating func update<Result>(
    _ key: UInt64, orInsert missing: @autoclosure () -> Value, _ body: (inout Value) -> Result
  ) -> Result {
    if !contains(key) { insert(key, missing()) }
    return Self.modify(&root!, key, body)
  }

  private mutating func insert(_ key: UInt64, _ value: Value) {
    count += 1
    if root == nil {
      root = Box(Node(leafOf: key, value))
    } else {
      Self.insert(&root!, key, value)
    }
  }

  private static func insert(_ box: inout Box<Node>, _ key: UInt64, _ value: Value) {
    guard box.value.mayHold(key) else {
      box = Box(Node(over: box, and: key, value))
      return
    }
    let bit = box.value.bit(of: key)
    let place = box.value.place(of: bit)
    if box.value.isLeaf {
      box.value.values.insert(value, at: place)
    } else if box.value.taken & bit == 0 {
      box.value.children.insert(Box(Node(leafOf: key, value)), at: place)
    } else {
      insert(&box.value.children[place], key, value)
    }
    box.value.taken |= bit
  }

  private mutating func remove(_ key: UInt64) {
    guard contains(key) else { return }
    count -= 1
    if count == 0 { root = nil } else { Self.remove(&root!, key) }
  }

  private static func remove(_ box: inout Box<Node>, _ key: UInt64) {
    let bit = box.value.bit(of: key)
    let place = box.value.place(of: bit)
    if box.value.isLeaf {
      box.value.values.remove(at: place)
      box.value.taken &= ~bit
      return
    }
    remove(&box.value.children[place], key)
    if box.value.children[place].value.taken == 0 {
      box.value.children.remove(at: place)
      box.value.taken &= ~bit
    }
    if box.value.children.count == 1 {
      let only = box.value.children[0]
      box = only
    }
  }
}

extension IntegerMap {
  /// Its keys and values by ascending key, from `lower` on.
  ///
  /// - Complexity: O(log n) to begin, O(1) amortised for each.
  func entries(from lower: UInt64 = 0) -> Entries { Entries(root, from: lower) }

  struct Entries: Sequence, IteratorProtocol {
    /// The way to what comes next: nodes, and which of their places are still to be visited.
    private var path: [(node: Box<Node>, left: UInt32)] = []
    private let lower: UInt64

    fileprivate init(_ root: Box<Node>?, from lower: UInt64) {
      self.lower = lower
      if let root { descend(into: root) }
    }

    private mutating func descend(into node: Box<Node>) {
      guard node.value.largestKey >= lower else { return }
      var left = node.value.taken
      if node.value.smallestKey < lower {
        left &= UInt32.max << UInt32((lower >> node.value.shift) & 31)
      }
      path.append((node, left))
    }

    mutating func next() -> (key: UInt64, value: Value)? {
      while let (node, left) = path.last {
        guard left != 0 else {
          path.removeLast()
          continue
        }
        let slot = left.trailingZeroBitCount
        path[path.count - 1].left = left & (left - 1)
        let place = node.value.place(of: 1 << UInt32(slot))
        if node.value.isLeaf {
          return (node.value.smallestKey | UInt64(slot), node.value.values[place])
        }
        descend(into: node.value.children[place])
      }
      return nil
    }
  }
}
