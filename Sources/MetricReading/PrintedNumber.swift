// Numbers as programs print them.

import PlainText

/// What a piece of text is as a number. A number counts only as a whole: of `0,512`, `2.3k` or
/// `1_000` nobody knows what the part before was meant to be.
enum PrintedNumber: Equatable {
  case number(Double)
  /// Begins as a number does and goes on as none.
  case notWhole
  case none

  /// Reads `0.91`, `-1e-3`, `.5`, `nan`, `-inf`, between blanks and quotes; closing brackets,
  /// commas, semicolons, a percent sign or a sentence's full stop may follow.
  ///
  /// - Complexity: O(length).
  init(_ text: some Collection<UInt8>) {
    var bytes = ArraySlice(text)
    while let byte = bytes.first, byte.isBlank || byte.isQuote { bytes.removeFirst() }
    while let byte = bytes.last, byte.isBlank || byte.mayFollowNumber { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "."), bytes.dropLast().contains(UInt8(ascii: ".")) {
      bytes.removeLast()
    }
    if let value = Self.decimal(bytes) {
      self = .number(value)
    } else {
      self = Self.beginsAsNumber(bytes) ? .notWhole : .none
    }
  }

  var value: Double? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The number that `bytes` are, without anything around it; nil for anything else, hexadecimal
  /// included.
  static func decimal(_ bytes: ArraySlice<UInt8>) -> Double? {
    var rest = bytes
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    guard let first = rest.first else { return nil }
    if first.isLetter { return word(rest).map { isNegative ? -$0 : $0 } }
    var digits = 0
    var hasPoint = false
    var index = rest.startIndex
    scan: while index < rest.endIndex {
      switch rest[index] {
      case let byte where byte.isDigit: digits += 1
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
      default: return nil
      }
      index += 1
    }
    guard digits > 0 else { return nil }
    if index < rest.endIndex {
      var exponent = rest[(index + 1)...]
      if exponent.first == UInt8(ascii: "-") || exponent.first == UInt8(ascii: "+") {
        exponent.removeFirst()
      }
      guard !exponent.isEmpty, exponent.allSatisfy(\.isDigit) else { return nil }
    }
    // It is one by now, so that what `Double` takes besides does not matter.
    let text = String(decoding: bytes, as: UTF8.self)
    return Double(text) ?? text.decimalNumber
  }

  /// Of a text that is no number: whether its writer may have meant one.
  private static func beginsAsNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.first == UInt8(ascii: ".") { rest.removeFirst() }
    return rest.first?.isDigit == true
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> Double? {
    guard bytes.count == 3 || bytes.count == 8 else { return nil }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    default: return nil
    }
  }
}

extension UInt8 {
  var isBlank: Bool { self == 0x20 || self == 0x09 }
  var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
  var isQuote: Bool { self == UInt8(ascii: "'") || self == UInt8(ascii: "\"") }

  fileprivate var mayFollowNumber: Bool {
    switch self {
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ">"),
      UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "%"), UInt8(ascii: "'"),
      UInt8(ascii: "\""):
      true
    default: false
    }
  }
}

/// Values that look like numbers and are none, by the metric they were meant for: to be told,
/// since what is left out in silence is missed too late.
package struct UnreadNumbers: Hashable, Sendable {
  package struct Sample: Hashable, Sendable {
    package var count: Int
    /// The first of them.
    package var example: String
  }

  package private(set) var byMetric: [String: Sample] = [:]

  mutating func add(_ text: some Collection<UInt8>, for metric: String) {
    if byMetric[metric] == nil {
      byMetric[metric] = Sample(
        count: 0, example: String(decoding: text.prefix(60), as: UTF8.self))
    }
    byMetric[metric]?.count += 1
  }

  /// One sentence a metric, in the order of their names.
  package var sentences: [String] {
    byMetric.sorted { $0.key < $1.key }.map { Self.sentence($0.key, $0.value) }
  }

  package static func sentence(_ metric: String, _ sample: Sample) -> String {
    let values = sample.count == 1 ? "1 value" : "\(sample.count) values"
    return "\(values) of \(metric.jsonQuoted) left out, being no number as a whole: "
      + sample.example.jsonQuoted
  }
}

extension UnreadNumbers {
  package mutating func merge(_ other: UnreadNumbers) {
    byMetric.merge(other.byMetric) { Sample(count: $0.count + $1.count, example: $0.example) }
  }
}

extension PrintedNumber {
  /// Of a line that begins as a number and is none: whether it is one word of digits, grouped or
  /// with a unit (`0,512`, `1_000`, `2.3k`), and no time, date or address.
  static func isMeantAsNumber(_ line: ArraySlice<UInt8>) -> Bool {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    var letters = 0
    for byte in line.drop(while: \.isBlank) {
      switch byte {
      case digits, UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "#"),
        UInt8(ascii: "+"), UInt8(ascii: "-"):
        break
      case _ where byte.isLetter && byte | 0x20 != UInt8(ascii: "x"): letters += 1
      default: return false  // hexadecimal too
      }
    }
    let points = line.count { $0 == UInt8(ascii: ".") }
    return letters <= 4 && !line.dropFirst().contains(UInt8(ascii: "-"))
      && (points < 2 || line.contains(UInt8(ascii: ",")))
  }
}
