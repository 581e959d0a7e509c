// Tables of an asymmetric numeral system (tANS: Duda 2013, arXiv:1311.2540; spread over the table
// as in Zstandard, RFC 8878, section 4.1.1).
//
// A table has `size = 1 << tableLog` slots. Each belongs to a token, and each token has as many as
// its share says: the tokens take theirs in order, each slot `size / 2 + size / 8 + 3` further on,
// around the end. In the order of the table, the slots of a token stand for its states
// `share ..< 2 · share`. A decoder in the slot of a state knows the token, reads
// `bits = tableLog − ⌊log2(state)⌋` bits, and goes on to slot `(state << bits) − size + them`.

/// A slot of the decoder: the token (8 bits), its level (8), how many bits to read (4), where to
/// go on (12).
typealias TokenSlot = UInt32

extension TokenSlot {
  @inline(__always) var token: UInt8 { UInt8(truncatingIfNeeded: self) }
  @inline(__always) var level: Int { Int(self >> 8 & 0xFF) }
  @inline(__always) var bits: Int { Int(self >> 16 & 15) }
  @inline(__always) var base: Int { Int(self >> 20) }
}

enum TokenTable {
  static let leastLog = 5
  static let mostLog = 11

  /// Which token each slot belongs to. The shares come to `1 << tableLog`.
  static func spread(_ shares: [Int], tableLog: Int) -> [UInt8] {
    let size = 1 << tableLog
    let step = size / 2 + size / 8 + 3
    var slots = [UInt8](repeating: 0, count: size)
    unsafe slots.withUnsafeMutableBufferPointer { slots in
      var slot = 0
      for (token, share) in shares.enumerated() {
        for _ in 0..<share {
          unsafe slots[slot] = UInt8(truncatingIfNeeded: token)
          slot = (slot &+ step) & (size &- 1)
        }
      }
    }
    return slots
  }

  /// What a slot says of its state, below `2 << tableLog`: the same for all tokens.
  static func states(tableLog: Int) -> [TokenSlot] {
    let size = 1 << tableLog
    return (0..<2 * size).map { state in
      guard state > 0 else { return 0 }
      let bits = tableLog - (Int.bitWidth - 1 - state.leadingZeroBitCount)
      return bits < 0 ? 0 : UInt32(bits) << 16 | UInt32(max(0, state << bits - size)) << 20
    }
  }

  /// Writes the slots for decoding.
  ///
  /// - Parameters:
  ///   - starts: what a slot says of its token and its level.
  ///   - states: what it says of its state.
  static func writeSlots(
    _ shares: [Int], tableLog: Int, starts: [TokenSlot], states: [TokenSlot],
    to table: UnsafeMutablePointer<TokenSlot>
  ) {
    let spread = spread(shares, tableLog: tableLog)
    var next = shares
    unsafe next.withUnsafeMutableBufferPointer { next in
      unsafe spread.withUnsafeBufferPointer { spread in
        unsafe starts.withUnsafeBufferPointer { starts in
          unsafe states.withUnsafeBufferPointer { states in
            for slot in 0..<spread.count {
              let token = unsafe Int(spread[slot])
              let state = unsafe next[token]
              unsafe next[token] = state &+ 1
              unsafe table[slot] = starts[token] | states[state]
            }
          }
        }
      }
    }
  }
}

/// The inverse: from a token and a state to the state before it.
struct TokenEncoder {
  private let tableLog: Int
  private let shares: [Int]
  /// Where in `slots` those of a token begin.
  private let starts: [Int]
  /// The slot of every state, token after token.
  private let slots: [Int]

  init(_ shares: [Int], tableLog: Int) {
    self.tableLog = tableLog
    self.shares = shares
    var starts: [Int] = []
    var sum = 0
    for share in shares {
      starts.append(sum)
      sum += share
    }
    self.starts = starts
    var next = starts
    var slots = [Int](repeating: 0, count: sum)
    for (slot, token) in TokenTable.spread(shares, tableLog: tableLog).enumerated() {
      slots[next[Int(token)]] = slot
      next[Int(token)] += 1
    }
    self.slots = slots
  }

  /// Moves `slot` to where a decoder reads `token`, and returns the bits that lead it back.
  func push(_ token: Int, onto slot: inout Int) -> (value: Int, width: Int) {
    let state = slot + 1 << tableLog
    let share = shares[token]
    var width = tableLog - (Int.bitWidth - 1 - share.leadingZeroBitCount)
    if state >> width < share { width -= 1 }
    slot = slots[starts[token] + state >> width - share]
    return (state & (1 << width - 1), width)
  }
}
