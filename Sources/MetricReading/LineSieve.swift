// The quick look that keeps reading fast: of most lines nothing more is done.

import PlainText

/// Tells lines that may say something from the many that do not: one look at each byte.
struct LineSieve: Sendable {
  private let names: [[UInt8]]
  private let counters: [[UInt8]]
  /// By byte: 1 when one of the names begins so, 2 when a counter does (in either case).
  private let starts: [UInt8]

  private static let counterWords = [
    "epoch", "step", "iter", "iteration", "iterations", "global_step", "total_timesteps",
    "timesteps", "num_updates", "update", "round", "gen", "generation",
  ]

  init(names: [String], counters more: [String]) {
    self.names = names.map { Array($0.utf8) }.filter { !$0.isEmpty }
    counters = (Self.counterWords + more).map { Array($0.lowercased().utf8) }
    var starts = [UInt8](repeating: 0, count: 256)
    for name in self.names { starts[Int(name[0])] |= 1 }
    for word in counters where word[0].isLetter {
      starts[Int(word[0])] |= 2
      starts[Int(word[0] & ~0x20)] |= 2
    }
    self.starts = starts
  }

  /// Whether a name or a counter stands in `line`, not in the middle of a word.
  func holds(_ line: ArraySlice<UInt8>) -> Bool {
    var before: UInt8 = 0x20
    var index = line.startIndex
    let end = line.endIndex
    while index < end {
      let byte = line[index]
      let start = starts[Int(byte)]
      if start != 0, !before.isWordByte {
        if start & 1 != 0, names.contains(where: { Self.stands($0, in: line, at: index) }) {
          return true
        }
        if start & 2 != 0, counters.contains(where: { Self.begins($0, in: line, at: index) }) {
          return true
        }
      }
      before = byte
      index += 1
    }
    return false
  }

  private static func stands(_ name: [UInt8], in line: ArraySlice<UInt8>, at start: Int) -> Bool {
    guard line.endIndex - start >= name.count else { return false }
    for offset in 1..<max(1, name.count) where line[start + offset] != name[offset] { return false }
    let end = start + name.count
    return end == line.endIndex || !line[end].isWordByte
  }

  private static func begins(_ word: [UInt8], in line: ArraySlice<UInt8>, at start: Int) -> Bool {
    guard line.endIndex - start >= word.count else { return false }
    for offset in 1..<word.count where line[start + offset] | 0x20 != word[offset] | 0x20 {
      return false
    }
    let end = start + word.count
    return end == line.endIndex || !line[end].isLetter
  }
}

extension UInt8 {
  fileprivate var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
