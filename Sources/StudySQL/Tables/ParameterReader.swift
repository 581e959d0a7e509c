// Parameters as SQL has them.

internal import StudyModel

/// One parameter's values. A class: cells hold on to it one by one.
final class ParameterReader: Sendable {
  let column: ParameterColumn
  private let coding: Coding

  /// How kept numbers become values, when it is the same for all trials.
  private enum Coding {
    case real
    /// Reals, or integers; kept as they are.
    case number
    case choices([SQLValue])
    /// As each trial's own distribution says.
    case mixed
  }

  init(_ column: ParameterColumn) {
    self.column = column
    let isReal = column.distributions.allSatisfy {
      if case .float = $0 { true } else { false }
    }
    if isReal {
      coding = .real
    } else if column.distributions.count == 1,
      case .categorical(let choices) = column.distributions[0]
    {
      coding = .choices(choices.map { SQLValue($0) })
    } else if column.distributions.allSatisfy({
      if case .categorical = $0 { false } else { true }
    }) {
      coding = .number
    } else {
      coding = .mixed
    }
  }

  /// Whether all values are numbers, and kept as themselves.
  var isNumeric: Bool {
    switch coding {
    case .real, .number: true
    case .choices, .mixed: false
    }
  }

  /// The choices that kept numbers are indices of, when all trials have the same.
  var choices: [SQLValue]? {
    if case .choices(let choices) = coding { choices } else { nil }
  }

  func value(_ row: Int) -> SQLValue {
    guard let internalValue = column.internalValues[row] else { return .null }
    switch coding {
    case .real: return .real(internalValue)
    case .choices(let choices):
      guard let index = Int(exactly: internalValue), choices.indices.contains(index) else {
        return .real(internalValue)
      }
      return choices[index]
    case .number, .mixed: return column.value(ofRow: row).map { SQLValue($0) } ?? .null
    }
  }
}
