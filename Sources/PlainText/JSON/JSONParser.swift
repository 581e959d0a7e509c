// JSON, read in one place: by the letter of RFC 8259, or as Python's json module reads it.
// What is made of a text is its reader's affair (`JSONBuilder`), so that space files get nodes
// with places, and lines of metrics plain values.

/// What a JSON text may hold beyond RFC 8259.
package struct JSONDialect: Sendable {
  /// `NaN`, `Infinity` and `-Infinity` are numbers.
  package var allowsNonFinite = false
  /// A key may come again in an object; otherwise that is an error.
  package var allowsRepeatedKeys = false
  /// An escaped half of a surrogate pair is U+FFFD; otherwise it is an error.
  package var replacesHalfCharacters = false

  package init(
    allowsNonFinite: Bool = false, allowsRepeatedKeys: Bool = false,
    replacesHalfCharacters: Bool = false
  ) {
    self.allowsNonFinite = allowsNonFinite
    self.allowsRepeatedKeys = allowsRepeatedKeys
    self.replacesHalfCharacters = replacesHalfCharacters
  }

  /// The RFC, every key once.
  package static let strict = JSONDialect()
  /// All that Python's json module writes and reads.
  package static let python = JSONDialect(
    allowsNonFinite: true, allowsRepeatedKeys: true, replacesHalfCharacters: true)
}

/// How large a JSON text may be. Depth bounds the recursion of whatever walks the result.
package struct JSONLimits: Sendable {
  package var depth: Int
  /// Scalars, arrays and objects together.
  package var values: Int

  package init(depth: Int = 64, values: Int = .max) {
    self.depth = depth
    self.values = values
  }
}

/// A JSON value without parts.
package enum JSONScalar: Hashable, Sendable {
  case null
  case bool(Bool)
  /// Written without point and exponent, and within Int64.
  case integer(Int64)
  case number(Double)
  case string(String)
}

/// Makes of the parts of a JSON text what its reader wants. Places are bytes from the start of
/// the text.
package protocol JSONBuilder {
  associatedtype Value

  /// - Parameter range: the token's bytes.
  mutating func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> Value
  mutating func array(_ elements: [Value], at offset: Int) -> Value
  mutating func object(_ members: [JSONMember<Value>], at offset: Int) -> Value
}

/// One entry of an object, in the order of the text.
package struct JSONMember<Value> {
  package let name: String
  /// Where the name stands, in bytes from the start of the text.
  package let offset: Int
  package let value: Value
}

/// Why a text is no JSON, and at which byte of it.
package struct JSONError: Error, Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    case missingValue
    case missingValueAtEnd
    case noValue(String)
    case moreAfterEnd
    case tooManyValues(limit: Int)
    case tooDeep(limit: Int)
    case unfinishedArray
    case unfinishedObject
    case missingKey
    case missingColon
    case repeatedKey(String)
    case missingQuote
    case controlCharacter
    case unknownEscape
    case halfCharacter
    case badHexadecimal
  }

  package let problem: Problem
  package let offset: Int

  package init(problem: Problem, offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// In words, without the place.
  package var reason: String {
    switch problem {
    case .missingValue: "a value should stand here"
    case .missingValueAtEnd: "a value is missing at the end"
    case .noValue(let word): "\(word.jsonQuoted) is no JSON value"
    case .moreAfterEnd: "there is more after the end of the value"
    case .tooManyValues(let limit): "it has more than \(limit) values"
    case .tooDeep(let limit): "it is nested more than \(limit) deep"
    case .unfinishedArray: "the list needs a \",\" or \"]\" here"
    case .unfinishedObject: "the object needs a \",\" or \"}\" here"
    case .missingKey: "a key in quotes should stand here"
    case .missingColon: "a \":\" should follow the key"
    case .repeatedKey(let key): "the key \(key.jsonQuoted) stands here twice"
    case .missingQuote: "the closing quote is missing"
    case .controlCharacter: "a control character stands unescaped in the text"
    case .unknownEscape: "there is no such escape in JSON"
    case .halfCharacter: "this is half a character"
    case .badHexadecimal: "four hexadecimal digits should stand here"
    }
  }
}

