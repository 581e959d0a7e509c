// CSV and TSV.

internal import PlainText

/// RFC 4180: fields with commas, quotes or line ends stand in quotes, lines end in CRLF. So does
/// text that looks like a number or a boolean, `"1.10"`, by which `cairn import` knows that it is
/// none. NULL is an empty field and empty text is `""`; numbers are written so that they read back
/// as the same number, `inf`, `-inf` and `nan` included; booleans are `true` and `false`.
struct CSVEncoder: RowEncoder {
  private var columns: [ResultColumn] = []

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    for (index, column) in columns.enumerated() {
      if index > 0 { output += "," }
      Self.append(column.name, isQuoted: false, &output)
    }
    output += "\r\n"
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    for (index, value) in row.enumerated() {
      if index > 0 { output += "," }
      switch value.asWritten(in: columns[index]) {
      case .text(let text):
        Self.append(text, isQuoted: Self.looksLikeAnother(text), &output)
      case .plain(let text): output += text
      case .nothing:
        // A line of one empty field would be no line at all.
        if row.count == 1 { output += "\"\"" }
      }
    }
    output += "\r\n"
  }

  mutating func end(_ output: inout String) {}

  /// Whether text, without quotes, would be read as a number or a boolean.
  private static func looksLikeAnother(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 40 else { return false }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "i"),
      UInt8(ascii: "I"):
      let bytes = Array(text.utf8)
      return NumberToken(bytes, bytes.indices) != nil
    case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
      let word = text.lowercased()
      return word == "true" || word == "false"
    default: return false
    }
  }

  private static func append(_ text: String, isQuoted: Bool, _ output: inout String) {
    let needsQuotes =
      isQuoted || text.isEmpty
      || text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    if needsQuotes {
      output += "\"" + text.replacing("\"", with: "\"\"") + "\""
    } else {
      output += text
    }
  }
}

/// Fields separated by tabs, lines by LF: what `cut`, `sort` and `awk` take. In text, a tab is
/// `\t`, a line end `\n` or `\r`, and a backslash `\\`. NULL and empty text are both empty.
struct TSVEncoder: RowEncoder {
  private var columns: [ResultColumn] = []

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    output += columns.map { Self.escaped($0.name) }.joined(separator: "\t") + "\n"
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    for (index, value) in row.enumerated() {
      if index > 0 { output += "\t" }
      switch value.asWritten(in: columns[index]) {
      case .text(let text): output += Self.escaped(text)
      case .plain(let text): output += text
      case .nothing: break
      }
    }
    output += "\n"
  }

  mutating func end(_ output: inout String) {}

  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || $0 == 0x5C })
    else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\\": result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// A value on its way to text.
enum WrittenValue {
  case nothing
  /// A number or a boolean, which needs no quotes anywhere.
  case plain(String)
  case text(String)
}

extension SQLValue {
  /// This value without loss, as one of `column`.
  func asWritten(in column: ResultColumn) -> WrittenValue {
    switch self {
    case .null: .nothing
    case .integer(1) where column.isBoolean: .plain("true")
    case .integer(0) where column.isBoolean: .plain("false")
    case .integer(let value): .plain(column.spelling[Double(value)] ?? String(value))
    case .real(let value): .plain(column.spelling[value] ?? value.description)
    case .text(let text): .text(text)
    }
  }
}
