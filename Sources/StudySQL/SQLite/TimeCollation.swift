// How SQLite compares times: as the points in time that the texts mean, so that a filter may say
// '2026-11-27T05:00Z' of a column that says '2026-11-27 05:00:00.000000'. A collation does it for
// every comparison there is: <, BETWEEN, IN, min, ORDER BY, with literals, functions and values
// that are bound.

import PlainText

/// The order of times by a clock. Texts that are no times are in the order of their bytes.
///
/// A class, since SQLite holds it; it is used by one thread at a time, as its connection is.
final class TimeCollation {
  /// Behind COLLATE in the tables' declarations.
  static let name = "TIME"
  /// The same under a name of six letters; see ``TableColumn/declarationForSQLite``.
  static let longName = "MOMENT"

  private let clock: ClockZone
  /// The text that was last made canonical: mostly the same literal, row after row.
  private var lastText: [UInt8] = []
  private var lastCanonical: [UInt8] = []

  init(clock: ClockZone) { self.clock = clock }

  /// Negative, zero or positive: whether `a` is before, at or after `b`.
  func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int32 {
    let isCanonical = unsafe (Self.isCanonical(a), Self.isCanonical(b))
    switch isCanonical {
    case (true, true): return unsafe Self.order(a, b)
    case (true, false):
      return unsafe canonical(b).withUnsafeBytes { unsafe Self.order(a, $0) }
    case (false, true):
      return unsafe canonical(a).withUnsafeBytes { unsafe Self.order($0, b) }
    case (false, false):
      let first = unsafe canonical(a)
      return unsafe canonical(b).withUnsafeBytes { second in
        unsafe first.withUnsafeBytes { unsafe Self.order($0, second) }
      }
    }
  }

  /// As ``compare(_:_:)``, of a value of a table with one that it is compared with.
  func order(_ a: String, _ b: [UInt8]) -> Int {
    var a = a
    return a.withUTF8 { first in
      unsafe b.withUnsafeBytes { second in
        Int(unsafe compare(UnsafeRawBufferPointer(first), second))
      }
    }
  }

  /// Whether the text is in the form in which the tables tell times: by its length, its point,
  /// and no zone behind it.
  private static func isCanonical(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count == 26, unsafe text[19] == UInt8(ascii: "."),
      unsafe text[10] == UInt8(ascii: " ")
    else { return false }
    return unsafe text[20...].allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
  }

  private func canonical(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    if lastText.count == text.count, unsafe lastText.elementsEqual(text) {
      return lastCanonical
    }
    lastText = unsafe Array(text)
    lastCanonical =
      clock.canonicalText(String(decoding: lastText, as: UTF8.self)).map { Array($0.utf8) }
      ?? lastText
    return lastCanonical
  }

  private static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int32 {
    for unsafe(x, y) in unsafe zip(a, b) where x != y { return x < y ? -1 : 1 }
    return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
  }
}
