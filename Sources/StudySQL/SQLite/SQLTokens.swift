// SQL text in its words, as far as it takes to explain mistakes and to hold an expression
// together. SQLite does the real parsing.

struct SQLToken {
  enum Kind {
    case name
    /// In double quotes, backticks or brackets.
    case quotedName
    case string
    case number
    case symbol
  }

  let kind: Kind
  /// Without its quotes, for quoted names and strings.
  let text: String
  /// Bytes of the SQL text.
  let range: Range<Int>

  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
  func isKeyword(_ word: String) -> Bool { kind == .name && text.foldedName == word }
  var isName: Bool { kind == .name || kind == .quotedName }
}

/// What a scan of SQL text found.
struct SQLTokens {
  private(set) var tokens: [SQLToken] = []
  /// Where a string, quoted name or comment begins that does not end.
  private(set) var openEnd: (what: String, offset: Int)?
  private let bytes: [UInt8]

  init(_ sql: String) {
    bytes = Array(sql.utf8)
    var position = 0
    while position < bytes.count { position = scan(at: position) }
  }

  /// Where `name` stands in `sql`, the text of these tokens, outside of quotes and as a whole.
  func offset(ofUnquoted name: String, in sql: String) -> Int? {
    let wanted = Array(name.foldedName.utf8)
    let text = Array(sql.foldedName.utf8)
    guard wanted.count <= text.count else { return nil }
    let quoted = tokens.filter { $0.kind == .quotedName || $0.kind == .string }.map(\.range)
    return (0...text.count - wanted.count).first { start in
      let end = start + wanted.count
      guard text[start..<end].elementsEqual(wanted) else { return false }
      if start > 0, text[start - 1].isNameByte, wanted[0].isNameByte { return false }
      if end < text.count, text[end].isNameByte, wanted[wanted.count - 1].isNameByte {
        return false
      }
      return !quoted.contains { $0.overlaps(start..<end) }
    }
  }

  /// Reads what begins at `start`, and returns where the next begins.
  private mutating func scan(at start: Int) -> Int {
    let byte = bytes[start]
    let next = start + 1 < bytes.count ? bytes[start + 1] : 0
    switch byte {
    case 0x09, 0x0A, 0x0C, 0x0D, 0x20: return start + 1
    case UInt8(ascii: "-") where next == UInt8(ascii: "-"):
      return bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    case UInt8(ascii: "/") where next == UInt8(ascii: "*"): return comment(at: start)
    case UInt8(ascii: "'"): return quoted(.string, at: start, by: byte, "text")
    case UInt8(ascii: "\""), UInt8(ascii: "`"):
      return quoted(.quotedName, at: start, by: byte, "a quoted name")
    case UInt8(ascii: "["): return bracketed(at: start)
    case _ where byte &- 48 < 10 || (byte == UInt8(ascii: ".") && next &- 48 < 10):
      return number(at: start)
    case _ where byte.isNameByte:
      let end = bytes[start...].firstIndex { !$0.isNameByte } ?? bytes.count
      return append(.name, start..<end)
    default:
      let pair = String(decoding: [byte, next], as: UTF8.self)
      let isPair = ["==", "<>", "!=", "<=", ">=", "||", "<<", ">>", "->"].contains(pair)
      return append(.symbol, start..<start + (isPair ? 2 : 1))
    }
  }

  private mutating func append(_ kind: SQLToken.Kind, _ range: Range<Int>) -> Int {
    tokens.append(
      .init(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), range: range))
    return range.upperBound
  }

  private mutating func comment(at start: Int) -> Int {
    var position = start + 2
    while position + 1 < bytes.count {
      if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
        return position + 2
      }
      position += 1
    }
    openEnd = ("a comment", start)
    return bytes.count
  }

  private mutating func quoted(
    _ kind: SQLToken.Kind, at start: Int, by quote: UInt8, _ what: String
  ) -> Int {
    var content: [UInt8] = []
    var position = start + 1
    while position < bytes.count {
      if bytes[position] == quote {
        guard position + 1 < bytes.count, bytes[position + 1] == quote else {
          tokens.append(
            .init(
              kind: kind, text: String(decoding: content, as: UTF8.self),
              range: start..<position + 1))
          return position + 1
        }
        position += 1
      }
      content.append(bytes[position])
      position += 1
    }
    openEnd = (what, start)
    return bytes.count
  }

  private mutating func bracketed(at start: Int) -> Int {
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else {
      openEnd = ("a quoted name", start)
      return bytes.count
    }
    let content = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    tokens.append(.init(kind: .quotedName, text: content, range: start..<end + 1))
    return end + 1
  }

  private mutating func number(at start: Int) -> Int {
    var end = start
    while end < bytes.count {
      let isExponentSign =
        end > start && bytes[end - 1] | 0x20 == UInt8(ascii: "e")
        && (bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+"))
      guard bytes[end].isNameByte || bytes[end] == UInt8(ascii: ".") || isExponentSign else {
        break
      }
      end += 1
    }
    return append(.number, start..<end)
  }
}
