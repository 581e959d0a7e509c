// JSON text, one value at a time: attributes are kept as JSON, and columns show them as SQL's
// scalars.

internal import PlainText
internal import StudyModel

enum JSONText {
  /// Deeper texts are no values to look into; SQLite itself gives up at 2000.
  private static let depthLimit = 1000

  /// The text as JSON that SQLite and every other reader takes, so that one row breaks no query:
  /// of what Python writes, infinities become `9e999` and NaN null; what is no JSON at all
  /// becomes a string.
  ///
  /// - Complexity: O(length), without recursion.
  static func strict(_ json: String) -> String {
    var writer = StrictJSON(json, depthLimit: depthLimit)
    guard writer.rewrite() else { return json.jsonQuoted }
    return writer.isChanged ? String(decoding: writer.output, as: UTF8.self) : json
  }

  /// A string without its quotes and escapes, a number as a number, true and false as 1 and 0,
  /// null as NULL; arrays, objects and what is no JSON stay text.
  static func scalar(_ json: String) -> SQLValue {
    switch json {
    case "null", "NaN": return .null
    case "true": return .integer(1)
    case "false": return .integer(0)
    case "Infinity": return .real(.infinity)
    case "-Infinity": return .real(-.infinity)
    default: break
    }
    guard let first = json.utf8.first else { return .text("") }
    if first == UInt8(ascii: "\"") { return .text(unescaped(json) ?? json) }
    if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") {
      var writer = StrictJSON(json, depthLimit: depthLimit)
      return .text(writer.rewrite() ? String(decoding: writer.output, as: UTF8.self) : json)
    }
    if first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 {
      if let integer = Int64(json) { return .integer(integer) }
      if let real = Double(json) { return .real(real) }
    }
    return .text(json)
  }

  /// The text of a JSON string; nil when it is malformed.
  private static func unescaped(_ json: String) -> String? {
    let bytes = Array(json.utf8)
    guard bytes.count >= 2, bytes.last == UInt8(ascii: "\"") else { return nil }
    var units: [UInt8] = []
    var position = 1
    let end = bytes.count - 1
    while position < end {
      guard bytes[position] == UInt8(ascii: "\\") else {
        if bytes[position] == UInt8(ascii: "\"") { return nil }
        units.append(bytes[position])
        position += 1
        continue
      }
      guard position + 1 < end else { return nil }
      position += 2
      switch bytes[position - 1] {
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "u"):
        guard let scalar = escapedScalar(bytes[..<end], &position) else { return nil }
        units += Array(String(Character(scalar)).utf8)
      case let other: units.append(other)
      }
    }
    return String(decoding: units, as: UTF8.self)
  }

  /// The character of the four hexadecimal digits at `position`, or of a surrogate pair; half a
  /// pair is the replacement character.
  private static func escapedScalar(
    _ bytes: ArraySlice<UInt8>, _ position: inout Int
  ) -> Unicode.Scalar? {
    guard let first = hexadecimal(bytes, position) else { return nil }
    position += 4
    guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    guard position + 1 < bytes.endIndex, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u"), let second = hexadecimal(bytes, position + 2),
      (0xDC00..<0xE000).contains(second)
    else { return "\u{FFFD}" }
    position += 6
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>, _ position: Int) -> UInt32? {
    guard position + 4 <= bytes.endIndex else { return nil }
    let digits = bytes[position..<position + 4]
    guard digits.allSatisfy({ $0 &- 48 < 10 || ($0 | 0x20) &- 97 < 6 }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}

extension Double {
  /// As JSON: a number, or one of the texts "Infinity", "-Infinity" and "NaN" for what JSON has
  /// no numbers for, as the JSON form of protocol buffers has it.
  var jsonToken: String {
    if isNaN { return "\"NaN\"" }
    if isInfinite { return self < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
    return description
  }
}

extension Double {
  /// As JSON that every reader takes for this number: infinities are numbers beyond all others,
  /// `9e999`, which read as infinities; NaN is null.
  var strictJSON: String {
    if isNaN { return "null" }
    if isInfinite { return self < 0 ? "-9e999" : "9e999" }
    return description
  }
}

extension ParameterValue {
  /// As JSON without Python's additions: see ``Swift/Double/strictJSON``.
  var strictJSON: String {
    switch self {
    case .float(let value): value.strictJSON
    case .structure(let json): JSONText.strict(json)
    default: json
    }
  }
}

extension Distribution {
  /// As Optuna writes distributions: `{"name": "FloatDistribution", "attributes": {…}}`.
  var optunaJSON: String {
    switch self {
    case .float(let domain):
      #"{"name": "FloatDistribution", "attributes": {"step": "#
        + (domain.step.map(\.strictJSON) ?? "null")
        + #", "low": \#(domain.low.jsonToken), "high": \#(domain.high.jsonToken)"#
        + #", "log": \#(domain.isLogarithmic)}}"#
    case .integer(let domain):
      #"{"name": "IntDistribution", "attributes": {"log": \#(domain.isLogarithmic)"#
        + #", "step": \#(domain.step), "low": \#(domain.low), "high": \#(domain.high)}}"#
    case .categorical(let choices):
      #"{"name": "CategoricalDistribution", "attributes": {"choices": ["#
        + choices.values.map(\.strictJSON).joined(separator: ", ") + "]}}"
    }
  }
}
