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
    var rest = bytes
    while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
      let piece = rest[..<end]
      if kept.isEmpty, piece.count <= limit {
        if !piece.isEmpty { lines.append(Line(bytes: piece, number: number, isCut: false)) }
      } else {
        keep(piece)
        if let line = finish() { lines.append(line) }
      }
      if rest[end] == 0x0A { number += 1 }
      rest = rest[(end + 1)...]
    }
    keep(rest)
    return lines
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
