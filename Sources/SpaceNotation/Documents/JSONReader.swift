// JSON by the letter of RFC 8259, with positions and without duplicate keys. Foundation's
// decoder tells neither where a value stood nor that a key came twice.

import PlainText
import StudyModel

struct JSONReader {
  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0
  private var nodeCount = 0
  private let allowsNonFinite: Bool
  /// A place whose line is known, so that the next is counted from there.
  private var mark = (place: 0, line: 1, column: 1)

  /// Reads one JSON value. `allowsNonFinite` admits `NaN`, `Infinity` and `-Infinity`, as
  /// Python writes them.
  static func read(
    _ text: String, allowsNonFinite: Bool = false
  ) throws(DocumentError) -> DocumentNode {
    var reader = JSONReader(bytes: Array(text.utf8), allowsNonFinite: allowsNonFinite)
    return try reader.document()
  }

  private init(bytes: [UInt8], allowsNonFinite: Bool) {
    self.bytes = bytes
    self.allowsNonFinite = allowsNonFinite
  }

  private mutating func document() throws(DocumentError) -> DocumentNode {
    let node = try value()
    skipSpace()
    guard index == bytes.count else { throw failure("there is more after the end of the value") }
    return node
  }

  private mutating func value() throws(DocumentError) -> DocumentNode {
    skipSpace()
    nodeCount += 1
    guard nodeCount <= DocumentLimits.nodes else { throw failure("it has too many values") }
    let start = index
    let position = advancedPosition(at: start)
    let content: DocumentNode.Content
    switch peek {
    case UInt8(ascii: "{"):
      content = .mapping(try nested { r throws(DocumentError) in try r.members() })
    case UInt8(ascii: "["):
      content = .sequence(try nested { r throws(DocumentError) in try r.elements() })
    case UInt8(ascii: "\""):
      let text = try string()
      content = .scalar(.string(text), source: text)
    default:
      let word = word()
      guard let scalar = scalar(word) else {
        index = start
        throw failure(
          word.isEmpty
            ? (peek == nil ? "a value is missing at the end" : "a value should stand here")
            : "\(word.jsonQuoted) is no JSON value")
      }
      content = .scalar(scalar, source: word)
    }
    return DocumentNode(content: content, position: position)
  }

  private mutating func nested<Result>(
    _ body: (inout JSONReader) throws(DocumentError) -> Result
  ) throws(DocumentError) -> Result {
    depth += 1
    guard depth <= DocumentLimits.depth else {
      throw failure("it is nested more than \(DocumentLimits.depth) deep")
    }
    index += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func elements() throws(DocumentError) -> [DocumentNode] {
    var elements: [DocumentNode] = []
    if skip("]") { return elements }
    repeat { elements.append(try value()) } while skip(",")
    guard skip("]") else { throw failure("the list needs a \",\" or \"]\" here") }
    return elements
  }

  private mutating func members() throws(DocumentError) -> [DocumentNode.Entry] {
    var members: [DocumentNode.Entry] = []
    var seen = Set<String>()
    if skip("}") { return members }
    repeat {
      skipSpace()
      let start = index
      guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes should stand here") }
      let key = try string()
      guard seen.insert(key).inserted else {
        index = start
        throw failure("the key \(key.jsonQuoted) stands here twice")
      }
      guard skip(":") else { throw failure("a \":\" should follow the key") }
      let place = advancedPosition(at: start)
      members.append(.init(key: key, position: place, value: try value()))
    } while skip(",")
    guard skip("}") else { throw failure("the object needs a \",\" or \"}\" here") }
    return members
  }

  private func scalar(_ word: String) -> ParameterValue? {
    switch word {
    case "null": .null
    case "true": .bool(true)
    case "false": .bool(false)
    case "NaN" where allowsNonFinite: .float(.nan)
    case "Infinity" where allowsNonFinite: .float(.infinity)
    case "-Infinity" where allowsNonFinite: .float(-.infinity)
    default: word.jsonNumber
    }
  }

  /// Letters, digits and what numbers are made of.
  private mutating func word() -> String {
    let start = index
    while let byte = peek,
      byte.isDigit || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "_")
    {
      index += 1
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func string() throws(DocumentError) -> String {
    let start = index
    index += 1
    var text: [UInt8] = []
    while let byte = peek {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: Array(try escaped().utf8))
      case 0..<0x20:
        index -= 1
        throw failure("a control character stands unescaped in the text")
      default: text.append(byte)
      }
    }
    index = start
    throw failure("the closing quote is missing")
  }

  private mutating func escaped() throws(DocumentError) -> String {
    let letter = peek
    index += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return String(try unicodeEscape())
    default:
      index -= 2
      throw failure("there is no such escape in JSON")
    }
  }

  private mutating func unicodeEscape() throws(DocumentError) -> Unicode.Scalar {
    let start = index - 2
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), bytes[index...].starts(with: Array("\\u".utf8)) {
      index += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else {
        index = start
        throw failure("this is half a character")
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      index = start
      throw failure("this is half a character")
    }
    return scalar
  }

  private mutating func hexadecimal() throws(DocumentError) -> UInt32 {
    let digits = bytes[index...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits should stand here") }
    index += 4
    return code
  }

  // MARK: Bytes

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private func failure(_ reason: String) -> DocumentError {
    DocumentError(reason: reason, position: position(at: index))
  }

  /// The line and column of `place`, counted on from the last one asked for by
  /// ``advancedPosition(at:)``.
  private func position(at place: Int) -> SourcePosition {
    var copy = self
    return copy.advancedPosition(at: place)
  }

  private mutating func advancedPosition(at place: Int) -> SourcePosition {
    if place < mark.place { mark = (0, 1, 1) }
    while mark.place < min(place, bytes.count) {
      let byte = bytes[mark.place]
      if byte == 0x0A {
        mark.line += 1
        mark.column = 1
      } else if byte & 0xC0 != 0x80 {
        // Scalars, not bytes: those that continue a character do not count.
        mark.column += 1
      }
      mark.place += 1
    }
    return SourcePosition(line: mark.line, column: mark.column)
  }
}
