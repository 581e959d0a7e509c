// How values become bytes: little-endian, and whole numbers in as few bytes as they need.

/// Appends values to a growing array.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init() {}

  /// Makes room for `count` bytes at once.
  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// Seven bits a byte, the lowest first; the high bit says that more follow.
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Zig-zag: 0, −1, 1, −2, … become 0, 1, 2, 3, …
  mutating func signed(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    var rest = value
    for _ in 0..<MemoryLayout<Value>.size {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// All 64 bits, NaN payloads and −0 included.
  mutating func double(_ value: Double) { fixed(value.bitPattern) }

  mutating func string(_ value: String) {
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func blob(_ value: [UInt8]) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  mutating func zeros(_ count: Int) {
    bytes += [UInt8](repeating: 0, count: count)
  }

  mutating func zeros(untilMultipleOf alignment: Int) {
    zeros((alignment - bytes.count % alignment) % alignment)
  }

  /// Leaves room for the length of what is written from here on.
  ///
  /// - Returns: the place, for ``endLength(at:)``.
  mutating func beginLength() -> Int {
    bytes.append(0)
    return bytes.count - 1
  }

  /// Writes the length of everything behind `place` there, as a varint.
  mutating func endLength(at place: Int) {
    let length = bytes.count - place - 1
    if length < 0x80 {
      bytes[place] = UInt8(length)
    } else {
      var prefix = ByteWriter()
      prefix.varint(UInt64(length))
      bytes.replaceSubrange(place...place, with: prefix.bytes)
    }
  }

  /// Replaces the bytes from `index` by `value`.
  mutating func patch<Value: FixedWidthInteger>(_ value: Value, at index: Int) {
    for byte in 0..<MemoryLayout<Value>.size {
      bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * Value(byte)))
    }
  }

  /// Replaces everything from `index` on.
  mutating func replace(from index: Int, with tail: [UInt8]) {
    bytes.replaceSubrange(index..., with: tail)
  }
}
