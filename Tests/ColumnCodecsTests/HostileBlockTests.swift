// Bytes that anyone may have written: an error that says what is wrong, or as many values as the
// header says, and never a trap.

import Testing

@testable import ColumnCodecs

struct HostileBlockTests {
  /// Blocks of every kind and encoding, small enough to spoil them everywhere.
  static let blocks: [[UInt8]] = {
    var random = SplitMix(seed: 20)
    var blocks = FloatKind.allCases.map { ColumnBlock.encode($0.values(300, &random)) }
    // Large enough for tables of several classes.
    blocks.append(ColumnBlock.encode(FloatKind.float32Loss.values(3000, &random)))
    blocks += RoundTripTests.IntegerKind.allCases.map {
      ColumnBlock.encode($0.values(300, &random))
    }
    blocks.append(ColumnBlock.encode((0..<100).map { "text \($0)" }))
    blocks.append(ColumnBlock.encode((0..<100).map { _ in String(random.next() % 50, radix: 2) }))
    blocks.append(ColumnBlock.encode((0..<100).map { ["a", "é"][$0 % 2] }))
    blocks.append(ColumnBlock.encode((0..<300).map { $0 % 100 < 3 }))
    blocks.append(ColumnBlock.encode((0..<300).map { _ in random.next() % 2 == 0 }))
    return blocks
  }()

  /// Reads `bytes` as every kind, and returns the errors.
  @discardableResult
  private func read(_ bytes: [UInt8]) throws -> [ColumnBlockError] {
    let count = bytes.count >= 4 ? Int(bytes[2]) | Int(bytes[3]) << 8 : 0
    var errors: [ColumnBlockError] = []
    func attempt(_ read: () throws(ColumnBlockError) -> Int) {
      do throws(ColumnBlockError) {
        #expect(try read() == count)
      } catch {
        errors.append(error)
      }
    }
    attempt { () throws(ColumnBlockError) in try ColumnBlock.floats(bytes, bytes.indices).count }
    attempt { () throws(ColumnBlockError) in try ColumnBlock.integers(bytes, bytes.indices).count }
    attempt { () throws(ColumnBlockError) in try ColumnBlock.strings(bytes, bytes.indices).count }
    attempt { () throws(ColumnBlockError) in try ColumnBlock.flags(bytes, bytes.indices).count }
    _ = try? ColumnBlock.summary(of: bytes, bytes.indices)
    return errors
  }

  @Test func `a whole block is read as its own kind only`() throws {
    for block in Self.blocks { #expect(try read(block).count == 3) }
  }

  @Test func `a block cut anywhere is an error`() throws {
    for block in Self.blocks {
      for length in Swift.stride(from: 0, to: block.count, by: max(1, block.count / 40)) {
        #expect(try read(Array(block.prefix(length))).count == 4)
        // The header, too, says so.
        var shorter = Array(block.prefix(length))
        guard length >= ColumnBlock.headerSize else { continue }
        let payload = UInt32(length - ColumnBlock.headerSize)
        for index in 0..<4 {
          shorter[4 + index] = UInt8(truncatingIfNeeded: payload >> (8 * index))
        }
        #expect(try read(shorter).count == 4)
      }
      #expect(try read(block + [0]).count == 4)
    }
  }

  @Test(arguments: 0..<4)
  func `a spoiled block is an error or values`(_ seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    for block in Self.blocks {
      for _ in 0..<40 {
        var spoiled = block
        for _ in 0...random.next() % 3 {
          let place = Int(random.next() % UInt64(spoiled.count))
          switch random.next() % 4 {
          case 0: spoiled[place] ^= 1 << UInt8(random.next() % 8)
          case 1: spoiled[place] = UInt8(truncatingIfNeeded: random.next())
          case 2: spoiled[place] = [0, 0x7F, 0x80, 0xFF][Int(random.next() % 4)]
          default:
            // Most of what decides stands in front.
            spoiled[min(place % 24, spoiled.count - 1)] = UInt8(truncatingIfNeeded: random.next())
          }
        }
        try read(spoiled)
      }
    }
  }

  @Test func `random payloads under every encoding are errors or values`() throws {
    var random = SplitMix(seed: 30)
    for kind in ColumnKind.allCases {
      for encoding in 0..<8 as Range<UInt8> {
        for _ in 0..<60 {
          let payload = (0..<random.next() % 60).map { _ in
            UInt8(truncatingIfNeeded: random.next() >> (random.next() % 8))
          }
          let count = UInt8(truncatingIfNeeded: random.next())
          let header = [kind.rawValue, encoding, count, 0, UInt8(payload.count), 0, 0, 0]
          try read(header + payload)
        }
      }
    }
  }

  @Test func `an error says what is wrong`() throws {
    func error(_ bytes: [UInt8]) -> String {
      do throws(ColumnBlockError) {
        return "\(try ColumnBlock.floats(bytes, bytes.indices))"
      } catch {
        return "\(error)"
      }
    }
    #expect(error([1, 0]) == "a block of a column ends inside its header")
    #expect(error([9, 0, 0, 0, 0, 0, 0, 0]) == "in a block of a column, the kind cannot be 9")
    #expect(
      error([1, 0, 1, 64, 0, 0, 0, 0])
        == "in a block of a column, the number of values cannot be 16385")
    #expect(error([1, 0, 1, 0, 9, 0, 0, 0]) == "a block of a column ends inside its payload")
    #expect(
      error([1, 0, 0, 0, 0, 0, 0, 0, 7])
        == "a block of a column goes on for 1 bytes behind its end")
    #expect(
      error([2, 0, 0, 0, 0, 0, 0, 0])
        == "a block of a column holds integers, and floating-point numbers were asked for")
    #expect(
      error([1, 7, 1, 0, 1, 0, 0, 0, 0])
        == "in a block of a column, the encoding of numbers cannot be 7")
  }

  @Test func `texts that promise more than LZ4 can hold get no memory`() throws {
    // A thousand texts of a million bytes each, in a block of four bytes.
    var sink = ByteSink()
    IntegerStream.encode([Int64](repeating: 1_000_000, count: 1000), into: &sink)
    sink.byte(1)
    sink.varint(4)
    sink.raw([0, 0, 0, 0])
    let header: [UInt8] = [3, 0, 0xE8, 3, UInt8(sink.bytes.count), 0, 0, 0]
    let bytes = header + sink.bytes
    #expect(throws: ColumnBlockError.invalid(what: "the length of all texts", value: 1_000_000_000))
    {
      try ColumnBlock.strings(bytes, bytes.indices)
    }
  }
}
