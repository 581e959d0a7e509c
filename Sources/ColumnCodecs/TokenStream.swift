// Numbers as tokens, entropy-coded under the contexts of their predecessors, and extra bits.
//
//     stream := alphabet lastToken classes contextStart* shares(class)* 0…7 zero bits
//               varint(bytes of slots) slots extra
//     alphabet := exact (4 bits) mantissa (4 bits)
//     classes := tableLog (4 bits) classCount − 1 (4 bits)
//     slots := 4 × first slot (tableLog bits), then of each token what leads to the next slot
//     extra := the extra bits of each number, in order
//
// Four decoders work side by side, each on a quarter of the numbers, so that a processor need not
// wait for one of them: the first three have a quarter, rounded down, and the last has the rest.
// Their bits are interleaved token by token. Each ends in slot 0: that is where the encoder,
// which goes from back to front, began.

enum TokenStream {
  static let lanes = 4

  /// The numbers as a stream. They are at least one.
  static func encode(
    _ numbers: [UInt64], alphabet: TokenAlphabet, into sink: inout ByteSink
  ) {
    let tokens = numbers.map { UInt8(alphabet.token(of: $0)) }
    let tokenCount = Int(tokens.max() ?? 0) + 1
    let laneRanges = Self.ranges(numbers.count)
    let contexts = Self.contexts(of: tokens, laneRanges, alphabet)
    var counts = [Int](repeating: 0, count: TokenContexts.count * tokenCount)
    for (token, context) in zip(tokens, contexts) {
      counts[Int(context) * tokenCount + Int(token)] += 1
    }
    let grouping = TokenContexts.best(counts, tokens: tokenCount)
    let classes = grouping.classes
    var byClass = [[Int]](
      repeating: [Int](repeating: 0, count: tokenCount), count: grouping.classCount)
    for context in 0..<TokenContexts.count {
      for token in 0..<tokenCount {
        byClass[classes[context]][token] += counts[context * tokenCount + token]
      }
    }
    let tableLog = Self.tableLog(numbers.count, tokenCount, grouping.classCount)
    let shares = byClass.map { TokenFrequencies.normalized($0, tableLog: tableLog) }
    sink.byte(UInt8(alphabet.exact | alphabet.mantissa << 4))
    sink.byte(UInt8(tokenCount - 1))
    sink.byte(UInt8(tableLog | (grouping.classCount - 1) << 4))
    sink.raw(grouping.starts)
    for each in shares { TokenFrequencies.write(each, into: &sink) }
    sink.align()
    let encoders = shares.map { TokenEncoder($0, tableLog: tableLog) }
    let slots = Self.slots(
      tokens, contexts.map { classes[Int($0)] }, laneRanges, encoders, tableLog)
    sink.varint(UInt64(slots.count))
    sink.raw(slots)
    let widths = (0..<tokenCount).map { alphabet.extraBits(of: $0) }
    for (number, token) in zip(numbers, tokens) {
      let width = widths[Int(token)]
      sink.bits(number & (1 << UInt64(width) &- 1), width)
    }
    sink.align()
  }

  /// Which numbers each of the four decoders has.
  private static func ranges(_ count: Int) -> [Range<Int>] {
    let quarter = count / lanes
    return (0..<lanes).map { $0 * quarter..<($0 == lanes - 1 ? count : ($0 + 1) * quarter) }
  }

  /// Fine enough for the shares of so many numbers and tokens, and no more slots in all than a
  /// decoder makes in little time: larger tables were shorter by nothing.
  private static func tableLog(_ count: Int, _ tokens: Int, _ classes: Int) -> Int {
    var log = TokenTable.leastLog
    while log < TokenTable.mostLog,
      1 << log < tokens || (1 << log < count / 4 && classes << log < 4096)
    {
      log += 1
    }
    return log
  }

  private static func contexts(
    of tokens: [UInt8], _ ranges: [Range<Int>], _ alphabet: TokenAlphabet
  ) -> [UInt8] {
    let levels = (0..<TokenAlphabet.most).map { UInt8(alphabet.level(of: $0)) }
    var contexts = [UInt8](repeating: 0, count: tokens.count)
    for range in ranges {
      var last: UInt8 = 0
      var context: UInt8 = 0
      for index in range {
        contexts[index] = context
        let level = levels[Int(tokens[index])]
        context = level + last
        last = level
      }
    }
    return contexts
  }

  /// Codes from back to front, then writes front to back.
  private static func slots(
    _ tokens: [UInt8], _ classes: [Int], _ ranges: [Range<Int>], _ encoders: [TokenEncoder],
    _ tableLog: Int
  ) -> [UInt8] {
    var values = [UInt16](repeating: 0, count: tokens.count)
    var widths = [UInt8](repeating: 0, count: tokens.count)
    var sink = ByteSink()
    for range in ranges {
      var slot = 0
      for index in range.reversed() {
        let (value, width) = encoders[classes[index]].push(Int(tokens[index]), onto: &slot)
        values[index] = UInt16(value)
        widths[index] = UInt8(width)
      }
      sink.bits(UInt64(slot), tableLog)
    }
    let quarter = ranges[0].count
    for step in 0..<quarter {
      for range in ranges {
        let index = range.lowerBound + step
        sink.bits(UInt64(values[index]), Int(widths[index]))
      }
    }
    for index in (ranges[lanes - 1].lowerBound + quarter)..<tokens.count {
      sink.bits(UInt64(values[index]), Int(widths[index]))
    }
    sink.align()
    return sink.bytes
  }
}
