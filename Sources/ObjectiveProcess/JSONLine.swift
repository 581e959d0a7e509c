// One line of output as a JSON object, as far as metrics need it: its top-level numbers. What
// objectives print is mostly not JSON, so this decides quickly, never throws, and takes what
// Python's json module writes: NaN and Infinity too.

struct JSONLine {
  struct Member: Hashable {
    var name: String
    /// Nil for anything but a number.
    var number: Double?
  }

  private(set) var members: [Member] = []

  /// Nil when `bytes` are not one whole JSON object.
  init?(_ bytes: ArraySlice<UInt8>) {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    guard scanner.take(UInt8(ascii: "{")) else { return nil }
    scanner.skipSpace()
    if !scanner.take(UInt8(ascii: "}")) {
      repeat {
        scanner.skipSpace()
        guard let name = scanner.string() else { return nil }
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: ":")), let value = scanner.value(depth: 0) else {
          return nil
        }
        members.append(Member(name: name, number: value.number))
        scanner.skipSpace()
      } while scanner.take(UInt8(ascii: ","))
      guard scanner.take(UInt8(ascii: "}")) else { return nil }
    }
    scanner.skipSpace()
    guard scanner.isAtEnd else { return nil }
  }

  /// The last member of that name, as parsers of JSON have it.
  subscript(name: String) -> Member? { members.last { $0.name == name } }
}

private struct JSONScanner {
  /// Deeper objects and arrays are no metrics; the limit keeps recursion bounded.
  private static let depthLimit = 64

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position == bytes.endIndex }
  private var next: UInt8? { isAtEnd ? nil : bytes[position] }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let isHere = word.withUTF8Buffer { unsafe bytes[position...].starts(with: $0) }
    if isHere { position += word.utf8CodeUnitCount }
    return isHere
  }

  struct Value { var number: Double? }

  /// Any value; nil when there is none.
  mutating func value(depth: Int) -> Value? {
    skipSpace()
    switch next {
    case UInt8(ascii: "\""): return string() == nil ? nil : Value()
    case UInt8(ascii: "{"): return skipContainer(named: true, depth: depth) ? Value() : nil
    case UInt8(ascii: "["): return skipContainer(named: false, depth: depth) ? Value() : nil
    default:
      if take("true") || take("false") || take("null") { return Value() }
      if take("NaN") { return Value(number: .nan) }
      if take("Infinity") { return Value(number: .infinity) }
      if take("-Infinity") { return Value(number: -.infinity) }
      return number().map { Value(number: $0) }
    }
  }

  private mutating func number() -> Double? {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    // Swift reads hexadecimal and words as well, but none of their letters got here.
    return Double(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func skipContainer(named: Bool, depth: Int) -> Bool {
    guard depth < Self.depthLimit else { return false }
    position += 1
    let close = named ? UInt8(ascii: "}") : UInt8(ascii: "]")
    skipSpace()
    if take(close) { return true }
    repeat {
      skipSpace()
      if named {
        guard string() != nil else { return false }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return false }
      }
      guard value(depth: depth + 1) != nil else { return false }
      skipSpace()
    } while take(UInt8(ascii: ","))
    return take(close)
  }

  /// A string with its escapes resolved; invalid UTF-8 and lone surrogates become U+FFFD.
  mutating func string() -> String? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        content.append(contentsOf: String(escaped).utf8)
      default: content.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"):
      guard let unit = codeUnit() else { return nil }
      if unit & 0xFC00 == 0xD800, take("\\u") {
        guard let low = codeUnit() else { return nil }
        guard low & 0xFC00 == 0xDC00 else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + ((unit & 0x3FF) << 10 | low & 0x3FF))
      }
      return Unicode.Scalar(unit) ?? "\u{FFFD}"
    default: return nil
    }
  }

  private mutating func codeUnit() -> UInt32? {
    guard bytes.endIndex - position >= 4 else { return nil }
    defer { position += 4 }
    var unit: UInt32 = 0
    for byte in bytes[position..<(position + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
