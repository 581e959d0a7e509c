// A block of a column: up to 16,384 values of one kind as bytes.
//
//     block  := kind (u8) encoding (u8) count (u16) payload length (u32) payload
//
// Little-endian. Bytes and reasons: schema/column-codecs.md; change both in one commit. A block
// has no checksum: whoever keeps blocks keeps one beside each, and verifies it first. What passes
// it by accident, or by intent, is an error here and never a trap.

/// What the values of a block are.
package enum ColumnKind: UInt8, CaseIterable, Sendable, CustomStringConvertible {
  /// Float64, every bit of them.
  case floats = 1
  /// Int64.
  case integers = 2
  /// UTF-8 texts.
  case strings = 3
  /// Which rows have a value, or other truths.
  case flags = 4

  package var description: String {
    switch self {
    case .floats: "floating-point numbers"
    case .integers: "integers"
    case .strings: "texts"
    case .flags: "flags"
    }
  }
}

/// Blocks of columns: values to bytes, and bytes to values.
package enum ColumnBlock {
  /// How many values a block holds at most: 128 KiB of numbers.
  package static let capacity = 16_384
  /// The bytes in front of a payload.
  package static let headerSize = 8

  /// `values` in the shortest way that was found, every bit of NaNs and of zeros kept. A caller
  /// gives at most ``capacity`` of them, in whatever order makes neighbours alike.
  package static func encode(_ values: [Double]) -> [UInt8] {
    block(.floats, values, FloatColumn.encode)
  }

  /// `values` in the shortest way that was found; at most ``capacity`` of them.
  package static func encode(_ values: [Int64]) -> [UInt8] {
    block(.integers, values) { (0, IntegerStream.verified($0)) }
  }

  /// `values` in the shortest way that was found; at most ``capacity`` of them, together below
  /// 1 GiB.
  package static func encode(_ values: [String]) -> [UInt8] {
    block(.strings, values, StringColumn.encode)
  }

  /// `values` in the shortest way that was found; at most ``capacity`` of them.
  package static func encode(_ values: [Bool]) -> [UInt8] {
    block(.flags, values, FlagColumn.encode)
  }

  private static func block<Value>(
    _ kind: ColumnKind, _ values: [Value],
    _ encode: ([Value]) -> (encoding: UInt8, bytes: [UInt8])
  ) -> [UInt8] {
    precondition(
      values.count <= capacity, "a block holds at most \(capacity) values, not \(values.count)")
    let payload = encode(values)
    var sink = ByteSink()
    sink.byte(kind.rawValue)
    sink.byte(payload.encoding)
    sink.fixed(UInt16(values.count))
    sink.fixed(UInt32(payload.bytes.count))
    sink.raw(payload.bytes)
    return sink.bytes
  }

  /// The numbers of the block that is all of `bytes[range]`.
  package static func floats(_ bytes: [UInt8], _ range: Range<Int>) throws(ColumnBlockError)
    -> [Double]
  {
    try read(bytes, range, .floats) { (header, cursor) throws(ColumnBlockError) in
      try FloatColumn.decode(header.encoding, header.count, &cursor)
    }
  }

  /// The numbers of the block that is all of `bytes[range]`.
  package static func integers(_ bytes: [UInt8], _ range: Range<Int>) throws(ColumnBlockError)
    -> [Int64]
  {
    try read(bytes, range, .integers) { (header, cursor) throws(ColumnBlockError) in
      guard header.encoding == 0 else {
        throw .invalid(what: "the encoding of integers", value: UInt64(header.encoding))
      }
      return try IntegerStream.integers(header.count, &cursor)
    }
  }

  /// The texts of the block that is all of `bytes[range]`.
  package static func strings(_ bytes: [UInt8], _ range: Range<Int>) throws(ColumnBlockError)
    -> [String]
  {
    try read(bytes, range, .strings) { (header, cursor) throws(ColumnBlockError) in
      try StringColumn.decode(header.encoding, header.count, &cursor)
    }
  }

  /// The flags of the block that is all of `bytes[range]`.
  package static func flags(_ bytes: [UInt8], _ range: Range<Int>) throws(ColumnBlockError)
    -> [Bool]
  {
    try read(bytes, range, .flags) { (header, cursor) throws(ColumnBlockError) in
      try FlagColumn.decode(header.encoding, header.count, &cursor)
    }
  }

  /// Reads the header, and with `body` the payload, to its end.
  private static func read<Values>(
    _ bytes: [UInt8], _ range: Range<Int>, _ kind: ColumnKind,
    _ body: (ColumnBlockHeader, inout ByteCursor) throws(ColumnBlockError) -> Values
  ) throws(ColumnBlockError) -> Values {
    try unsafe bytes.borrowed(range) { (buffer) throws(ColumnBlockError) in
      var cursor = unsafe ByteCursor(buffer)
      let header = try ColumnBlockHeader(&cursor)
      guard header.kind == kind else {
        throw .otherKind(stored: header.kind.description, wanted: kind.description)
      }
      let values = try body(header, &cursor)
      try cursor.expectEnd()
      return values
    }
  }

  /// What the block that is all of `bytes[range]` says of itself, without its values.
  package static func summary(of bytes: [UInt8], _ range: Range<Int>) throws(ColumnBlockError)
    -> ColumnBlockSummary
  {
    try unsafe bytes.borrowed(range) { (buffer) throws(ColumnBlockError) in
      var cursor = unsafe ByteCursor(buffer)
      let header = try ColumnBlockHeader(&cursor)
      let encoding: String =
        switch header.kind {
        case .floats: try FloatColumn.name(header.encoding, &cursor)
        case .integers: try IntegerStream.name(&cursor)
        case .strings: try StringColumn.name(header.encoding)
        case .flags: try FlagColumn.name(header.encoding)
        }
      return ColumnBlockSummary(
        kind: header.kind, encoding: encoding, count: header.count, byteCount: range.count)
    }
  }
}

/// What a block says of itself.
package struct ColumnBlockSummary: Hashable, Sendable {
  package let kind: ColumnKind
  /// How the values are kept, for people: `decimals, entropy`.
  package let encoding: String
  /// How many values there are.
  package let count: Int
  /// How many bytes they take, the header included.
  package let byteCount: Int
}

/// The eight bytes in front of a payload.
struct ColumnBlockHeader {
  let kind: ColumnKind
  let encoding: UInt8
  let count: Int

  /// Reads one, and holds the payload's length to what is there.
  init(_ cursor: inout ByteCursor) throws(ColumnBlockError) {
    let word = try cursor.word("header")
    let kind = UInt8(truncatingIfNeeded: word)
    guard let known = ColumnKind(rawValue: kind) else {
      throw .invalid(what: "the kind", value: UInt64(kind))
    }
    self.kind = known
    encoding = UInt8(truncatingIfNeeded: word >> 8)
    count = Int(word >> 16 & 0xFFFF)
    guard count <= ColumnBlock.capacity else {
      throw .invalid(what: "the number of values", value: UInt64(count))
    }
    let length = Int(word >> 32)
    guard length <= cursor.remaining else { throw .truncated(what: "payload") }
    guard length == cursor.remaining else { throw .surplus(count: cursor.remaining - length) }
  }
}
