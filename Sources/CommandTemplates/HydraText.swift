// Values in the grammar of Hydra's overrides.
//
// Source: hydra/grammar/OverrideParser.g4 (Hydra 1.3): what an unquoted word may hold, which words
// are numbers, bools or null, and that in quotes a backslash is itself unless a quote follows.

import PlainText
import StudyModel

enum HydraText {
  /// The value such that Hydra reads it back as itself.
  static func value(_ value: ParameterValue, typed text: String) -> String {
    switch value {
    case .null: "null"
    case .bool(let truth): truth ? "true" : "false"
    case .integer, .float: number(value, typed: text)
    case .string(let text): word(text)
    case .structure(let json): structure(json)
    }
  }

  private static func number(_ value: ParameterValue, typed text: String) -> String {
    guard let number = value.number, number.isFinite else {
      return value.number.map { $0.isNaN ? "nan" : $0 < 0 ? "-inf" : "inf" } ?? text
    }
    return text.isJSONNumber ? text : value.description
  }

  private static func word(_ text: String) -> String {
    let first = text.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 || "_/".utf8.contains($0) }
    let isPlain =
      first == true && !["true", "false", "null", "nan", "inf"].contains(text.lowercased())
      && text.utf8.allSatisfy {
        ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "_-./+%@?|".utf8.contains($0)
      }
    return isPlain ? text : quoted(text)
  }

  /// In single quotes. `${` would be an interpolation.
  private static func quoted(_ text: String) -> String {
    var result = "'"
    var backslashes = 0
    for character in text.replacing("${", with: "\\${") {
      switch character {
      case "\\": backslashes += 1
      case "'":
        result += String(repeating: "\\", count: 2 * backslashes + 1) + "'"
        backslashes = 0
      default:
        result += String(repeating: "\\", count: backslashes) + String(character)
        backslashes = 0
      }
    }
    return result + String(repeating: "\\", count: 2 * backslashes) + "'"
  }

  /// A list or mapping: JSON, but for its texts, and for keys, which stand without quotes.
  private static func structure(_ json: String) -> String {
    var result = ""
    var rest = json[...]
    while let character = rest.first {
      guard character == "\"" else {
        result.append(character)
        rest.removeFirst()
        continue
      }
      var end = rest.index(after: rest.startIndex)
      while end < rest.endIndex, rest[end] != "\"" {
        if rest[end] == "\\" { end = rest.index(after: end) }
        if end < rest.endIndex { end = rest.index(after: end) }
      }
      let next = end < rest.endIndex ? rest.index(after: end) : end
      let token = String(rest[..<next])
      rest = rest[next...]
      let value = JSONLine(Array("{\"x\":\(token)}".utf8)[...])?["x"]?.value
      guard case .text(let text)? = value else {
        result += token
        continue
      }
      let isKey = rest.first == ":"
      result += isKey && !text.contains { "{}[],:'\" ".contains($0) } ? text : word(text)
    }
    return result
  }
}
