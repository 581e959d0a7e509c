// The way back from a token stream to its numbers: where reading a column spends its time.

extension TokenStream {
  /// Reads `count` numbers, at least one, into `numbers`.
  static func decode(
    _ count: Int, from cursor: inout ByteCursor, into numbers: UnsafeMutablePointer<UInt64>
  ) throws(ColumnBlockError) {
    let tables = try TokenTables(&cursor)
    let slotBytes = try cursor.count(upTo: cursor.remaining, "length of its tokens")
    let slots = try cursor.bits(slotBytes, "tokens")
    let tokens = try unsafe [UInt8].filled(count) {
      (tokens: UnsafeMutablePointer<UInt8>) throws(ColumnBlockError) in
      try unsafe tables.decodeTokens(count, from: slots, into: tokens)
    }
    let end = unsafe tables.addExtra(cursor.upcomingBits, to: tokens, into: numbers)
    _ = try unsafe cursor.take((end + 7) / 8, "extra bits")
  }
}

/// What decoders of a token stream look things up in.
private struct TokenTables {
  private let tableLog: Int
  /// The slots of all classes, one class after the other.
  private let slots: [TokenSlot]
  /// Where the slots of a context's class begin.
  private let offsets: [Int]
  /// Of each token, and zeros up to 256: how many extra bits, and the least number.
  private var widths = [Int](repeating: 0, count: TokenAlphabet.most)
  private var bases = [UInt64](repeating: 0, count: TokenAlphabet.most)

  /// Reads the tables in front of a stream.
  init(_ cursor: inout ByteCursor) throws(ColumnBlockError) {
    let alphabetForm = try cursor.byte("alphabet of tokens")
    guard
      let alphabet = TokenAlphabet(
        exact: Int(alphabetForm & 15), mantissa: Int(alphabetForm >> 4))
    else { throw .invalid(what: "the alphabet of tokens", value: UInt64(alphabetForm)) }
    let tokenCount = Int(try cursor.byte("number of tokens")) + 1
    guard tokenCount <= alphabet.count else {
      throw .invalid(what: "the number of tokens", value: UInt64(tokenCount))
    }
    let form = Int(try cursor.byte("classes of contexts"))
    let tableLog = form & 15
    guard (TokenTable.leastLog...TokenTable.mostLog).contains(tableLog) else {
      throw .invalid(what: "the size of the table of tokens", value: UInt64(tableLog))
    }
    self.tableLog = tableLog
    let contexts = try TokenContexts(classCount: form >> 4 + 1, &cursor)
    let shares = try Self.shares(tokenCount, contexts.classCount, tableLog, &cursor)
    let starts = (0..<tokenCount).map { UInt32($0) | UInt32(alphabet.level(of: $0)) << 8 }
    let states = TokenTable.states(tableLog: tableLog)
    slots = try unsafe [TokenSlot].filled(contexts.classCount << tableLog) {
      (slots: UnsafeMutablePointer<TokenSlot>) throws(ColumnBlockError) in
      for (index, each) in shares.enumerated() {
        unsafe TokenTable.writeSlots(
          each, tableLog: tableLog, starts: starts, states: states, to: slots + index << tableLog)
      }
    }
    offsets = contexts.classes.map { $0 << tableLog }
    for token in 0..<tokenCount {
      widths[token] = alphabet.extraBits(of: token)
      bases[token] = alphabet.base(of: token)
    }
  }

