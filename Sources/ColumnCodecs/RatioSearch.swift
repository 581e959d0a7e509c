// Of which fraction a column's values are multiples.

/// The values that are a whole number over one divisor, divided in Float64 or in Float32.
struct Ratio: Equatable {
  let divisor: UInt64
  let isFloat32: Bool

  /// The whole number that `value` is when divided; nil where there is none, as for −0.
  @inline(__always) func numerator(of value: Double) -> Int64? {
    let numerator = (value * Double(divisor)).rounded()
    // Beyond, not every whole number is one of the type.
    guard abs(numerator) <= (isFloat32 ? 0x1p24 : 0x1p53) else { return nil }
    // By way of an integer, which has no −0.
    let whole = Int64(numerator)
    let back =
      isFloat32 ? Double(Float(whole) / Float(divisor)) : Double(whole) / Double(divisor)
    return back.bitPattern == value.bitPattern ? whole : nil
  }

  static func isDecimal(_ divisor: UInt64) -> Bool {
    var rest = divisor
    while rest > 1, rest % 10 == 0 { rest /= 10 }
    return rest == 1
  }
}

enum RatioSearch {
  /// Divisors that may suit at least half of `values`, found from a sample: a power of ten, and
  /// one from continued fractions.
  static func divisors(of values: [Double], inFloat32: Bool) -> [UInt64] {
    let step = max(1, values.count / 256)
    let sample = stride(from: 0, to: values.count, by: step).map { values[$0] }
      .filter { $0.isFinite && $0 != 0 }
    guard !sample.isEmpty else { return [] }
    var found: [UInt64] = []
    if let decimal = powerOfTen(sample, inFloat32) { found.append(decimal) }
    for divisor in [commonDenominator(sample, inFloat32), spacing(sample, inFloat32)] {
      if let divisor, !found.contains(divisor) { found.append(divisor) }
    }
    return found
  }

  private static func matches(_ sample: [Double], _ divisor: UInt64, _ inFloat32: Bool) -> Int {
    let ratio = Ratio(divisor: divisor, isFloat32: inFloat32)
    return sample.count { ratio.numerator(of: $0) != nil }
  }

  /// The least one that meets almost as many as any.
  private static func powerOfTen(_ sample: [Double], _ inFloat32: Bool) -> UInt64? {
    var powers: [(divisor: UInt64, matches: Int)] = []
    var divisor: UInt64 = 1
    for exponent in 0...(inFloat32 ? 7 : 19) {
      if exponent > 0 { divisor *= 10 }
      powers.append((divisor, matches(sample, divisor, inFloat32)))
    }
    let most = powers.map(\.matches).max() ?? 0
    guard most * 2 >= sample.count else { return nil }
    return powers.first { $0.matches * 20 >= most * 19 }?.divisor
  }

  /// The least common multiple of the denominators of some, those left out that would make it
  /// too large: a value that is no ratio must not hide that the others are.
  private static func commonDenominator(_ sample: [Double], _ inFloat32: Bool) -> UInt64? {
    let limit: UInt64 = inFloat32 ? 1 << 20 : 10_000_000
    let step = max(1, sample.count / 64)
    let denominators = stride(from: 0, to: sample.count, by: step).compactMap {
      denominator(of: abs(sample[$0]), upTo: limit, inFloat32)
    }
    guard !denominators.isEmpty else { return nil }
    var best: (divisor: UInt64, matches: Int)?
    for start in stride(from: 0, to: denominators.count, by: max(1, denominators.count / 4)) {
      var multiple: UInt64 = 1
      for each in denominators[start...] + denominators[..<start] {
        let longer = multiple / commonDivisor(multiple, each) * each
        if longer <= limit { multiple = longer }
      }
      let count = matches(sample, multiple, inFloat32)
      if count > best?.matches ?? 0 { best = (multiple, count) }
    }
    guard let best, best.matches * 2 >= sample.count else { return nil }
    return best.divisor
  }

  /// The denominator of the first convergent of the value's continued fraction that gives it.
  private static func denominator(
    of value: Double, upTo limit: UInt64, _ inFloat32: Bool
  ) -> UInt64? {
    guard value < 0x1p24 else { return nil }
    var rest = value
    var (p, q) = (UInt64(1), UInt64(0))
    var (lastP, lastQ) = (UInt64(0), UInt64(1))
    for _ in 0..<40 {
      let whole = rest.rounded(.down)
      guard whole < 0x1p26 else { return nil }
      (p, lastP) = (UInt64(whole) * p + lastP, p)
      (q, lastQ) = (UInt64(whole) * q + lastQ, q)
      guard q <= limit, p < 1 << 53 else { return nil }
      if inFloat32 ? Float(p) / Float(q) == Float(value) : Double(p) / Double(q) == value {
        return q
      }
      guard rest > whole else { return nil }
      rest = 1 / (rest - whole)
    }
    return nil
  }

  /// One over the distance of which all distances between neighbours are multiples: it finds
  /// denominators that Float32 is too coarse to show in one value.
  private static func spacing(_ sample: [Double], _ inFloat32: Bool) -> UInt64? {
    guard inFloat32 else { return nil }
    let sorted = Set(sample).sorted()
    guard let least = zip(sorted.dropFirst(), sorted).map({ $0 - $1 }).min() else { return nil }
    // Each distance from the first, shortest first, makes the unit more exact.
    var unit = least
    for value in sorted.dropFirst() {
      let times = ((value - sorted[0]) / unit).rounded()
      if times >= 1 { unit = (value - sorted[0]) / times }
    }
    let divisor = (1 / unit).rounded()
    guard divisor >= 2, divisor <= 0x1p24 else { return nil }
    guard matches(sample, UInt64(divisor), true) * 2 >= sample.count else { return nil }
    return UInt64(divisor)
  }

  private static func commonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
