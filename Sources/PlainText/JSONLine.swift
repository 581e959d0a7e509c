// One line as a JSON object. What objectives print is mostly not JSON, so this decides quickly,
// never throws, and takes what Python's json module writes: NaN and Infinity too.

/// A JSON object that came as one line, its members in order.
package struct JSONLine: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    /// Written without point and exponent, and small enough.
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([Value])
    case object(JSONLine)
    case truth(Bool)
    case null

    /// The number this is; nil for anything else.
    package var number: Double? {
      switch self {
      case .integer(let value): Double(value)
      case .number(let value): value
      default: nil
      }
    }
  }

  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: Value

    /// Nil for anything but a number.
    package var number: Double? { value.number }
  }

  package fileprivate(set) var members: [Member] = []

  fileprivate init() {}

  /// Nil when `bytes` are not one whole JSON object.
  package init?(_ bytes: ArraySlice<UInt8>) {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    guard let object = scanner.object(depth: 0) else { return nil }
    scanner.skipSpace()
    guard scanner.isAtEnd else { return nil }
    self = object
  }

  /// The last member of that name, as parsers of JSON have it.
  package subscript(name: String) -> Member? { members.last { $0.name == name } }
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

  private mutating func take(_ word: String) -> Bool {
    let isHere = bytes[position...].starts(with: word.utf8)
    if isHere { position += word.utf8.count }
    return isHere
  }

  mutating func object(depth: Int) -> JSONLine? {
    var object = JSONLine()
    guard take(UInt8(ascii: "{")) else { return nil }
    skipSpace()
    if take(UInt8(ascii: "}")) { return object }
    object.members.reserveCapacity(4)
    repeat {
      skipSpace()
      guard let name = string() else { return nil }
      skipSpace()
      guard take(UInt8(ascii: ":")), let value = value(depth: depth) else { return nil }
      object.members.append(JSONLine.Member(name: name, value: value))
      skipSpace()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? object : nil
  }

  /// Any value; nil when there is none.
  private mutating func value(depth: Int) -> JSONLine.Value? {
    skipSpace()
    guard depth < Self.depthLimit, let next else { return nil }
    switch next {
    case UInt8(ascii: "\""): return string().map { .text($0) }
    case UInt8(ascii: "{"): return object(depth: depth + 1).map { .object($0) }
    case UInt8(ascii: "["): return list(depth: depth + 1)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
    default:
      if take("true") { return .truth(true) }
      if take("false") { return .truth(false) }
      if take("null") { return .null }
      if take("NaN") { return .number(.nan) }
      if take("Infinity") { return .number(.infinity) }
      if take("-Infinity") { return .number(-.infinity) }
      return number()
    }
  }

  private mutating func list(depth: Int) -> JSONLine.Value? {
    var values: [JSONLine.Value] = []
    guard take(UInt8(ascii: "[")) else { return nil }
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list([]) }
    repeat {
      guard let value = value(depth: depth) else { return nil }
      values.append(value)
      skipSpace()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .list(values) : nil
  }

  private mutating func number() -> JSONLine.Value? {
    let start = position
    let isNegative = take(UInt8(ascii: "-"))
    let digits = position
    var whole: Int64 = 0
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      // Eighteen digits fit; should there be more, this is not used.
      whole = whole &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
      position += 1
    }
    let isWhole = next.map { !Self.continuesNumber($0) } ?? true
    if isWhole, 1...18 ~= position - digits, whole != 0 || !isNegative {
      return .integer(isNegative ? -whole : whole)
    }
    while let byte = next, Self.continuesNumber(byte) { position += 1 }
    // Swift reads hexadecimal and words as well, but none of their letters got here.
    return Double(String(decoding: bytes[start..<position], as: UTF8.self)).map { .number($0) }
  }

  private static func continuesNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// A string with its escapes resolved; invalid UTF-8 and lone surrogates become U+FFFD.
  mutating func string() -> String? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    var content = Array(bytes[start..<position])
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
