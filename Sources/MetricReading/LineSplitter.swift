// Bytes into lines.

/// Cuts what arrives in pieces into lines, which end with a newline or (progress bars) a
/// carriage return. Empty lines are left out.
struct LineSplitter {
  struct Line {
    var bytes: ArraySlice<UInt8>
    /// How many newlines came before it.
    var number: Int
    /// Whether it was longer than the limit, and its end is missing.
    var isCut: Bool
    /// Whether a carriage return ended it: what comes next is written over it.
    var isWrittenOver = false
  }

  /// Bytes of a line that are kept.
  let limit: Int
  private var kept: [UInt8] = []
  private var isCut = false
  private var number = 0

  init(limit: Int = 1 << 16) { self.limit = limit }

  /// The lines that `bytes` end.
  mutating func split(_ bytes: ArraySlice<UInt8>) -> [Line] {
    var lines: [Line] = []
    split(bytes) { lines.append($0) }
    return lines
  }

  /// Calls `take` for each line that `bytes` end.
  mutating func split(_ bytes: ArraySlice<UInt8>, _ take: (Line) -> Void) {
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      guard byte == 0x0A || byte == 0x0D else {
        index += 1
        continue
      }
      let piece = bytes[start..<index]
      let isReturn = byte == 0x0D && !(index + 1 < bytes.endIndex && bytes[index + 1] == 0x0A)
      if kept.isEmpty, piece.count <= limit {
        if !piece.isEmpty {
          take(Line(bytes: piece, number: number, isCut: false, isWrittenOver: isReturn))
        }
      } else {
        keep(piece)
        if var line = finish() {
          line.isWrittenOver = isReturn
          take(line)
        }
      }
      if byte == 0x0A { number += 1 }
      index += 1
      start = index
    }
    keep(bytes[start...])
  }

  /// What there is of a last line without an end.
  mutating func finish() -> Line? {
    defer {
      kept = []
      isCut = false
    }
    return kept.isEmpty ? nil : Line(bytes: kept[...], number: number, isCut: isCut)
  }

  /// What there is of an unfinished line counts as cut.
  mutating func spoilUnfinished() {
    if !kept.isEmpty { isCut = true }
  }

  private mutating func keep(_ piece: ArraySlice<UInt8>) {
    let room = limit - kept.count
    if piece.count > room { isCut = true }
    kept.append(contentsOf: piece.prefix(room))
  }
}
