// Tables of delimited fields, cut into records as they come: CSV by RFC 4180, and lines of tabs.

/// How fields are told apart.
package enum DelimitedDialect: Hashable, Sendable {
  /// RFC 4180: fields may stand in quotes, and hold anything then. The separator is a comma, a
  /// semicolon or a tab, whichever the header has most of.
  case quoted
  /// Tabs between fields, no quotes; `\t`, `\n`, `\r` and `\\` stand for what they say.
  case escaped
}

/// Why bytes are no table.
package enum DelimitedError: Error, Hashable, Sendable {
  /// A quote that opens a field in `line` is never closed.
  case openQuote(line: Int)
  /// Between the quote that closes a field and the next separator stands something.
  case textAfterQuote(line: Int)
  /// A record has more bytes than anybody writes.
  case longRecord(line: Int)
  case notUTF8(line: Int)
  /// Two bytes a character, as spreadsheets write "Unicode text".
  case utf16
}

/// Cuts bytes into records, one after the other. Lines end in LF or CR LF; an empty line is no
/// record. A byte order mark is passed over.
package struct DelimitedReader {
  /// A field of the current record.
  private struct Field {
    var range: Range<Int>
    var isQuoted = false
    /// Whether quotes are doubled in it, or anything escaped.
    var isCoded = false
  }

  private static let recordLimit = 64 << 20

  private let dialect: DelimitedDialect
  private let nextBytes: () throws -> [UInt8]
  private var buffer: [UInt8] = []
  /// Where the next record begins.
  private var start = 0
  private var isAtEnd = false
  private var separator: UInt8
  private var isFirst = true
  private var fields: [Field] = []
  /// The line in which the record after the current one begins, from 1.
  private var nextLine = 1
  /// The line in which the current record begins, from 1.
  package private(set) var line = 1

  /// - Parameter nextBytes: some more bytes; none at the end.
  package init(_ dialect: DelimitedDialect, nextBytes: @escaping () throws -> [UInt8]) {
    self.dialect = dialect
    self.nextBytes = nextBytes
    separator = dialect == .escaped ? 0x09 : UInt8(ascii: ",")
  }

  /// How many fields the current record has.
  package var count: Int { fields.count }

  /// Goes to the next record; false at the end.
  ///
  /// - Throws: ``DelimitedError``, and what the source throws.
  package mutating func next() throws -> Bool {
    while true {
      if isFirst { try begin() }
      line = nextLine
      guard start < buffer.count else {
        if isAtEnd { return false }
        try fill()
        continue
      }
      guard let (end, lines) = try cut() else {
        try fill()
        continue
      }
      start = end
      nextLine += lines
      if fields.count == 1, fields[0].range.isEmpty, !fields[0].isQuoted { continue }
      return true
    }
  }

  /// Reads the first bytes, passes over a mark, and finds what separates.
  private mutating func begin() throws {
    isFirst = false
    while !isAtEnd, buffer.count < 1 << 16 { try fill() }
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    if buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF]) {
      throw DelimitedError.utf16
    }
    guard dialect == .quoted else { return }
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in buffer[start...] {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A { break }
      counts[byte, default: 0] += 1
    }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
    separator = candidates.max { counts[$0] ?? 0 < counts[$1] ?? 0 } ?? separator
    if counts[separator] == nil { separator = UInt8(ascii: ",") }
  }

  private mutating func fill() throws {
    if start > 0 {
      buffer.removeSubrange(0..<start)
      start = 0
    }
    guard buffer.count < Self.recordLimit else { throw DelimitedError.longRecord(line: line) }
    let bytes = try nextBytes()
    isAtEnd = bytes.isEmpty
    buffer += bytes
  }

  /// Finds the fields of the record at `start`.
  ///
  /// - Returns: where the next one begins, and how many lines this one has; nil when its end is
  ///   not in the buffer.
  private mutating func cut() throws(DelimitedError) -> (end: Int, lines: Int)? {
    fields.removeAll(keepingCapacity: true)
    var place = start
    var lines = 0
    let count = buffer.count
    while true {
      if dialect == .quoted, place < count, buffer[place] == UInt8(ascii: "\"") {
        guard let close = try cutQuoted(place, &lines) else { return nil }
        place = close
      } else {
        let first = place
        var isCoded = false
        while place < count, buffer[place] != separator, buffer[place] != 0x0A {
          if buffer[place] == UInt8(ascii: "\\") { isCoded = true }
          place += 1
        }
        if place == count, !isAtEnd { return nil }
        var last = place
        let isLineEnd = place == count || buffer[place] == 0x0A
        if isLineEnd, last > first, buffer[last - 1] == 0x0D { last -= 1 }
        fields.append(
          Field(range: first..<last, isCoded: isCoded && dialect == .escaped))
      }
      if place == count { return isAtEnd ? (count, lines + 1) : nil }
      if buffer[place] == 0x0A { return (place + 1, lines + 1) }
      place += 1  // the separator
    }
  }

  /// Takes the field whose quote stands at `open`.
  ///
  /// - Returns: where the separator or the end of the line stands that follows it.
  private mutating func cutQuoted(
    _ open: Int, _ lines: inout Int
  ) throws(DelimitedError) -> Int? {
    let firstLine = line + lines
    var place = open + 1
    var isCoded = false
    while true {
      while place < buffer.count, buffer[place] != UInt8(ascii: "\"") {
        if buffer[place] == 0x0A { lines += 1 }
        place += 1
      }
      guard place + 1 < buffer.count || isAtEnd else { return nil }
      guard place < buffer.count else { throw .openQuote(line: firstLine) }
      guard place + 1 < buffer.count, buffer[place + 1] == UInt8(ascii: "\"") else { break }
      isCoded = true
      place += 2
    }
    fields.append(Field(range: open + 1..<place, isQuoted: true, isCoded: isCoded))
    place += 1
    if place < buffer.count, buffer[place] == 0x0D {
      guard place + 1 < buffer.count || isAtEnd else { return nil }
      place += 1
    }
    guard place == buffer.count || buffer[place] == separator || buffer[place] == 0x0A else {
      throw .textAfterQuote(line: line + lines)
    }
    return place
  }

  // MARK: The current record

  /// Whether field `index` stands in quotes.
  package func isQuoted(_ index: Int) -> Bool { fields[index].isQuoted }

  /// Whether nothing stands in field `index`, not even quotes.
  package func isEmpty(_ index: Int) -> Bool {
    fields[index].range.isEmpty && !fields[index].isQuoted
  }

  /// The number that field `index` is, in quotes or not.
  package func number(_ index: Int) -> NumberToken? {
    NumberToken(buffer, fields[index].range)
  }

  /// Whether field `index` is true or false, however these are cased; nil when it is neither.
  package func truth(_ index: Int) -> Bool? {
    let range = fields[index].range
    guard 4...5 ~= range.count else { return nil }
    func isWord(_ word: StaticString, _ count: Int) -> Bool {
      range.count == count
        && zip(buffer[range], "\(word)".utf8).allSatisfy { $0 | 0x20 == $1 }
    }
    switch buffer[range.lowerBound] | 0x20 {
    case UInt8(ascii: "t"): return isWord("true", 4) ? true : nil
    case UInt8(ascii: "f"): return isWord("false", 5) ? false : nil
    default: return nil
    }
  }

  /// What field `index` says.
  ///
  /// - Throws: ``DelimitedError/notUTF8(line:)``.
  package func text(_ index: Int) throws(DelimitedError) -> String {
    let field = fields[index]
    guard field.isCoded else {
      guard let text = String(validating: buffer[field.range], as: UTF8.self) else {
        throw .notUTF8(line: line)
      }
      return text
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(field.range.count)
    var isEscape = false
    for byte in buffer[field.range] {
      if isEscape {
        isEscape = false
        if dialect == .escaped { bytes.append(Self.unescaped(byte)) }
      } else if byte == UInt8(ascii: dialect == .escaped ? "\\" : "\"") {
        isEscape = true
        if dialect == .quoted { bytes.append(byte) }
      } else {
        bytes.append(byte)
      }
    }
    if isEscape, dialect == .escaped { bytes.append(UInt8(ascii: "\\")) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(line: line) }
    return text
  }

  private static func unescaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    default: byte
    }
  }
}
