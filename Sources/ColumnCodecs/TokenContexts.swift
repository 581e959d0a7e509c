// The context of a token: how large its two predecessors were. Curves are calm in one trial and
// wild in the next; a frequency table for each keeps the calm from paying for the wild.

import Glibc

/// Into which classes contexts fall. A context is the sum of the levels of the two tokens before,
/// 0 to 128; a class is a range of them.
struct TokenContexts: Equatable {
  static let count = 129
  static let mostClasses = 8

  /// The first context of every class but the first, ascending.
  let starts: [UInt8]

  var classCount: Int { starts.count + 1 }

  /// The class of every context.
  var classes: [Int] {
    var classes: [Int] = []
    classes.reserveCapacity(Self.count)
    for (index, start) in starts.enumerated() {
      classes += repeatElement(index, count: Int(start) - classes.count)
    }
    return classes + repeatElement(starts.count, count: Self.count - classes.count)
  }

  static let single = TokenContexts(starts: [])

  private init(starts: [UInt8]) { self.starts = starts }

  /// Reads the first contexts of all classes but the first.
  init(classCount: Int, _ cursor: inout ByteCursor) throws(ColumnBlockError) {
    guard classCount <= Self.mostClasses else {
      throw .invalid(what: "the number of classes", value: UInt64(classCount))
    }
    var starts: [UInt8] = []
    for _ in 1..<classCount {
      let start = try cursor.byte("classes of contexts")
      guard start > starts.last ?? 0, start < Self.count else {
        throw .invalid(what: "the first context of a class", value: UInt64(start))
      }
      starts.append(start)
    }
    self.starts = starts
  }

  /// The classes that make the whole shortest, tables included, found among those that begin at
  /// borders of 16 groups of contexts, each of about as many tokens.
  ///
  /// - Parameter counts: how often each token follows each context: `count × tokens`.
  static func best(_ counts: [Int], tokens: Int) -> TokenContexts {
    let groups = groupsOfEqualSize(counts, tokens: tokens)
    guard groups.count > 1 else { return single }
    // The shortest way to code the groups up to `end` in `classes` classes.
    let none = Way(bits: .infinity, starts: [])
    var ways = [Way](repeating: none, count: groups.count + 1)
    ways[0].bits = 0
    var best = none
    let cost = (0..<groups.count).map { first in
      costs(of: groups[first...], tokens: tokens)
    }
    for _ in 0..<mostClasses {
      var longer = [Way](repeating: none, count: groups.count + 1)
      for end in 1...groups.count {
        for first in 0..<end where ways[first].bits < .infinity {
          let bits = ways[first].bits + cost[first][end - first - 1]
          if bits < longer[end].bits {
            longer[end] = Way(bits: bits, starts: ways[first].starts + [groups[first].start])
          }
        }
      }
      ways = longer
      if ways[groups.count].bits < best.bits { best = ways[groups.count] }
    }
    return TokenContexts(starts: best.starts.dropFirst().map { UInt8($0) })
  }

  private struct Way {
    var bits: Double
    var starts: [Int]
  }

  /// Contexts from `start` on, and how often each token follows one of them.
  private struct Group {
    let start: Int
    var counts: [Int]
  }

  private static func groupsOfEqualSize(_ counts: [Int], tokens: Int) -> [Group] {
    let total = counts.reduce(0, +)
    var groups: [Group] = []
    var inLast = 0
    for context in 0..<count {
      let row = counts[(context * tokens)..<((context + 1) * tokens)]
      let size = row.reduce(0, +)
      guard size > 0 else { continue }
      if groups.isEmpty || inLast * 16 >= total {
        groups.append(Group(start: groups.isEmpty ? 0 : context, counts: Array(row)))
        inLast = size
      } else {
        for (token, each) in row.enumerated() { groups[groups.count - 1].counts[token] += each }
        inLast += size
      }
    }
    return groups
  }

  /// The bits of the first group alone, of the first two as one class, and so on.
  private static func costs(of groups: ArraySlice<Group>, tokens: Int) -> [Double] {
    var sum = [Int](repeating: 0, count: tokens)
    return groups.map { group in
      for token in 0..<tokens { sum[token] += group.counts[token] }
      return Entropy.bits(sum) + Double(7 * sum.count { $0 > 0 } + 16)
    }
  }
}

/// Lengths that no code can go below.
enum Entropy {
  /// `n · log2(n)` for every n up to a block's values.
  private static let products: [Double] = (0...ColumnBlock.capacity).map {
    $0 == 0 ? 0 : Double($0) * log2(Double($0))
  }

  /// How many bits symbols take that occur so often, together at most a block's values.
  static func bits(_ counts: [Int]) -> Double {
    var total = 0
    var sum = 0.0
    for count in counts where count > 0 {
      total += count
      sum += products[count]
    }
    return products[total] - sum
  }
}
