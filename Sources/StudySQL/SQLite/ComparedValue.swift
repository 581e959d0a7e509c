// What a column is compared with, and how SQLite orders values: NULL, numbers, text, blobs
// (https://sqlite.org/datatype3.html).

/// A value on the other side of a comparison.
enum ComparedValue: Hashable {
  case null
  case integer(Int64)
  case real(Double)
  /// As bytes: what SQLite compares need not be UTF-8.
  case text([UInt8])
  /// No table here has any, so it does not matter which.
  case blob

  init(_ value: SQLValue) {
    switch value {
    case .null: self = .null
    case .integer(let value): self = .integer(value)
    case .real(let value): self = value.isNaN ? .null : .real(value)
    case .text(let text): self = .text(Array(text.utf8))
    }
  }

  var isNumber: Bool {
    switch self {
    case .integer, .real: true
    case .null, .text, .blob: false
    }
  }
}

/// By which rule texts are compared.
enum Collation {
  /// By their bytes.
  case binary
  /// As `binary`, but for the case of ASCII letters.
  case noCase
  case time(TimeCollation)

  /// Negative, zero or positive: whether `a` is before, at or after `b`.
  func order(_ a: String, _ b: [UInt8]) -> Int {
    switch self {
    case .binary: Self.order(a.utf8, b.count, { b[$0] })
    case .noCase: Self.foldedOrder(Array(a.utf8), b)
    case .time(let collation): collation.order(a, b)
    }
  }

  private static func order(_ a: String.UTF8View, _ count: Int, _ b: (Int) -> UInt8) -> Int {
    var index = 0
    for byte in a {
      guard index < count else { return 1 }
      let other = b(index)
      if byte != other { return byte < other ? -1 : 1 }
      index += 1
    }
    return index < count ? -1 : 0
  }

  /// SQLite's own: where both have a zero byte, only the lengths are looked at.
  private static func foldedOrder(_ a: [UInt8], _ b: [UInt8]) -> Int {
    func folded(_ byte: UInt8) -> Int { Int(byte &- 65 < 26 ? byte | 0x20 : byte) }
    for (x, y) in zip(a, b) {
      let difference = folded(x) - folded(y)
      if difference != 0 { return difference }
      if x == 0 { break }
    }
    return a.count - b.count
  }
}

extension SQLValue {
  /// Where this value stands to `other` in SQLite's order of values that are not NULL; nil when
  /// either is.
  func order(_ other: ComparedValue, _ collation: Collation) -> Int? {
    switch (self, other) {
    case (.null, _), (_, .null): nil
    case (.real(let a), _) where a.isNaN: nil
    case (.integer(let a), .integer(let b)): a < b ? -1 : a > b ? 1 : 0
    case (.integer(let a), .real(let b)): Self.order(a, b)
    case (.real(let a), .integer(let b)): -Self.order(b, a)
    case (.real(let a), .real(let b)): a < b ? -1 : a > b ? 1 : 0
    case (.text(let a), .text(let b)): collation.order(a, b)
    case (.integer, _), (.real, _): -1
    case (.text, .blob): -1
    case (.text, _): 1
    }
  }

  /// Exact, also where a Double holds no integer exactly.
  static func order(_ a: Int64, _ b: Double) -> Int {
    if b >= 0x1p63 { return -1 }
    if b < -0x1p63 { return 1 }
    let whole = b.rounded(.towardZero)
    let integer = Int64(whole)
    if a != integer { return a < integer ? -1 : 1 }
    return whole < b ? -1 : whole > b ? 1 : 0
  }

  var isNull: Bool {
    switch self {
    case .null: true
    case .real(let value): value.isNaN
    case .integer, .text: false
    }
  }
}
