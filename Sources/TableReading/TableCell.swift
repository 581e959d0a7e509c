// One field of a table, by the kind that it is written as.

import PlainText
package import StudyModel

/// What stands in a field.
package enum TableCell: Hashable, Sendable {
  /// Nothing: an empty field without quotes, a key that is missing, null.
  case absent
  case value(ParameterValue)

  /// As a number, if it is one; NaN and infinities too, which JSON has no numbers for and are
  /// texts there.
  package var number: Double? {
    guard case .value(let value) = self else { return nil }
    if case .string(let text) = value {
      return switch text {
      case "NaN": .nan
      case "Infinity": .infinity
      case "-Infinity": -.infinity
      default: nil
      }
    }
    return value.number
  }

  /// As a whole number, if it is one.
  package var whole: Int? {
    switch self {
    case .value(.integer(let value)): Int(value)
    case .value(.float(let value)): Int(exactly: value)
    default: nil
    }
  }

  /// For errors, short.
  var shown: String {
    guard case .value(let value) = self else { return "nothing" }
    let text = value.json
    return text.count > 40 ? String(text.prefix(37)) + "..." : text
  }
}
