// Numbers in tables: read from bytes, since a table has millions of them.

/// A number as tables write it.
package enum NumberToken: Hashable, Sendable {
  /// Digits with or without a minus, within Int64, and written as Swift and JSON write it.
  case whole(Int64)
  /// Any other way to write one; `nan`, `inf` and `infinity` too, however they are cased.
  case real(Double)

  /// The number that all of `bytes[range]` is; nil when it is none, or has a leading zero, as
  /// what is counted in names (`007`) does.
  package init?(_ bytes: [UInt8], _ range: Range<Int>) {
    guard let scan = NumberScan(bytes, range) else {
      guard let word = Self.word(bytes, range) else { return nil }
      self = .real(word)
      return
    }
    if let whole = scan.whole {
      self = .whole(whole)
      return
    }
    let value = scan.exact ?? Double(String(decoding: bytes[range], as: UTF8.self))
    guard let value = value ?? scan.approximate else { return nil }
    self = .real(value)
  }

  private static func word(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    guard 3...9 ~= range.count else { return nil }
    let text = String(decoding: bytes[range], as: UTF8.self).lowercased()
    return switch text {
    case "nan": .nan
    case "inf", "+inf", "infinity", "+infinity": .infinity
    case "-inf", "-infinity": -.infinity
    default: nil
    }
  }
}

/// The parts of a decimal number.
private struct NumberScan {
  private var isNegative = false
  /// Up to nineteen digits, the point left out.
  private var digits: UInt64 = 0
  private var digitCount = 0
  /// The power of ten that `digits` are multiplied by.
  private var exponent = 0
  private var isWrittenWhole = true

  private static let powers: [Double] = (0...22).map { count in
    (0..<count).reduce(1.0) { power, _ in power * 10 }
  }

  init?(_ bytes: [UInt8], _ range: Range<Int>) {
    var place = range.lowerBound
    let end = range.upperBound
    guard place < end else { return nil }
    if bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
      isNegative = bytes[place] == UInt8(ascii: "-")
      isWrittenWhole = isNegative
      place += 1
    }
    let first = place
    place = takeDigits(bytes, place, end)
    let wholeCount = place - first
    if wholeCount > 1, bytes[first] == UInt8(ascii: "0") { return nil }
    var fractionCount = 0
    if place < end, bytes[place] == UInt8(ascii: ".") {
      isWrittenWhole = false
      let start = place + 1
      place = takeDigits(bytes, start, end)
      fractionCount = place - start
      exponent -= fractionCount
    }
    guard wholeCount + fractionCount > 0 else { return nil }
    if place < end {
      guard bytes[place] | 0x20 == UInt8(ascii: "e"),
        let power = Self.power(bytes, place + 1, end)
      else { return nil }
      isWrittenWhole = false
      exponent += power
    }
  }

  private mutating func takeDigits(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int {
    var place = start
    while place < end {
      let digit = bytes[place] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      // Beyond nineteen, only their number counts: the exact reading is another's.
      if digitCount < 19 { digits = digits &* 10 &+ UInt64(digit) }
      if digitCount > 0 || digit > 0 { digitCount += 1 }
      place += 1
    }
    return place
  }

  /// The exponent that is all of `bytes[start..<end]`; beyond ±10,000 it is as good as that.
  private static func power(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
    var place = start
    var isNegative = false
    if place < end, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
      isNegative = bytes[place] == UInt8(ascii: "-")
      place += 1
    }
    guard place < end else { return nil }
    var power = 0
    while place < end {
      let digit = bytes[place] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      power = min(power * 10 + Int(digit), 10_000)
      place += 1
    }
    return isNegative ? -power : power
  }

  /// Nil when it is not written as one, or too large. `-0` is none: no whole number is that.
  var whole: Int64? {
    guard isWrittenWhole, digitCount <= 19, !(isNegative && digits == 0) else { return nil }
    if isNegative { return digits <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- digits) : nil }
    return Int64(exactly: digits)
  }

  /// Where both the digits and the power of ten are exact as Doubles, one rounding is all there
  /// is.
  ///
  /// Source: Clinger (1990), "How to read floating point numbers accurately", section 4.
  var exact: Double? {
    guard digitCount <= 19, digits <= 1 << 53, abs(exponent) <= 22 else { return nil }
    let value = Double(digits)
    let scaled =
      exponent < 0 ? value / Self.powers[-exponent] : value * Self.powers[exponent]
    return isNegative ? -scaled : scaled
  }

  /// For what is written as Swift does not read it (`.5`, `2.`, `1e99999`).
  var approximate: Double? {
    let sign = isNegative ? "-" : ""
    let shown = exponent + max(0, digitCount - 19)
    return Double("\(sign)\(digits)e\(shown)")
      ?? (digits == 0 ? 0 : shown < 0 ? 0 : isNegative ? -.infinity : .infinity)
  }
}
