// Reads the bytes of a block. Anyone may have written them: nothing here traps, reads outside,
// or allocates.

/// A place in the bytes of a block, which it does not own: valid only while they are borrowed.
@safe struct ByteCursor {
  private let base: UnsafeRawPointer?
  private let end: Int
  private(set) var position = 0

  /// All of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe base = bytes.baseAddress
    end = bytes.count
  }

  var remaining: Int { end - position }

  mutating func byte(_ what: String) throws(ColumnBlockError) -> UInt8 {
    guard position < end, let base = unsafe base else { throw .truncated(what: what) }
    defer { position += 1 }
    return unsafe base.load(fromByteOffset: position, as: UInt8.self)
  }

  /// LEB128: seven bits a byte, the lowest first.
  mutating func varint(_ what: String) throws(ColumnBlockError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      let next = try byte(what)
      guard shift < 63 || next <= 1 else { throw .invalid(what: what, value: .max) }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw .invalid(what: what, value: .max)
  }

  /// A varint in zig-zag order: 0, −1, 1, −2, …
  mutating func signed(_ what: String) throws(ColumnBlockError) -> Int64 {
    try varint(what).unzigzagged
  }

  /// A varint of at most `limit`.
  mutating func count(upTo limit: Int, _ what: String) throws(ColumnBlockError) -> Int {
    let value = try varint(what)
    guard value <= UInt64(limit) else { throw .invalid(what: what, value: value) }
    return Int(value)
  }

  /// The next eight bytes, little-endian.
  mutating func word(_ what: String) throws(ColumnBlockError) -> UInt64 {
    let piece = try unsafe take(8, what)
    return unsafe UInt64(littleEndian: piece.loadUnaligned(as: UInt64.self))
  }

  /// The next `count` bytes, which stay borrowed.
  mutating func take(_ count: Int, _ what: String) throws(ColumnBlockError)
    -> UnsafeRawBufferPointer
  {
    guard count >= 0, count <= remaining else { throw .truncated(what: what) }
    defer { position += count }
    return unsafe UnsafeRawBufferPointer(
      start: base.map { unsafe $0 + position }, count: count)
  }

  /// The next `count` bytes, as bits.
  mutating func bits(_ count: Int, _ what: String) throws(ColumnBlockError) -> BitSource {
    unsafe BitSource(try take(count, what))
  }

  /// All the bytes that are left, as bits; the cursor stays where it is.
  var upcomingBits: BitSource {
    unsafe BitSource(
      UnsafeRawBufferPointer(start: base.map { unsafe $0 + position }, count: remaining))
  }

  func expectEnd() throws(ColumnBlockError) {
    guard remaining == 0 else { throw .surplus(count: remaining) }
  }
}

/// Bits in memory, numbered from the lowest of the first byte. Behind the end there are zeros.
@safe struct BitSource {
  private let base: UnsafeRawPointer?
  let byteCount: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe base = bytes.baseAddress
    byteCount = bytes.count
  }

  /// The 57 bits from `bit` on, at least; what lies above them is unspecified.
  @inline(__always) func peek(_ bit: Int) -> UInt64 {
    let byte = bit >> 3
    guard byte &+ 8 <= byteCount, let base = unsafe base else { return last(byte) >> (bit & 7) }
    let word = unsafe base.loadUnaligned(fromByteOffset: byte, as: UInt64.self)
    return UInt64(littleEndian: word) >> UInt64(truncatingIfNeeded: bit & 7)
  }

  /// The `width` bits from `bit` on, up to 64 of them.
  @inline(__always) func read(_ bit: Int, _ width: Int) -> UInt64 {
    if width <= 57 { return peek(bit) & ((1 << UInt64(width)) &- 1) }
    let low = peek(bit) & 0xFFFF_FFFF
    return low | (peek(bit + 32) & ((1 << UInt64(width - 32)) &- 1)) << 32
  }

  private func last(_ byte: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 where byte + index < byteCount {
      guard let base = unsafe base else { break }
      word |= UInt64(unsafe base.load(fromByteOffset: byte + index, as: UInt8.self)) << (8 * index)
    }
    return word
  }
}

extension UInt64 {
  /// The number of which this is the zig-zag form.
  @inline(__always) var unzigzagged: Int64 {
    Int64(bitPattern: (self >> 1) ^ (0 &- (self & 1)))
  }
}

extension Int64 {
  /// 0, −1, 1, −2, … as 0, 1, 2, 3, …
  @inline(__always) var zigzagged: UInt64 {
    UInt64(bitPattern: (self << 1) ^ (self >> 63))
  }
}

extension [UInt8] {
  /// What `body` makes of the bytes in `range`, which it must not keep.
  func borrowed<Value>(
    _ range: Range<Int>,
    _ body: (UnsafeRawBufferPointer) throws(ColumnBlockError) -> Value
  ) throws(ColumnBlockError) -> Value {
    try unsafe withUnsafeBufferPointer { (buffer) throws(ColumnBlockError) in
      try unsafe body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[range])))
    }
  }
}

extension Array {
  /// `count` elements that `fill` writes, all of them unless it throws.
  static func filled(
    _ count: Int,
    _ fill: (UnsafeMutablePointer<Element>) throws(ColumnBlockError) -> Void
  ) throws(ColumnBlockError) -> [Element] where Element: BitwiseCopyable {
    var failure: ColumnBlockError?
    let array = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress, count > 0 else { return }
      do throws(ColumnBlockError) {
        try unsafe fill(base)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return array
  }
}