/// Reads one JSON value.
package struct JSONParser<Builder: JSONBuilder> {
  private let bytes: ArraySlice<UInt8>
  private let dialect: JSONDialect
  private let limits: JSONLimits
  private var builder: Builder
  private var position: Int
  private var depth = 0
  private var valueCount = 0

  /// What `builder` makes of `bytes`, which hold one value and white space around it.
  ///
  /// Bytes that are no UTF-8 become U+FFFD.
  /// - Complexity: O(`bytes`); what is no JSON is given up at the first byte that cannot be.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, as dialect: JSONDialect, within limits: JSONLimits = JSONLimits(),
    by builder: inout Builder
  ) throws(JSONError) -> Builder.Value {
    var parser = JSONParser(bytes, dialect, limits, builder)
    defer { builder = parser.builder }
    let value = try parser.value()
    parser.skipSpace()
    guard parser.next == nil else { throw parser.failure(.moreAfterEnd) }
    return value
  }

  private init(
    _ bytes: ArraySlice<UInt8>, _ dialect: JSONDialect, _ limits: JSONLimits, _ builder: Builder
  ) {
    self.bytes = bytes
    self.dialect = dialect
    self.limits = limits
    self.builder = builder
    position = bytes.startIndex
  }

  private mutating func value() throws(JSONError) -> Builder.Value {
    skipSpace()
    valueCount += 1
    guard valueCount <= limits.values else {
      throw failure(.tooManyValues(limit: limits.values))
    }
    let start = position
    let scalar: JSONScalar
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): scalar = .string(try string())
    default: scalar = try word()
    }
    return builder.scalar(scalar, at: offset(start)..<offset(position))
  }

  private mutating func array() throws(JSONError) -> Builder.Value {
    let start = position
    try descend()
    var elements: [Builder.Value] = []
    if !take("]") {
      repeat { elements.append(try value()) } while take(",")
      guard take("]") else { throw failure(.unfinishedArray) }
    }
    depth -= 1
    return builder.array(elements, at: offset(start))
  }

  private mutating func object() throws(JSONError) -> Builder.Value {
    let start = position
    try descend()
    var members: [JSONMember<Builder.Value>] = []
    var names = Set<String>()
    if !take("}") {
      repeat {
        skipSpace()
        let place = position
        guard next == UInt8(ascii: "\"") else { throw failure(.missingKey) }
        let name = try string()
        if !dialect.allowsRepeatedKeys, !names.insert(name).inserted {
          throw failure(.repeatedKey(name), at: place)
        }
        guard take(":") else { throw failure(.missingColon) }
        members.append(JSONMember(name: name, offset: offset(place), value: try value()))
      } while take(",")
      guard take("}") else { throw failure(.unfinishedObject) }
    }
    depth -= 1
    return builder.object(members, at: offset(start))
  }

  /// Into the array or object whose bracket stands here.
  private mutating func descend() throws(JSONError) {
    depth += 1
    guard depth <= limits.depth else { throw failure(.tooDeep(limit: limits.depth)) }
    position += 1
  }

  // MARK: Words and numbers

  private mutating func word() throws(JSONError) -> JSONScalar {
    let start = position
    if let integer = shortInteger() { return .integer(integer) }
    while let byte = next, Self.isOfWord(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    if let scalar = scalar(word) { return scalar }
    let isAtEnd = next == nil
    throw failure(
      word.isEmpty ? (isAtEnd ? .missingValueAtEnd : .missingValue) : .noValue(word), at: start)
  }

  private func scalar(_ word: String) -> JSONScalar? {
    switch word {
    case "null": .null
    case "true": .bool(true)
    case "false": .bool(false)
    case "NaN" where dialect.allowsNonFinite: .number(.nan)
    case "Infinity" where dialect.allowsNonFinite: .number(.infinity)
    case "-Infinity" where dialect.allowsNonFinite: .number(-.infinity)
    default: word.numberInJSON
    }
  }

  /// At most eighteen digits and no more, which is what most whole numbers are; nil, and nothing
  /// is taken, for anything else.
  private mutating func shortInteger() -> Int64? {
    var place = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { place += 1 }
    let digits = place
    var whole: Int64 = 0
    while place < bytes.endIndex, bytes[place].isDigit, place - digits < 18 {
      whole = whole * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
      place += 1
    }
    guard place > digits, place == bytes.endIndex || !Self.isOfWord(bytes[place]),
      bytes[digits] != UInt8(ascii: "0") || place == digits + 1 && !isNegative
    else { return nil }
    position = place
    return isNegative ? -whole : whole
  }

  /// Letters, digits and what numbers are made of.
  private static func isOfWord(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return byte.isDigit || (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: "_")
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var plainStart = position
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        defer { position += 1 }
        if text.isEmpty { return String(decoding: bytes[plainStart..<position], as: UTF8.self) }
        text += bytes[plainStart..<position]
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[plainStart..<position]
        text += Array(String(Character(try escaped())).utf8)
        plainStart = position
      case 0..<0x20: throw failure(.controlCharacter)
      default: position += 1
      }
    }
    throw failure(.missingQuote, at: start)
  }

  private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    let letter = next
    position += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint(from: start)
    default: throw failure(.unknownEscape, at: start)
    }
  }

  private mutating func codePoint(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let unit = try codeUnit()
    if (0xD800..<0xDC00).contains(unit), bytes[position...].starts(with: Array("\\u".utf8)) {
      let second = position
      position += 2
      let low = try codeUnit()
      if (0xDC00..<0xE000).contains(low),
        let pair = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      {
        return pair
      }
      position = second
    }
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard dialect.replacesHalfCharacters else { throw failure(.halfCharacter, at: start) }
    return "\u{FFFD}"
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for place in position..<position + 4 {
      guard place < bytes.endIndex,
        let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue
      else { throw failure(.badHexadecimal) }
      unit = unit << 4 | UInt32(digit)
    }
    position += 4
    return unit
  }

  // MARK: Bytes

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private func offset(_ place: Int) -> Int { place - bytes.startIndex }

  private func failure(_ problem: JSONError.Problem, at place: Int? = nil) -> JSONError {
    JSONError(problem: problem, offset: offset(min(place ?? position, bytes.endIndex)))
  }
}

extension StringProtocol {
  /// The number this text is in JSON: an integer where it has neither point nor exponent and
  /// fits; nil for anything that JSON does not take for a number (`016`, `.5`, `+1`).
  package var numberInJSON: JSONScalar? {
    guard isJSONNumber, let number = Double(self) else { return nil }
    if isWrittenWhole, let whole = Int64(self), whole != 0 || first != "-" {
      return .integer(whole)
    }
    return .number(number)
  }
}
