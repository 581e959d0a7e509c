// Every bit comes back, whatever the values: more than a million of many distributions.

import Testing

@testable import ColumnCodecs

struct RoundTripTests {
  private func expectSame(_ values: [Double], _ comment: Comment) throws {
    let block = ColumnBlock.encode(values)
    let back = try ColumnBlock.floats(block, block.indices)
    #expect(back.map(\.bitPattern) == values.map(\.bitPattern), comment)
    #expect(block.count <= ColumnBlock.headerSize + 8 * values.count, comment)
    #expect(try ColumnBlock.summary(of: block, block.indices).count == values.count)
  }

  @Test(arguments: FloatKind.allCases)
  func `floating-point numbers keep every bit`(_ kind: FloatKind) throws {
    var random = SplitMix(seed: 1)
    for count in [ColumnBlock.capacity, ColumnBlock.capacity, 15_001] {
      let values = kind.values(count, &random)
      try expectSame(values, "\(kind)")
    }
  }

  @Test(arguments: FloatKind.allCases)
  func `so do columns that odd values were strewn into`(_ kind: FloatKind) throws {
    var random = SplitMix(seed: 2)
    for rarity in [2, 10, 200] as [UInt64] {
      let values = kind.values(1500, &random).map {
        random.next() % rarity == 0
          ? FloatKind.odd[Int(random.next() % UInt64(FloatKind.odd.count))] : $0
      }
      try expectSame(values, "\(kind), one in \(rarity)")
    }
  }

  @Test(arguments: FloatKind.allCases)
  func `so do columns of every small size`(_ kind: FloatKind) throws {
    var random = SplitMix(seed: 3)
    for count in 0...40 { try expectSame(kind.values(count, &random), "\(count) of \(kind)") }
  }

  /// Columns of integers by name.
  enum IntegerKind: String, CaseIterable {
    case anyBits, limits, constant, stride, steps, times, jitter, counts, codes, small, square
    case cube, ascendingLarge, alternatingLimits

    func values(_ count: Int, _ random: inout SplitMix) -> [Int64] {
      var time: Int64 = 1_700_000_000_000
      return (0..<count).map { index in
        let place = Int64(index)
        switch self {
        case .anyBits: return Int64(bitPattern: random.next())
        case .limits: return [.min, .max, 0, -1, 1, .min + 1][Int(random.next() % 6)]
        case .constant: return -7
        case .stride: return place * 1000 - 5
        case .steps: return place % 100
        case .times:
          time += 60_000 + Int64(random.next() % 2000)
          return time
        case .jitter: return place * 1_000_000 + Int64(random.next() % 7)
        case .counts: return Int64(random.next() % 3 * (random.next() % 50))
        case .codes: return Int64(random.next() % 5) * 1_000_003
        case .small: return Int64(random.next() % 2)
        case .square: return place * place
        case .cube: return place * place * place
        case .ascendingLarge: return Int64.min &+ place &* 0x7FF_FFFF_FFFF
        case .alternatingLimits: return index % 2 == 0 ? .min : .max
        }
      }
    }
  }

  @Test(arguments: IntegerKind.allCases)
  func `integers come back`(_ kind: IntegerKind) throws {
    var random = SplitMix(seed: 4)
    for count in Array(0...40) + [1000, 5003, ColumnBlock.capacity] {
      let values = kind.values(count, &random)
      let block = ColumnBlock.encode(values)
      #expect(try ColumnBlock.integers(block, block.indices) == values, "\(count)")
      #expect(block.count <= ColumnBlock.headerSize + 8 * values.count + 24, "\(count)")
    }
  }

  @Test func `texts come back, and those that only look equal stay apart`() throws {
    var random = SplitMix(seed: 5)
    let columns: [[String]] = [
      [], [""], ["", "a", ""], ["\u{E9}", "e\u{301}", "\u{E9}"],
      (0..<3000).map { "trial-\($0)" },
      (0..<3000).map { ["adam", "sgd", "rmsprop"][$0 % 3] },
      (0..<500).map { _ in String(random.next(), radix: 36) },
      (0..<200).map { String(repeating: "🌊", count: $0) },
    ]
    for column in columns {
      let block = ColumnBlock.encode(column)
      let back = try ColumnBlock.strings(block, block.indices)
      #expect(back.map { Array($0.utf8) } == column.map { Array($0.utf8) })
    }
  }

  @Test func `flags come back`() throws {
    var random = SplitMix(seed: 6)
    for count in Array(0...33) + [1000, ColumnBlock.capacity] {
      for rarity in [1, 2, 100] as [UInt64] {
        let column = (0..<count).map { _ in random.next() % rarity == 0 }
        let block = ColumnBlock.encode(column)
        #expect(try ColumnBlock.flags(block, block.indices) == column)
        #expect(block.count <= ColumnBlock.headerSize + max(1, (count + 7) / 8))
      }
    }
  }

  @Test func `a block is read where it lies among others`() throws {
    let blocks = [ColumnBlock.encode([0.5, 0.25]), ColumnBlock.encode([1, 2, 3] as [Double])]
    let joined = [9] + blocks[0] + blocks[1]
    let second = (1 + blocks[0].count)..<joined.count
    #expect(try ColumnBlock.floats(joined, second) == [1, 2, 3])
  }
}
