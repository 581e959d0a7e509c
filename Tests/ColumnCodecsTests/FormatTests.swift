// The format is what it was: known bytes, which schema/column-codecs.md explains.

import Testing

@testable import ColumnCodecs

struct FormatTests {
  private func expect(
    _ values: [Double], _ hex: String, _ encoding: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let block = bytes(hex)
    let back = try ColumnBlock.floats(block, block.indices)
    #expect(back.map(\.bitPattern) == values.map(\.bitPattern), sourceLocation: location)
    try expect(block, encoding, same: ColumnBlock.encode(values), location)
  }

  private func expect(
    _ values: [Int64], _ hex: String, _ encoding: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let block = bytes(hex)
    #expect(
      try ColumnBlock.integers(block, block.indices) == values, sourceLocation: location)
    try expect(block, encoding, same: ColumnBlock.encode(values), location)
  }

  private func expect(
    _ block: [UInt8], _ encoding: String, same: [UInt8], _ location: SourceLocation
  ) throws {
    #expect(
      try ColumnBlock.summary(of: block, block.indices).encoding == encoding,
      sourceLocation: location)
    #expect(block == same, "what is written", sourceLocation: location)
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  @Test func `raw and constant`() throws {
    try expect(
      [0.1, -2.5e300] as [Double], "0100020010000000 9a9999999999b93f 039300aa4bdd4dfe", "raw")
    try expect([0.5, 0.5, 0.5] as [Double], "0101030008000000 000000000000e03f", "constant")
  }

  @Test func `decimals, packed`() throws {
    // Divisor 100; order 0 from origin 0; 5 bits a value; no exceptions.
    let values = (0..<12).map { (n: Int) -> Double in Double(n * n % 23) / 100 }
    try expect(
      values,
      "01040c000d000000 64 01 00 05 209004451b922103 00", "decimals, packed")
  }

  @Test func `ratios in Float32 with an exception`() throws {
    // Place 9 holds the ordered bits of NaN.
    let values = (0..<12).map { (n: Int) -> Double in
      n == 9 ? .nan : Double(Float(n * 5 % 17) / 17)
    }
    try expect(
      values,
      "01050c001a000000 11 01 00 05 a0a837500bc64002 01 00 12 00 8080808080808 0f8ff01",
      "ratios in float32, packed")
  }

  @Test func `Float64 of order 0 with a stride`() throws {
    let values = (0..<8).map { (n: Int) -> Double in 1 + Double(n * n) * 0x1p-40 }
    try expect(
      values,
      "0102080013000000 81 8080808080 8080f07f 8020 06 4040245046c6", "float64, packed")
  }

  @Test func `tokens`() throws {
    let values = (0..<160).map { (index: Int) -> Int64 in
      let square = index * index * 7919 % 1009
      return Int64(index % 9 == 0 ? square : square / 200)
    }
    try expect(
      values,
      """
      0200a0005b000000 02 00 14 1b 06 043a8d48828f008810023b02ac2401e5906e48 9f
      e180213aa17024cbb3195ddaeed74638a655b5b4d15b87a390b976af386ae20932e8f77bee576fcf65e9e3f579
      b4c4c0c400d46ecef2ec5138aaf37d920bc2616e1d
      """, "entropy")
  }

  @Test func `packed integers, and with a stride`() throws {
    let values = (0..<10).map { (n: Int64) -> Int64 in n * 7 % 8 }
    try expect(values, "02000a0007000000 01 00 03 b8cb2938", "packed")
    let strided = values.map { (n: Int64) -> Int64 in n * 1000 + 5 }
    try expect(strided, "02000a0009000000 81 0a e807 03 b8cb2938", "packed")
  }

  @Test func `LZ4 of planes`() throws {
    let four: [Int64] = [3, 1_000_007, -40_000, 12]
    let values = (0..<64).map { (n: Int) -> Int64 in four[n % 4] }
    try expect(
      values,
      "020040001f000000 43 18 03 1b 4f117697000400293f00843804002b2f1e010400255000001e0100", "LZ4")
  }

  @Test func `texts and flags`() throws {
    let plain = bytes("0300030008000000 01 00 02 21 00 61c3a9")
    #expect(try ColumnBlock.strings(plain, plain.indices) == ["a", "", "é"])
    #expect(ColumnBlock.encode(["a", "", "é"]) == plain)
    let optimizers = (0..<20).map { ["adam", "sgd"][$0 % 2] }
    let dictionary = bytes("0301140013000000 02 01 06 01 01 00 6164616d736764 01 00 01 aaaa0a")
    #expect(try ColumnBlock.strings(dictionary, dictionary.indices) == optimizers)
    #expect(ColumnBlock.encode(optimizers) == dictionary)
    let bits = bytes("0401090002000000 4d01")
    let flags = [true, false, true, true, false, false, true, false, true]
    #expect(try ColumnBlock.flags(bits, bits.indices) == flags)
    #expect(ColumnBlock.encode(flags) == bits)
    let runs = bytes("04022c0107000000 00 03 81 64 32 02 09")
    let range = (0..<300).map { $0 >= 100 && $0 < 250 }
    #expect(try ColumnBlock.flags(runs, runs.indices) == range)
    #expect(ColumnBlock.encode(range) == runs)
  }

  /// What a plan does not choose for small columns is read all the same, by the document.
  @Test func `orders, zig-zag and a dictionary, written by hand`() throws {
    // Order 2, centred on 1, stride 2, first value 5 and first difference 3; width 2:
    // u = 0, 1, 2 are differences 1, −1, 3 of the differences 3, 4, 3, 6.
    let orders = bytes("0200050009000000 d1 02 02 0a 06 02 24 0000")
    #expect(throws: ColumnBlockError.surplus(count: 2)) {
      try ColumnBlock.integers(orders, orders.indices)
    }
    let exact = bytes("0200050007000000 d1 02 02 0a 06 02 24")
    #expect(try ColumnBlock.integers(exact, exact.indices) == [5, 8, 12, 15, 21])
    // Order 4: v = n⁴ has the fourth difference 24. Its firsts are 0, 1, 14, 36.
    let fourth = bytes("0200070006000000 20 30 00 02 1c 48")
    #expect(
      try ColumnBlock.integers(fourth, fourth.indices) == [0, 1, 16, 81, 256, 625, 1296])
    // Entries 7 and −3, packed; then codes 0, 1, 1, 0.
    let dictionary = bytes("020004000b000000 04 02 01 05 04 0a00 01 00 01 06")
    #expect(throws: ColumnBlockError.self) {
      try ColumnBlock.integers(dictionary, dictionary.indices)
    }
    let entries = bytes("020004000a000000 04 02 01 05 04 0a 01 00 01 06")
    #expect(try ColumnBlock.integers(entries, entries.indices) == [7, -3, -3, 7])
  }

  @Test func `the document names every kind and encoding`() throws {
    #expect(ColumnKind.allCases.map(\.rawValue) == [1, 2, 3, 4])
    #expect(FloatEncoding.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5])
    #expect(StringEncoding.allCases.map(\.rawValue) == [0, 1])
    #expect(FlagEncoding.allCases.map(\.rawValue) == [0, 1, 2])
    #expect(IntegerCoder.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    let document = try SchemaDocument.text()
    for line in [
      "0 raw, 1 constant, 2 float64, 3 float32, 4 ratios, 5 ratios in float32",
      "| 3 | UTF-8 texts | 0 plain, 1 dictionary |", "| 4 | flags | 0 constant, 1 bits, 2 runs |",
    ] {
      #expect(document.contains(line), "\(line)")
    }
    for coder in IntegerCoder.allCases {
      #expect(document.contains("| \(coder.rawValue) | \(coder) |"), "\(coder)")
    }
  }
}
