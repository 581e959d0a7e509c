// Texts and numbers as JSON writes them.

extension Double {
  /// The shortest text that reads back as the same number; `1.0` and not `1`, `1e-05` as Swift
  /// writes it.
  package var shortDescription: String { description }

  /// As JSON that every reader takes: a number, or one of the texts "Infinity", "-Infinity" and
  /// "NaN" for what JSON has no numbers for, as the JSON form of protocol buffers has it.
  package var jsonToken: String {
    if isNaN { return "\"NaN\"" }
    if isInfinite { return self < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
    return description
  }
}

extension String {
  /// This text as a JSON string token, with quotes.
  package var jsonQuoted: String {
    var token = "\""
    token.reserveCapacity(utf8.count + 2)
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": token += "\\\""
      case "\\": token += "\\\\"
      case "\n": token += "\\n"
      case "\r": token += "\\r"
      case "\t": token += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        token += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: token.unicodeScalars.append(scalar)
      }
    }
    return token + "\""
  }
}

extension String {
  /// Whether this is JSON by the letter of the RFC, but for keys that come again.
  package var isJSON: Bool {
    struct Nothing: JSONBuilder {
      func scalar(_ scalar: JSONScalar, at range: Range<Int>) {}
      func array(_ elements: [Void], at offset: Int) {}
      func object(_ members: [JSONMember<Void>], at offset: Int) {}
    }
    var nothing = Nothing()
    do throws(JSONError) {
      try JSONParser.parse(
        Array(utf8)[...], as: JSONDialect(allowsRepeatedKeys: true), by: &nothing)
      return true
    } catch {
      return false
    }
  }
}
