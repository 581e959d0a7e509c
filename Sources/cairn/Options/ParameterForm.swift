// Parameters as other programs take them.

import PlainText
import ArgumentParser
import SpaceNotation
import StudyModel

enum ParameterForm: String, CaseIterable, ExpressibleByArgument {
  case args
  case env
  case yaml
  case json
  case value

  /// Lines, each with its end.
  func text(_ assignment: Assignment, values: [Double]) -> String {
    let entries = assignment.entries
    return switch self {
    case .args:
      ShellText.line(entries.flatMap { ["--" + $0.name, $0.value.description] }) + "\n"
    case .env: Self.environment(entries)
    case .yaml:
      entries.isEmpty
        ? "{}\n" : entries.map { Self.key($0.name) + ": " + Self.scalar($0.value) + "\n" }.joined()
    case .json: assignment.document.text + "\n"
    case .value: values.map { $0.description + "\n" }.joined()
    }
  }

  // MARK: Shell variables

  private static func environment(_ entries: [Assignment.Entry]) -> String {
    var taken = Set<String>()
    return entries.map { entry in
      let base = variable(entry.name)
      var name = base
      var count = 2
      while !taken.insert(name).inserted {
        name = "\(base)_\(count)"
        count += 1
      }
      return "\(name)=\(ShellText.quoted(entry.value.description))\n"
    }.joined()
  }

  /// `name` with `_` for what a variable of a shell cannot be called.
  private static func variable(_ name: String) -> String {
    let letters = name.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        ? Character(scalar) : "_"
    }
    let startsWithDigit = letters.first.map(\.isNumber) ?? true
    return (startsWithDigit ? "_" : "") + String(letters)
  }

  // MARK: YAML

  /// What YAML 1.1, which many still read, takes for something else than text.
  private static let reservedWords: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null",
  ]

  private static func key(_ name: String) -> String {
    let isPlain =
      name.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "_") } == true
      && name.utf8.allSatisfy {
        ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_")
      }
    return isPlain && !reservedWords.contains(name.lowercased()) ? name : name.jsonQuoted
  }

  private static func scalar(_ value: ParameterValue) -> String {
    switch value {
    case .float(let number) where number.isNaN: return ".nan"
    case .float(let number) where number.isInfinite: return number < 0 ? "-.inf" : ".inf"
    case .float(let number):
      // Without a point, 1e-05 is text in YAML 1.1.
      let text = number.description
      return text.contains(".") ? text : text.replacing("e", with: ".0e")
    default: return value.json
    }
  }
}
