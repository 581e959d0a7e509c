// Parameters as other programs take them.

import CommandTemplates
import PlainText
import ArgumentParser
import SpaceNotation
import StudyModel

enum ParameterForm: String, CaseIterable, ExpressibleByArgument {
  case args
  case command
  case env
  case yaml
  case json
  case value

  /// Lines, each with its end.
  ///
  /// - Parameters:
  ///   - arguments: what of the trial's command line says the parameters.
  ///   - command: the whole of it.
  func text(
    _ assignment: Assignment, values: [Double], arguments: [String], command: [String]
  ) -> String {
    let entries = assignment.entries
    return switch self {
    case .args: ShellText.line(arguments) + "\n"
    case .command: ShellText.line(command) + "\n"
    case .env: Self.environment(entries)
    case .yaml:
      entries.isEmpty
        ? "{}\n"
        : entries.map { Self.key($0.name) + ": " + Self.scalar($0) + "\n" }
          .joined()
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
      return "\(name)=\(ShellText.quoted(entry.text))\n"
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

  private static func key(_ name: String) -> String {
    let isWord = name.utf8.allSatisfy {
      ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_")
    }
    return isWord && ValueText.isPlainYAML(name) ? name : name.jsonQuoted
  }

  /// Texts in quotes, all of them.
  private static func scalar(_ entry: Assignment.Entry) -> String {
    if case .string(let text) = entry.value { return text.jsonQuoted }
    return ValueText.yaml(entry.value, typed: entry.text)
  }
}
