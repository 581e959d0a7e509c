// Sizes and durations as they are typed.

/// A text that is no size or no duration, with the part that is to blame.
package struct QuantityError: ExplainedError, Hashable {
  package let explanation: Explanation

  /// - Parameter part: what is to blame, a part of `text`.
  fileprivate init(
    _ fact: String, in text: String, at part: Substring, try suggestions: [String] = []
  ) {
    let start = text.distance(from: text.startIndex, to: part.startIndex)
    explanation = Explanation(
      fact, evidence: Explanation.marking(start..<start + part.count, of: text),
      try: suggestions, kind: .wrongUsage)
  }
}

/// Reads sizes and durations, and writes durations.
package enum Quantity {
  private static let byteUnits: [String: Double] = [
    "": 1, "b": 1,
    "k": 0x1p10, "kib": 0x1p10, "kb": 1e3, "m": 0x1p20, "mib": 0x1p20, "mb": 1e6,
    "g": 0x1p30, "gib": 0x1p30, "gb": 1e9, "t": 0x1p40, "tib": 0x1p40, "tb": 1e12,
  ]

  private static let secondsPerUnit: [String: Double] = [
    "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400,
  ]

  /// Bytes: `512M`, `4G`, `1.5GiB` in powers of 1024; `MB` and `GB` in powers of 1000; a plain
  /// number counts bytes. Always positive.
  package static func bytes(_ text: String) throws(QuantityError) -> Int64 {
    let body = text[...].trimmed
    let (number, unit, rest) = split(body)
    guard rest.isEmpty, let value = number.decimalNumber else {
      throw QuantityError(
        "\(text.jsonQuoted) is not a size", in: text, at: body, try: ["4G", "512M"])
    }
    guard let factor = byteUnits[unit.lowercased()] else {
      throw QuantityError(
        "there is no unit of size \(String(unit).jsonQuoted); known are K, M, G, T, MB, GB",
        in: text, at: unit)
    }
    let bytes = (value * factor).rounded()
    guard bytes >= 1, bytes < 0x1p63 else {
      throw QuantityError(
        "\(text.jsonQuoted) is not a size between 1 byte and 8 EiB", in: text, at: body)
    }
    return Int64(bytes)
  }

  /// Seconds: `30s`, `5m`, `1h30m`, `2d`, `500ms`; a plain number counts seconds. Never negative.
  package static func seconds(_ text: String) throws(QuantityError) -> Double {
    let body = text[...].trimmed
    if let plain = body.decimalNumber, plain >= 0, plain.isFinite { return plain }
    var total = 0.0
    var rest = body
    repeat {
      let (number, unit, after) = split(rest)
      guard let value = number.decimalNumber, value >= 0 else {
        throw QuantityError(
          "\(text.jsonQuoted) is not a duration", in: text, at: body,
          try: ["30s", "5m", "2h", "1h30m"])
      }
      guard let factor = secondsPerUnit[unit.lowercased()] else {
        throw QuantityError(
          unit.isEmpty
            ? "the unit is missing"
            : "there is no unit of time \(String(unit).jsonQuoted); known are ms, s, m, h, d",
          in: text, at: unit)
      }
      total += value * factor
      rest = after
    } while !rest.isEmpty
    guard total.isFinite else {
      throw QuantityError("\(text.jsonQuoted) is too long a time", in: text, at: body)
    }
    return total
  }

  /// `90.0` as `1m30s`, `0.25` as `250ms`.
  package static func duration(seconds: Double) -> String {
    let milliseconds = (seconds * 1000).rounded()
    guard milliseconds < 0x1p53, milliseconds >= 0 else { return "\(seconds)s" }
    var rest = Int64(milliseconds)
    var text = ""
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
      as [(String, Int64)]
    {
      if rest >= size { text += "\(rest / size)\(unit)" }
      rest %= size
    }
    return rest > 0 || text.isEmpty ? (rest > 0 ? text + "\(rest)ms" : "0s") : text
  }

  /// The leading number, the letters behind it, and what follows.
  private static func split(
    _ text: Substring
  ) -> (number: Substring, unit: Substring, rest: Substring) {
    let number = text.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
    let unit = text[number.endIndex...].trimmed.prefix(while: \.isLetter)
    return (number, unit, text[unit.endIndex...].trimmed)
  }
}
