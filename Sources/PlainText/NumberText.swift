// Numbers as people type them. Swift's own initialisers also take hexadecimal floats, "nan"
// and "inf", which nobody means on a command line.

extension StringProtocol {
  /// The number this text writes in decimal (`-3`, `.5`, `1e-5`, `2.`); nil for anything else.
  package var decimalNumber: Double? {
    isDecimalNumber ? Double(self) ?? Double(normalizedDecimal) : nil
  }

  /// Whether this is written as a whole number: digits with or without a sign.
  package var isWrittenWhole: Bool {
    let digits = first == "-" || first == "+" ? dropFirst() : self[...]
    return !digits.isEmpty && digits.utf8.allSatisfy(\.isDigit)
  }

  private var isDecimalNumber: Bool {
    var rest = Substring(self).utf8
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    let whole = rest.skipDigits()
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = rest.skipDigits()
    }
    return whole + fraction > 0 && rest.isExponentOrNothing
  }

  /// Whether JSON takes this for a number: not `016`, `.5` or `+1`.
  package var isJSONNumber: Bool {
    var rest = Substring(self).utf8
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = rest.skipDigits()
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard rest.skipDigits() > 0 else { return false }
    }
    return rest.isExponentOrNothing
  }

  /// `.5` and `2.` with the digits that `Double.init` may want.
  private var normalizedDecimal: String {
    var text = String(self)
    if let point = text.firstIndex(of: ".") {
      let next = text.index(after: point)
      if next == text.endIndex || !text[next].isWholeNumber { text.insert("0", at: next) }
      if point == text.startIndex || !text[text.index(before: point)].isWholeNumber {
        text.insert("0", at: point)
      }
    }
    return text
  }
}

extension UInt8 {
  package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

// Of one type, not of any collection of bytes: generic code would not be specialised for the
// callers in other modules, and costs ten times as much.
extension Substring.UTF8View {
  /// Drops leading digits and says how many there were.
  fileprivate mutating func skipDigits() -> Int {
    var count = 0
    while let byte = first, byte.isDigit {
      removeFirst()
      count += 1
    }
    return count
  }

  fileprivate var isExponentOrNothing: Bool {
    guard let letter = first else { return true }
    guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return false }
    var rest = dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    return rest.skipDigits() > 0 && rest.isEmpty
  }
}

extension Double {
  /// The shortest text that reads back as this number, without the padding of Swift's
  /// exponents: `1e-5`, `1e16`, `0.5`, `1.0`.
  package var notation: String {
    let text = description
    guard let e = text.firstIndex(of: "e") else { return text }
    let exponent = text[text.index(after: e)...]
    let isNegative = exponent.first == "-"
    let digits = exponent.drop { $0 == "-" || $0 == "+" || $0 == "0" }
    return text[...e] + (isNegative ? "-" : "") + digits
  }
}

extension Substring {
  /// Without white space at either end, still a part of the same text.
  package var trimmed: Substring {
    var part = unicodeScalars
    while part.first?.properties.isWhitespace == true { part.removeFirst() }
    while part.last?.properties.isWhitespace == true { part.removeLast() }
    return Substring(part)
  }
}
