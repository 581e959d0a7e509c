// Values as other programs read them.

import PlainText
package import StudyModel

/// A value in the grammar of the file or the command line that it goes into.
package enum ValueText {
  /// As a YAML scalar that versions 1.1 and 1.2 read alike: `1.0e-05`, text in quotes where it
  /// would be taken for something else.
  package static func yaml(_ value: ParameterValue, typed text: String? = nil) -> String {
    switch value {
    case .null: return "null"
    case .bool(let truth): return truth ? "true" : "false"
    case .integer(let number): return String(number)
    case .float(let number):
      if let text, text.isPlainDecimal { return text }
      if number.isNaN { return ".nan" }
      if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
      return pointed(number)
    case .string(let text): return isPlainYAML(text) ? text : text.jsonQuoted
    case .structure(let json): return pointed(inJSON: json)
    }
  }

  /// As a JSON token.
  package static func json(_ value: ParameterValue) -> String { value.json }

  /// As a TOML value; nil for null, which TOML does not know.
  package static func toml(_ value: ParameterValue) -> String? {
    switch value {
    case .null: nil
    case .float(let number) where number.isNaN: "nan"
    case .float(let number) where number.isInfinite: number < 0 ? "-inf" : "inf"
    case .string(let text): text.jsonQuoted
    default: value.json
    }
  }

  // MARK: YAML

  /// What YAML 1.1, which many still read, takes for something else than text.
  private static let reservedWords: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null",
  ]

  /// Whether YAML reads this as the text it is, without quotes.
  package static func isPlainYAML(_ text: String) -> Bool {
    let starts = text.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "_") }
    return starts == true && !reservedWords.contains(text.lowercased())
      && text.utf8.allSatisfy {
        ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "_-./+".utf8.contains($0)
      }
  }

  /// Without a point, 1e-05 is text in YAML 1.1.
  private static func pointed(_ number: Double) -> String {
    let text = number.description
    return text.contains(".") ? text : text.replacing("e", with: ".0e")
  }

  /// The same for the numbers in a JSON text.
  private static func pointed(inJSON json: String) -> String {
    var result = ""
    var word = ""
    var isQuoted = false
    var isEscaped = false
    func finish() {
      let isShort = word.isJSONNumber && !word.isWrittenWhole && !word.isPlainDecimal
      result += isShort ? (Double(word).map { pointed($0) } ?? word) : word
      word = ""
    }
    for character in json {
      if !isQuoted, character.isLetter || character.isNumber || "+-.".contains(character) {
        word.append(character)
        continue
      }
      finish()
      result.append(character)
      if isQuoted {
        if character == "\"" && !isEscaped { isQuoted = false }
        isEscaped = character == "\\" && !isEscaped
      } else if character == "\"" {
        isQuoted = true
      }
    }
    finish()
    return result
  }
}

extension String {
  /// Digits with or without a point, which every program reads as the same number.
  var isPlainDecimal: Bool {
    isJSONNumber && !contains { $0 == "e" || $0 == "E" }
  }
}
