// Numbers for people: as many digits as say something.

extension Double {
  /// This number with at most `digits` significant digits, and no zeros that say nothing:
  /// `0.0123`, `1250`, `3.2e-05`.
  package func text(significantDigits digits: Int) -> String {
    guard isFinite, self != 0 else { return self == 0 ? "0" : description }
    var (decimals, exponent) = Self.decimals(of: magnitude.description)
    if decimals.count > digits {
      let roundsUp = decimals[digits] >= 5
      decimals.removeSubrange(digits...)
      if roundsUp { exponent += Self.increment(&decimals) }
    }
    while decimals.count > 1, decimals.last == 0 { decimals.removeLast() }
    let text =
      exponent < -4 || exponent >= digits
      ? Self.scientific(decimals, exponent) : Self.fixed(decimals, exponent)
    return self < 0 ? "-" + text : text
  }

  /// The digits of a number's description, the first not zero, and the power of ten of the
  /// first.
  private static func decimals(of description: String) -> (digits: [UInt8], exponent: Int) {
    var exponent = 0
    var digits: [UInt8] = []
    var point: Int?
    var text = description.utf8[...]
    while let byte = text.popFirst(), byte != UInt8(ascii: "e") {
      if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte - 48) }
    }
    if !text.isEmpty { exponent = Int(Substring(text)) ?? 0 }
    exponent += (point ?? digits.count) - 1
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(zeros)
    return (digits, exponent - zeros)
  }

  /// Adds one to the last digit; returns 1 when that makes the number a digit longer.
  private static func increment(_ digits: inout [UInt8]) -> Int {
    for index in digits.indices.reversed() {
      if digits[index] < 9 {
        digits[index] += 1
        return 0
      }
      digits[index] = 0
    }
    digits.insert(1, at: 0)
    digits.removeLast()
    return 1
  }

  private static func fixed(_ digits: [UInt8], _ exponent: Int) -> String {
    if exponent < 0 {
      return "0." + String(repeating: "0", count: -exponent - 1) + text(digits[...])
    }
    let whole = digits.prefix(exponent + 1)
    let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
    let fraction = digits.dropFirst(exponent + 1)
    return text(whole) + zeros + (fraction.isEmpty ? "" : "." + text(fraction))
  }

  private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
    let fraction = digits.dropFirst()
    let power = (exponent < 0 ? "-" : "+") + (abs(exponent) < 10 ? "0" : "") + "\(abs(exponent))"
    return text(digits.prefix(1)) + (fraction.isEmpty ? "" : "." + text(fraction)) + "e" + power
  }

  private static func text(_ digits: ArraySlice<UInt8>) -> String {
    String(decoding: digits.map { $0 + 48 }, as: UTF8.self)
  }
}
