// Texts and numbers as JSON writes them.

extension Double {
  /// The shortest text that reads back as the same number; `1.0` and not `1`, `1e-05` as Swift
  /// writes it.
  package var shortDescription: String { description }
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
