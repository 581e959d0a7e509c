// What a cell of a table is.

public import StudyModel

/// A value as SQLite has them. SQLite knows no NaN: it arrives as `null`.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
}

extension SQLValue {
  /// A parameter's value: booleans are 1 and 0, as SQL's `true` and `false` are.
  public init(_ value: ParameterValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .integer(value ? 1 : 0)
    case .integer(let value): self = .integer(value)
    case .float(let value): self = .real(value)
    case .string(let value), .structure(let value): self = .text(value)
    }
  }

  init(_ value: Double?) { self = value.map { .real($0) } ?? .null }

  init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

  var isNumber: Bool {
    switch self {
    case .integer, .real: true
    case .null, .text: false
    }
  }
}

extension String {
  /// This text as a name in SQL, in double quotes.
  package var sqlName: String {
    "\"" + replacing("\"", with: "\"\"") + "\""
  }

  /// This text as a literal in SQL, in single quotes.
  package var sqlLiteral: String {
    "'" + replacing("'", with: "''") + "'"
  }

  /// The ASCII letters made small: SQLite's own idea of equal names.
  var foldedName: String {
    String(decoding: utf8.map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// Whether SQL reads this as one name without quotes (keywords aside).
  var isPlainName: Bool {
    guard let first = utf8.first else { return false }
    return !(first &- 48 < 10) && utf8.allSatisfy(\.isNameByte)
  }
}

extension String {
  /// Whether this is a name that SQL would take apart, such as `val/loss`, and no mere number.
  var needsQuotesVisibly: Bool {
    !isEmpty && !isPlainName && !utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
  }
}

extension UInt8 {
  /// Whether SQLite takes this byte of UTF-8 as part of an unquoted name.
  var isNameByte: Bool {
    self >= 0x80 || self == UInt8(ascii: "_") || self == UInt8(ascii: "$")
      || self &- UInt8(ascii: "0") < 10 || (self | 0x20) &- UInt8(ascii: "a") < 26
  }
}