  private static func shares(
    _ tokenCount: Int, _ classCount: Int, _ tableLog: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [[Int]] {
    let bits = cursor.upcomingBits
    var position = 0
    var shares: [[Int]] = []
    for _ in 0..<classCount {
      shares.append(
        try TokenFrequencies.read(tokenCount, tableLog: tableLog, from: bits, at: &position))
    }
    _ = try unsafe cursor.take((position + 7) / 8, "frequencies of tokens")
    return shares
  }

  /// One of the four decoders.
  @unsafe private struct Lane {
    var slot: Int
    /// Where the slots of its context begin.
    var table: UnsafePointer<TokenSlot>
    var level = 0
  }

  /// Reads `count` tokens.
  ///
  /// Nothing here is read outside of its table: shares come to `1 << tableLog`, so no slot leads
  /// beyond; a level is at most 64, so no two come to more than the last context.
  func decodeTokens(
    _ count: Int, from bits: BitSource, into tokens: UnsafeMutablePointer<UInt8>
  ) throws(ColumnBlockError) {
    var position = 0
    var first: [Int] = []
    for _ in 0..<TokenStream.lanes {
      first.append(Int(bits.read(position, tableLog)))
      position += tableLog
    }
    let quarter = count / TokenStream.lanes
    let masks = (0..<16).map { UInt64(1) << $0 - 1 }
    let atEnd = unsafe slots.withUnsafeBufferPointer { slots -> Bool in
      guard let slots = slots.baseAddress else { return false }
      let tables = unsafe offsets.map { unsafe slots + $0 }
      return unsafe tables.withUnsafeBufferPointer { tables in
        unsafe masks.withUnsafeBufferPointer { masks in
          @inline(__always) func next(
            _ lane: inout Lane, _ word: inout UInt64, _ position: inout Int
          ) -> UInt8 {
            let entry = unsafe lane.table[lane.slot]
            let width = entry.bits
            let level = entry.level
            unsafe lane.slot = entry.base &+ Int(truncatingIfNeeded: word & masks[width])
            word = word &>> UInt64(truncatingIfNeeded: width)
            position &+= width
            unsafe lane.table = tables[level &+ lane.level]
            unsafe lane.level = level
            return entry.token
          }
          var a = unsafe Lane(slot: first[0], table: tables[0])
          var b = unsafe Lane(slot: first[1], table: tables[0])
          var c = unsafe Lane(slot: first[2], table: tables[0])
          var d = unsafe Lane(slot: first[3], table: tables[0])
          for index in 0..<quarter {
            var word = bits.peek(position)
            unsafe tokens[index] = next(&a, &word, &position)
            unsafe tokens[index &+ quarter] = next(&b, &word, &position)
            unsafe tokens[index &+ 2 &* quarter] = next(&c, &word, &position)
            unsafe tokens[index &+ 3 &* quarter] = next(&d, &word, &position)
          }
          for index in (4 * quarter)..<count {
            var word = bits.peek(position)
            unsafe tokens[index] = next(&d, &word, &position)
          }
          return unsafe a.slot | b.slot | c.slot | d.slot == 0
        }
      }
    }
    guard (position + 7) / 8 == bits.byteCount, atEnd else {
      throw .invalid(what: "the end of its tokens", value: UInt64(position))
    }
  }

  /// Numbers of tokens and of what is read from `bits`; returns how many bits that were.
  func addExtra(
    _ bits: BitSource, to tokens: [UInt8], into numbers: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let masks = widths.map { UInt64(1) << UInt64($0) - 1 }
    let pairCount = (widths.max() ?? 0) <= 57 ? tokens.count / 2 : 0
    var position = 0
    unsafe widths.withUnsafeBufferPointer { widths in
      unsafe bases.withUnsafeBufferPointer { bases in
        unsafe masks.withUnsafeBufferPointer { masks in
          unsafe tokens.withUnsafeBufferPointer { tokens in
            for pair in 0..<pairCount {
              let one = unsafe Int(tokens[2 &* pair])
              let two = unsafe Int(tokens[2 &* pair &+ 1])
              let width = unsafe widths[one]
              let both = unsafe width &+ widths[two]
              let word = bits.peek(position)
              // Most pairs need one look at the bits.
              let rest =
                both <= 57
                ? word &>> UInt64(truncatingIfNeeded: width) : bits.peek(position &+ width)
              unsafe numbers[2 &* pair] = bases[one] &+ word & masks[one]
              unsafe numbers[2 &* pair &+ 1] = bases[two] &+ rest & masks[two]
              position &+= both
            }
            for index in (2 * pairCount)..<tokens.count {
              let token = unsafe Int(tokens[index])
              unsafe numbers[index] = bases[token] &+ bits.read(position, widths[token])
              unsafe position &+= widths[token]
            }
          }
        }
      }
    }
    return position
  }
}
