// Columns of truths, such as which rows have a value.
//
//     payload := of the encoding:
//       0 constant  one byte: 0 or 1
//       1 bits      one bit a value, the lowest of a byte first, zeros behind the last
//       2 runs      first (one byte: 0 or 1) varint(runs) integers: how long each is
//
// Runs alternate and are never empty.

enum FlagEncoding: UInt8, CaseIterable {
  case constant = 0
  case bits = 1
  case runs = 2
}

enum FlagColumn {
  static func encode(_ values: [Bool]) -> (encoding: UInt8, bytes: [UInt8]) {
    var sink = ByteSink()
    guard let first = values.first, values.contains(!first) else {
      sink.byte(values.first == true ? 1 : 0)
      return (FlagEncoding.constant.rawValue, sink.bytes)
    }
    var lengths: [Int64] = []
    for (index, value) in values.enumerated() {
      if index > 0, values[index - 1] == value {
        lengths[lengths.count - 1] += 1
      } else {
        lengths.append(1)
      }
      sink.bits(value ? 1 : 0, 1)
    }
    sink.align()
    var runs = ByteSink()
    runs.byte(first ? 1 : 0)
    runs.varint(UInt64(lengths.count))
    IntegerStream.encode(lengths, into: &runs)
    return runs.bytes.count < sink.bytes.count
      ? (FlagEncoding.runs.rawValue, runs.bytes) : (FlagEncoding.bits.rawValue, sink.bytes)
  }

  static func decode(
    _ encoding: UInt8, _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [Bool] {
    switch FlagEncoding(rawValue: encoding) {
    case .constant: return [Bool](repeating: try truth(&cursor), count: count)
    case .bits:
      let bits = try cursor.bits((count + 7) / 8, "flags")
      guard bits.peek(count) & 0xFF >> UInt64(count % 8) == 0 || count % 8 == 0 else {
        throw .invalid(what: "a bit behind the last flag", value: 1)
      }
      return (0..<count).map { bits.peek($0) & 1 == 1 }
    case .runs: return try runs(count, &cursor)
    case nil: throw .invalid(what: "the encoding of flags", value: UInt64(encoding))
    }
  }

  private static func truth(_ cursor: inout ByteCursor) throws(ColumnBlockError) -> Bool {
    let byte = try cursor.byte("flag")
    guard byte <= 1 else { throw .invalid(what: "a flag", value: UInt64(byte)) }
    return byte == 1
  }

  private static func runs(
    _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [Bool] {
    var value = try truth(&cursor)
    let runCount = try cursor.count(upTo: count, "number of runs")
    let lengths = try IntegerStream.integers(runCount, &cursor)
    var flags: [Bool] = []
    flags.reserveCapacity(count)
    for length in lengths {
      guard length > 0, length <= count - flags.count else {
        throw .invalid(what: "the length of a run", value: UInt64(bitPattern: length))
      }
      flags += repeatElement(value, count: Int(length))
      value.toggle()
    }
    guard flags.count == count else { throw .truncated(what: "runs") }
    return flags
  }

  /// How flags are kept, for people.
  static func name(_ encoding: UInt8) throws(ColumnBlockError) -> String {
    switch FlagEncoding(rawValue: encoding) {
    case .constant: return "constant"
    case .bits: return "bits"
    case .runs: return "runs"
    case nil: throw .invalid(what: "the encoding of flags", value: UInt64(encoding))
    }
  }
}
