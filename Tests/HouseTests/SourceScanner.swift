// Telling code from comments and string literals.

/// Splits a Swift file's lines into code and comment, one after the other. It knows as much of
/// the grammar as that takes; a regular expression with a quote in it can mislead it until the
/// end of the line, no further.
struct SourceScanner {
  /// What the text between two characters belongs to.
  private enum Context {
    case code
    case blockComment(depth: Int)
    /// A literal ended by `"` or `"""` and as many `#` as it began with.
    case string(pounds: Int, isMultiline: Bool)
    /// Code within `\(…)`, with the parentheses open in it.
    case interpolation(parentheses: Int)
  }

  private var contexts: [Context] = [.code]
  private var bytes: [UInt8] = []
  private var position = 0
  private var code: [UInt8] = []
  private var comment: [UInt8] = []

  private static let quote = UInt8(ascii: "\"")
  private static let pound = UInt8(ascii: "#")
  private static let slash = UInt8(ascii: "/")
  private static let star = UInt8(ascii: "*")
  private static let backslash = UInt8(ascii: "\\")
  private static let opening = UInt8(ascii: "(")
  private static let closing = UInt8(ascii: ")")

  mutating func split(_ text: String, number: Int) -> SwiftSource.Line {
    bytes = Array(text.utf8)
    position = 0
    code.removeAll()
    comment.removeAll()
    while position < bytes.count {
      switch contexts[contexts.count - 1] {
      case .blockComment(let depth): scanComment(depth)
      case .string(let pounds, let isMultiline): scanString(pounds, isMultiline)
      case .code, .interpolation: scanCode()
      }
    }
    // Only a block comment and a multi-line string go on to the next line.
    while case .string(_, isMultiline: false) = contexts[contexts.count - 1] {
      contexts.removeLast()
    }
    return SwiftSource.Line(
      number: number, text: text, code: String(decoding: code, as: UTF8.self),
      comment: String(decoding: comment, as: UTF8.self))
  }

  private func byte(at offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  /// How many times `byte` stands from `offset` on.
  private func run(of byte: UInt8, from offset: Int) -> Int {
    var count = 0
    while self.byte(at: offset + count) == byte { count += 1 }
    return count
  }

  private mutating func scanComment(_ depth: Int) {
    let opens = byte(at: 0) == Self.slash && byte(at: 1) == Self.star
    let closes = byte(at: 0) == Self.star && byte(at: 1) == Self.slash
    let length = opens || closes ? 2 : 1
    comment += bytes[position..<position + length]
    position += length
    if opens { contexts[contexts.count - 1] = .blockComment(depth: depth + 1) }
    guard closes else { return }
    contexts.removeLast()
    if depth > 1 { contexts.append(.blockComment(depth: depth - 1)) }
  }

  private mutating func scanString(_ pounds: Int, _ isMultiline: Bool) {
    let quotes = isMultiline ? 3 : 1
    if run(of: Self.quote, from: 0) >= quotes && run(of: Self.pound, from: quotes) >= pounds {
      code += bytes[position..<position + quotes + pounds]
      position += quotes + pounds
      contexts.removeLast()
    } else if byte(at: 0) == Self.backslash && run(of: Self.pound, from: 1) >= pounds {
      let isInterpolation = byte(at: 1 + pounds) == Self.opening
      position += 2 + pounds
      if isInterpolation { contexts.append(.interpolation(parentheses: 1)) }
    } else {
      position += 1
    }
  }

  private mutating func scanCode() {
    let first = byte(at: 0)
    if first == Self.slash && byte(at: 1) == Self.slash {
      comment += bytes[position...]
      position = bytes.count
    } else if first == Self.slash && byte(at: 1) == Self.star {
      comment += bytes[position..<position + 2]
      position += 2
      contexts.append(.blockComment(depth: 1))
    } else if first == Self.quote || first == Self.pound, openString() {
      return
    } else {
      code.append(first)
      position += 1
      countParenthesis(first)
    }
  }

  /// Enters the string literal that begins here, if one does.
  private mutating func openString() -> Bool {
    let pounds = run(of: Self.pound, from: 0)
    guard byte(at: pounds) == Self.quote else { return false }
    let isMultiline = run(of: Self.quote, from: pounds) >= 3
    let length = pounds + (isMultiline ? 3 : 1)
    code += bytes[position..<position + length]
    position += length
    contexts.append(.string(pounds: pounds, isMultiline: isMultiline))
    return true
  }

  /// Leaves an interpolation with the parenthesis that closes it.
  private mutating func countParenthesis(_ byte: UInt8) {
    guard case .interpolation(let open) = contexts[contexts.count - 1] else { return }
    let now = open + (byte == Self.opening ? 1 : byte == Self.closing ? -1 : 0)
    contexts.removeLast()
    if now > 0 { contexts.append(.interpolation(parentheses: now)) }
  }
}
