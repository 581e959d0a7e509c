// What a line of output is without the terminal's colours, movements and decorations.

import PlainText

enum TerminalText {
  /// Whether there is anything to take away: control characters other than tabs.
  static func needsCleaning(_ line: ArraySlice<UInt8>) -> Bool {
    for byte in line where byte < 0x20 && byte != 0x09 { return true }
    return false
  }

  /// The texts that `line` showed one after the other: without escape sequences, and one more
  /// wherever backspaces went back to write over it.
  ///
  /// - Complexity: O(length): backspaces beyond the start go nowhere.
  static func versions(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var versions: [ArraySlice<UInt8>] = []
    var shown: [UInt8] = []
    var cursor = 0
    var isChanged = false
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      switch byte {
      case 0x1B: index = endOfEscape(line, at: index) - 1
      case 0x08:
        if isChanged { versions.append(shown[...]) }
        isChanged = false
        cursor = max(0, cursor - 1)
      case 0x00..<0x20 where byte != 0x09: break
      default:
        if cursor < shown.count { shown[cursor] = byte } else { shown.append(byte) }
        cursor += 1
        isChanged = true
      }
      index += 1
    }
    if isChanged { versions.append(shown[...]) }
    return versions
  }

  /// Behind the escape sequence that begins at `start` (ECMA-48): CSI, OSC, or two bytes.
  private static func endOfEscape(_ line: ArraySlice<UInt8>, at start: Int) -> Int {
    var index = start + 1
    guard index < line.endIndex else { return index }
    switch line[index] {
    case UInt8(ascii: "["):
      index += 1
      while index < line.endIndex, line[index] < 0x40 { index += 1 }
      return min(index + 1, line.endIndex)
    case UInt8(ascii: "]"):
      while index < line.endIndex {
        if line[index] == 0x07 { return index + 1 }
        if line[index] == 0x1B, index + 1 < line.endIndex { return index + 2 }
        index += 1
      }
      return index
    default:
      while index < line.endIndex, line[index] >= 0x20, line[index] < 0x30 { index += 1 }
      return min(index + 1, line.endIndex)
    }
  }

  /// Where the text begins behind what a launcher of many processes writes in front of every
  /// line: `[rank0]: `, `[default3]:`, `[1,0]<stdout>:`, `(worker pid=12, ip=10.0.0.1) `, and
  /// with `numbers` also `0: ` and `[0]: `, which may be a step elsewhere.
  static func skippingRank(_ line: ArraySlice<UInt8>, numbers: Bool) -> ArraySlice<UInt8> {
    let text = line.drop(while: \.isBlank)
    guard let first = text.first else { return text }
    switch first {
    case UInt8(ascii: "["):
      guard let close = text.prefix(40).firstIndex(of: UInt8(ascii: "]")) else { return text }
      let inside = text[(text.startIndex + 1)..<close]
      var rest = text[(close + 1)...]
      let isNamed = ["rank", "default", "Rank", "RANK"].contains { name in
        inside.starts(with: name.utf8)
          && inside.dropFirst(name.utf8.count).allSatisfy { $0.isDigit || $0.isBlank }
      }
      let isNumber = !inside.isEmpty && inside.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ",") }
      for channel in ["<stdout>", "<stderr>"] where rest.starts(with: channel.utf8) {
        rest = rest.dropFirst(channel.utf8.count)
        return isNumber ? rest.droppingColon ?? text : text
      }
      guard isNamed || (numbers && isNumber) else { return text }
      return rest.droppingColon ?? (isNamed ? rest.drop(while: \.isBlank) : text)
    case UInt8(ascii: "("):
      guard let close = text.prefix(80).firstIndex(of: UInt8(ascii: ")")) else { return text }
      let inside = String(decoding: text[text.startIndex..<close], as: UTF8.self)
      return inside.contains("pid=") ? text[(close + 1)...].drop(while: \.isBlank) : text
    case let byte where byte.isDigit && numbers:
      // With a blank behind the colon, or it is a time.
      let rest = text.drop(while: \.isDigit)
      guard text.count - rest.count <= 5, rest.starts(with: ": ".utf8) else { return text }
      return rest.droppingColon ?? text
    default: return text
    }
  }

  /// `line` with every decoration as one byte: a vertical rule as `|`, other drawing as
  /// ``barGlyph``, blanks as spaces.
  static func plain(_ line: ArraySlice<UInt8>) -> [UInt8] {
    guard line.contains(where: { $0 >= 0x80 }) else { return Array(line) }
    var text: [UInt8] = []
    text.reserveCapacity(line.count)
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      if byte == 0xE2, index + 2 < line.endIndex {
        switch (line[index + 1], line[index + 2]) {
        case (0x94, 0x82), (0x94, 0x83), (0x95, 0x91): text.append(UInt8(ascii: "|"))
        case (0x94...0x96, _): text.append(barGlyph)
        case (0x80, 0x80...0x8A): text.append(0x20)
        default: text.append(UInt8(ascii: ";"))  // dashes, arrows, ticks, bullets
        }
        index += 3
      } else if byte == 0xC2, index + 1 < line.endIndex, line[index + 1] == 0xA0 {
        text.append(0x20)
        index += 2
      } else {
        text.append(byte)
        index += 1
      }
    }
    return text
  }

  /// Stands for a piece of a bar or frame.
  static let barGlyph: UInt8 = 0x01
}

extension ArraySlice<UInt8> {
  /// What follows a colon in front, and the blanks behind that; nil without one.
  fileprivate var droppingColon: ArraySlice<UInt8>? {
    let text = drop(while: \.isBlank)
    return text.first == UInt8(ascii: ":") ? text.dropFirst().drop(while: \.isBlank) : nil
  }
}
