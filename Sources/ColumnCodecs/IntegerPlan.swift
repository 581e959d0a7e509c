// How a column of integers becomes one of small numbers: differences, a common origin and a common
// divisor. Arithmetic wraps around, so that every column can go this way and back.

/// What turns integers into numbers: `order` times differences, then `(d − origin) / stride`,
/// then zig-zag if numbers are to lie on both sides of the origin.
struct IntegerPlan: Equatable {
  static let mostOrder = 7

  var order: Int
  var isCentred: Bool
  var origin: Int64
  var stride: UInt64
  /// What the numbers would take as tokens under one context, in bits, without tables.
  var tokenBits: Double
  /// How many bits the largest number has.
  var width: Int

  /// What `count` values take as packed numbers, in bits.
  func packedBits(_ count: Int) -> Double {
    Double((count - order) * width + order * 80)
  }

  /// What `count` values take, in bits, as packed numbers or as tokens.
  func estimatedBits(_ count: Int) -> Double { min(packedBits(count), tokenBits) + 160 }

  /// `values` after `order` times differences. What it cannot tell, the first value of every
  /// order, comes first.
  static func differences(_ values: [Int64], order: Int) -> (firsts: [Int64], rest: [Int64]) {
    var firsts: [Int64] = []
    var rest = values
    for _ in 0..<min(order, values.count) {
      firsts.append(rest[0])
      for index in 0..<(rest.count - 1) { rest[index] = rest[index + 1] &- rest[index] }
      rest.removeLast()
    }
    return (firsts, rest)
  }

  /// The numbers that stand for the differences.
  func numbers(_ differences: [Int64]) -> [UInt64] {
    differences.map { number($0) }
  }

  @inline(__always) private func number(_ difference: Int64) -> UInt64 {
    let distance = difference &- origin
    if isCentred {
      return (stride == 1 ? distance : distance / Int64(stride)).zigzagged
    }
    return stride == 1 ? UInt64(bitPattern: distance) : UInt64(bitPattern: distance) / stride
  }

  /// The plans worth a look: from the least difference and from the median, of every order until
  /// two more have made it no shorter.
  static func candidates(for values: [Int64]) -> [IntegerPlan] {
    var plans: [IntegerPlan] = []
    var best = (order: 0, bits: Double.infinity)
    for order in 0...mostOrder where order < values.count && order <= best.order + 2 {
      let rest = differences(values, order: order).rest
      let more = candidates(ofOrder: order, differences: rest)
      plans += more
      // All the same: no further order makes that shorter.
      guard let bits = more.map(\.tokenBits).min(), more[0].width > 0 else { break }
      if bits < best.bits { best = (order, bits) }
    }
    return plans
  }

  private static func candidates(ofOrder order: Int, differences: [Int64]) -> [IntegerPlan] {
    guard let first = differences.first else { return [] }
    var least = first
    var most = first
    for each in differences {
      least = min(least, each)
      most = max(most, each)
    }
    let stride = commonDivisor(differences, from: least)
    // A median of some will do. It differs from the least by a multiple of the stride.
    let step = max(1, differences.count / 255)
    let some = Swift.stride(from: 0, to: differences.count, by: step).map { differences[$0] }
    let median = some.sorted()[some.count / 2]
    var plans = [
      IntegerPlan(
        order: order, isCentred: false, origin: least, stride: stride, tokenBits: 0, width: 0)
    ]
    // Distances from the median must not leave what Int64 can tell, nor strides.
    if least.subtractingReportingOverflow(median).overflow == false,
      most.subtractingReportingOverflow(median).overflow == false, stride <= Int64.max
    {
      plans.append(
        IntegerPlan(
          order: order, isCentred: true, origin: median, stride: stride, tokenBits: 0, width: 0))
    }
    for index in plans.indices { plans[index].measure(differences) }
    return plans
  }

  private mutating func measure(_ differences: [Int64]) {
    let alphabet = TokenAlphabet.usual
    var counts = [Int](repeating: 0, count: TokenAlphabet.most)
    var all: UInt64 = 0
    for difference in differences {
      let number = number(difference)
      all |= number
      counts[alphabet.token(of: number)] += 1
    }
    width = 64 - all.leadingZeroBitCount
    tokenBits = Entropy.bits(counts)
    for (token, count) in counts.enumerated() where count > 0 {
      tokenBits += Double(count * alphabet.extraBits(of: token) + 8)
    }
  }

  /// The greatest number that divides the distances of all from `origin`, the least of them.
  private static func commonDivisor(_ values: [Int64], from origin: Int64) -> UInt64 {
    var divisor: UInt64 = 0
    for value in values {
      var rest = UInt64(bitPattern: value &- origin)
      while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
      if divisor == 1 { return 1 }
    }
    return max(divisor, 1)
  }
}
