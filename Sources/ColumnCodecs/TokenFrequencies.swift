// How often each token stands in a class of contexts, in shares of a power of two, and how a
// block says so.

enum TokenFrequencies {
  /// Shares out `1 << tableLog` among the tokens that occur, in proportion to `counts`, at least
  /// one each. At least one token occurs, and no more than there are shares.
  static func normalized(_ counts: [Int], tableLog: Int) -> [Int] {
    let size = 1 << tableLog
    let total = counts.reduce(0, +)
    var shares = counts.map { $0 == 0 ? 0 : max(1, ($0 * size + total / 2) / total) }
    var excess = shares.reduce(0, +) - size
    while excess != 0 {
      // One share more or less where it changes the length of the whole least.
      let step = excess > 0 ? -1 : 1
      var best = -1
      var least = Double.infinity
      for (token, share) in shares.enumerated() where share + step > 0 && counts[token] > 0 {
        let loss = Double(counts[token]) / (Double(share) + 0.5 * Double(step)) * Double(-step)
        if loss < least { (best, least) = (token, loss) }
      }
      shares[best] += step
      excess += step
    }
    return shares
  }

  /// Each share as how many bits it has (4 bits) and those below its leading one; zeros as a
  /// zero and how many follow it (4 bits). Tokens behind the last that occurs are left out.
  static func write(_ shares: [Int], into sink: inout ByteSink) {
    var token = 0
    while token < shares.count {
      let share = shares[token]
      let bits = Int.bitWidth - share.leadingZeroBitCount
      sink.bits(UInt64(bits), 4)
      token += 1
      if bits > 0 {
        sink.bits(UInt64(share - 1 << (bits - 1)), bits - 1)
      } else {
        let zeros = shares[token...].prefix(15).prefix { $0 == 0 }.count
        sink.bits(UInt64(zeros), 4)
        token += zeros
      }
    }
  }

  /// How many bits ``write(_:into:)`` takes.
  static func bitCount(of shares: [Int]) -> Int {
    var sink = ByteSink()
    write(shares, into: &sink)
    return sink.count * 8
  }

  /// `count` shares that come to `1 << tableLog`, from bit `position` of `bits` on, which moves
  /// behind them.
  static func read(
    _ count: Int, tableLog: Int, from bits: BitSource, at position: inout Int
  ) throws(ColumnBlockError) -> [Int] {
    var shares: [Int] = []
    shares.reserveCapacity(count)
    var sum = 0
    while shares.count < count {
      guard position < bits.byteCount * 8 else { throw .truncated(what: "frequencies of tokens") }
      let width = Int(bits.read(position, 4))
      position += 4
      if width > 0 {
        let share = 1 << (width - 1) + Int(bits.read(position, width - 1))
        position += width - 1
        sum += share
        shares.append(share)
      } else {
        let zeros = Int(bits.read(position, 4)) + 1
        position += 4
        guard zeros <= count - shares.count else {
          throw .invalid(what: "the number of tokens without a share", value: UInt64(zeros))
        }
        shares += repeatElement(0, count: zeros)
      }
    }
    guard sum == 1 << tableLog else {
      throw .invalid(what: "the sum of the frequencies of tokens", value: UInt64(sum))
    }
    return shares
  }
}
