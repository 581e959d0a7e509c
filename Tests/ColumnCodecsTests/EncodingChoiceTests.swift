// Each encoding is chosen where it should be, and keeps the size that it promises.

import Testing

@testable import ColumnCodecs

struct EncodingChoiceTests {
  private let count = ColumnBlock.capacity

  private func expect(
    _ block: [UInt8], _ encodings: Set<String>, atMost bytes: Int,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let summary = try ColumnBlock.summary(of: block, block.indices)
    #expect(encodings.contains(summary.encoding), "\(summary.encoding)", sourceLocation: location)
    #expect(block.count <= bytes, sourceLocation: location)
    #expect(summary.byteCount == block.count, sourceLocation: location)
  }

  private func floats(_ kind: FloatKind) -> [UInt8] {
    var random = SplitMix(seed: 7)
    return ColumnBlock.encode(kind.values(count, &random))
  }

  @Test func `one value is stored once`() throws {
    try expect(ColumnBlock.encode([Double](repeating: 0.1, count: count)), ["constant"], atMost: 16)
    try expect(
      ColumnBlock.encode([Double](repeating: -.nan, count: count)), ["constant"], atMost: 16)
    try expect(
      ColumnBlock.encode([Int64](repeating: .min, count: count)), ["constant"], atMost: 19)
    try expect(ColumnBlock.encode([Bool](repeating: true, count: count)), ["constant"], atMost: 9)
  }

  @Test func `random bits are kept as they are, for a header`() throws {
    try expect(floats(.anyBits), ["raw"], atMost: 8 * count + 8)
  }

  @Test func `four digits are whole numbers`() throws {
    // A walk of a hundredth a step and a decay anew every hundred: 9 bits a value.
    try expect(floats(.decimals), ["decimals, entropy"], atMost: count * 10 / 8)
  }

  @Test func `a value in fifty that is none spoils no decimals`() throws {
    try expect(floats(.decimalsWithNoise), ["decimals, entropy"], atMost: count * 9 / 8)
  }

  @Test func `−0 among decimals is an exception and no reason against them`() throws {
    let values = (0..<count).map { $0 % 100 == 0 ? -0.0 : Double($0 % 37) / 100 }
    try expect(
      ColumnBlock.encode(values), ["decimals, entropy", "decimals, LZ4", "decimals, packed"],
      atMost: count)
  }

  @Test func `shares of 360 and of 719 are found, in Float32 too`() throws {
    // log2(361) = 8.5 and log2(720) = 9.5 bits: nothing can be shorter.
    try expect(floats(.ratios), ["ratios, entropy", "ratios, packed"], atMost: count * 91 / 80)
    try expect(
      floats(.ratiosInFloat32), ["ratios in float32, entropy", "ratios in float32, packed"],
      atMost: count * 101 / 80)
  }

  @Test func `shares of more than Float32 tells apart in one value are found`() throws {
    var random = SplitMix(seed: 8)
    let values = (0..<count).map { _ in Double(Float(random.next() % 6000) / 60_000) }
    try expect(
      ColumnBlock.encode(values), ["ratios in float32, entropy", "ratios in float32, packed"],
      atMost: count * 131 / 80)
  }

  @Test func `a diverged trial costs next to nothing`() throws {
    // log2(101) = 6.7 bits, and a seventh of the trials are NaN from step 41.
    try expect(floats(.diverging), ["ratios in float32, entropy"], atMost: count * 7 / 8)
  }

  @Test func `what Float32 holds takes no more than Float32`() throws {
    try expect(floats(.float32Loss), ["float32, entropy"], atMost: count * 25 / 8)
    try expect(floats(.float32Negative), ["float32, entropy"], atMost: count * 15 / 4)
    // Eight bits of mantissa: the 16 zeros behind them are a stride.
    try expect(floats(.bfloat16), ["float32, entropy"], atMost: count * 5 / 4)
  }

  @Test func `curves that go on as they went take few bits`() throws {
    let parabola = (0..<count).map { 1 + Double($0) * Double($0) * 0x1p-40 }
    try expect(ColumnBlock.encode(parabola), ["float64, constant"], atMost: 40)
  }

  @Test func `what repeats is said once`() throws {
    try expect(floats(.repeated), ["float64, LZ4", "float64, dictionary"], atMost: 1500)
    // log2(40) = 5.3 bits, and 40 values.
    try expect(floats(.fewDistinct), ["float64, dictionary"], atMost: count * 55 / 80 + 400)
  }

  @Test func `numbers at a stride take nothing`() throws {
    try expect(floats(.steps), ["decimals, constant"], atMost: 24)
    let steps = (0..<Int64(count)).map { $0 * 500 + 3 }
    try expect(ColumnBlock.encode(steps), ["constant"], atMost: 16)
    let squares = (0..<Int64(count)).map { $0 * $0 }
    try expect(ColumnBlock.encode(squares), ["constant"], atMost: 16)
    // Order 5, found by way of 4, although it begins with order 0.
    let fifths = (0..<Int64(6000)).map { (n: Int64) -> Int64 in
      let square = n * n
      return square * square * n / 16
    }
    try expect(ColumnBlock.encode(fifths), ["entropy", "packed", "LZ4"], atMost: 6000)
  }

  @Test func `times with a jitter take the jitter`() throws {
    var random = SplitMix(seed: 9)
    let times = (0..<Int64(count)).map { $0 * 60_000 + Int64(random.next() % 8) }
    // Differences of two uniform ones of 8: 3.7 bits at least.
    try expect(ColumnBlock.encode(times), ["entropy", "packed"], atMost: count / 2 + 100)
  }

  @Test func `a common divisor is taken out`() throws {
    var random = SplitMix(seed: 10)
    let values = (0..<count).map { _ in Int64(random.next() % 16) * 86_400_000 + 17 }
    try expect(ColumnBlock.encode(values), ["packed"], atMost: count / 2 + 32)
  }

  @Test func `few texts are a dictionary, many are LZ4`() throws {
    let names = (0..<count).map { ["adam", "sgd", "rmsprop", "lion"][$0 * $0 / 7 % 4] }
    try expect(ColumnBlock.encode(names), ["dictionary"], atMost: count / 4 + 100)
    let all = (0..<count).map { "{\"trial\": \($0), \"host\": \"node-\($0 % 16)\"}" }
    try expect(ColumnBlock.encode(all), ["plain"], atMost: count * 12)
  }

  @Test func `flags are bits or runs`() throws {
    var random = SplitMix(seed: 11)
    let dense = (0..<count).map { _ in random.next() % 2 == 0 }
    try expect(ColumnBlock.encode(dense), ["bits"], atMost: count / 8 + 8)
    let sparse = (0..<count).map { $0 % 5000 == 77 }
    try expect(ColumnBlock.encode(sparse), ["runs"], atMost: 64)
  }

  @Test func `no block is longer than its values, but for a header and a handful`() throws {
    for kind in FloatKind.allCases {
      #expect(floats(kind).count <= 8 * count + ColumnBlock.headerSize, "\(kind)")
    }
  }
}
