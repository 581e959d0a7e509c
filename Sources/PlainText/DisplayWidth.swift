// How much room text takes on a terminal, and text that leaves the terminal alone.

extension String {
  /// Columns of a terminal: 2 for East Asian wide characters and emoji, 0 for marks that
  /// combine with what stands before them.
  package var displayWidth: Int {
    if isPlain { return utf8.count }
    return reduce(0) { $0 + $1.displayWidth }
  }

  /// This text with everything that would move the cursor, change colours or reorder the line
  /// written out: `\n`, `\t`, `\x1b`, `\u{202e}`.
  package var neutralized: String {
    if isPlain || unicodeScalars.allSatisfy({ !$0.isDisruptive }) { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.isDisruptive:
        let hex = String(scalar.value, radix: 16)
        result += scalar.value < 0x100 ? "\\x" + (hex.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether this is printable ASCII and no more.
  private var isPlain: Bool { utf8.allSatisfy { $0 &- 0x20 < 0x5F } }

  /// As much from the start as fits `width` columns, with `…` for what does not.
  package func truncated(toWidth width: Int) -> String {
    if displayWidth <= width { return self }
    guard width > 0 else { return "" }
    if isPlain { return String(utf8.prefix(width - 1)).map { $0 + "…" } ?? "…" }
    var result = ""
    var used = 1
    for character in self {
      used += character.displayWidth
      if used > width { break }
      result.append(character)
    }
    return result + "…"
  }

  /// Filled with spaces to `width` columns.
  package func padded(toWidth width: Int, alignedRight: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, width - displayWidth))
    return alignedRight ? fill + self : self + fill
  }
}

extension Character {
  package var displayWidth: Int {
    if unicodeScalars.contains("\u{FE0F}") { return 2 }
    return unicodeScalars.reduce(0) { Swift.max($0, $1.displayWidth) }
  }
}

extension Unicode.Scalar {
  fileprivate var displayWidth: Int {
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if properties.isEmojiPresentation { return 2 }
    return Self.wideRanges.contains { $0.contains(value) } ? 2 : 1
  }

  /// Blocks of which (nearly) all characters are East Asian wide or fullwidth: UAX #11.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x20000...0x3FFFD,
  ]

  /// Control characters, line separators, and marks that turn the direction of writing.
  fileprivate var isDisruptive: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E,
      0x2066...0x2069, 0xFEFF:
      true
    default: false
    }
  }
}
