// Names as keys. Swift calls two texts equal when they look the same: "é" in one character and
// in two. On disk, in a script's options and in a shell these are two names, so wherever a name
// decides what is meant, its bytes do.

/// A name, equal to another when their bytes (UTF-8) are.
public struct NameKey: Hashable, Comparable, Sendable {
  /// The name as it is written.
  public let text: String

  /// Any text can be a name.
  public init(_ text: String) { self.text = text }

  public static func == (a: Self, b: Self) -> Bool { a.text.isSameName(as: b.text) }

  public static func < (a: Self, b: Self) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    // Eight bytes at a time; the text's own hash would be one for all spellings of a text.
    let bytes = text.utf8.span
    var word: UInt64 = 0
    for index in 0..<bytes.count {
      word = word << 8 | UInt64(bytes[index])
      if index & 7 == 7 {
        hasher.combine(word)
        word = 0
      }
    }
    hasher.combine(word)
    hasher.combine(bytes.count)
  }
}

extension String {
  /// Whether both have the same bytes. `==` also holds for texts that only look the same.
  public func isSameName(as other: String) -> Bool {
    let (a, b) = (utf8.span, other.utf8.span)
    guard a.count == b.count else { return false }
    for index in 0..<a.count where a[index] != b[index] { return false }
    return true
  }
}
