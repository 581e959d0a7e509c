// Writes the bytes of a block.

/// Appends bytes and, between calls of ``align()``, bits: the lowest bit first.
struct ByteSink {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

  init() {}

  /// How many bytes there are, begun ones included.
  var count: Int { bytes.count + (pendingCount + 7) / 8 }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func signed(_ value: Int64) { varint(value.zigzagged) }

  mutating func word(_ value: UInt64) { fixed(value) }

  mutating func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    for index in 0..<MemoryLayout<Value>.size {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * Value(index))))
    }
  }

  /// Appends the lowest `width` bits of `value`, which has none above them.
  mutating func bits(_ value: UInt64, _ width: Int) {
    pending |= value << UInt64(pendingCount)
    if pendingCount + width < 64 {
      pendingCount += width
    } else {
      word(pending)
      // A shift by 64 gives zero.
      pending = value >> (64 - pendingCount)
      pendingCount += width - 64
    }
  }

  /// Fills the last byte with zeros.
  mutating func align() {
    for index in 0..<(pendingCount + 7) / 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(8 * index)))
    }
    pending = 0
    pendingCount = 0
  }
}
