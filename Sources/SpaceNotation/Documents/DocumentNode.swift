// What a space file says, before anyone asks what it means: the same for YAML and JSON.

import PlainText
import StudyModel

/// A place in a file, both counted from 1; columns in Unicode scalars.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "\(line):\(column)" }
}

struct DocumentNode {
  enum Content {
    /// A value and how it was written.
    case scalar(ParameterValue, source: String)
    case sequence([DocumentNode])
    /// In order, every key once.
    case mapping([Entry])
  }

  struct Entry {
    let key: String
    let position: SourcePosition
    let value: DocumentNode
  }

  let content: Content
  let position: SourcePosition

  /// In words, for errors: `the text "adam"`.
  var kindDescription: String {
    switch content {
    case .scalar(.null, _): "nothing"
    case .scalar(.bool(let value), _): "\(value)"
    case .scalar(.integer, let source), .scalar(.float, let source): "the number \(source)"
    case .scalar(.string(let text), _): "the text \(text.jsonQuoted)"
    case .scalar(.structure, _), .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension DocumentNode {
  /// What this is as a choice: lists and mappings as JSON text.
  var parameterValue: ParameterValue {
    if case .scalar(let value, let source) = content {
      // 01 is not 1: whoever pads a number means its text.
      return source.isPaddedNumber && value.number != nil ? .string(source) : value
    }
    return .structure(compactJSON)
  }

  /// How a script is handed it: a number or a bool as it was typed.
  var typedText: String {
    switch content {
    case .scalar(.integer, let source), .scalar(.bool, let source): source
    case .scalar(.float(let value), let source) where value.isFinite: source
    default: parameterValue.description
    }
  }

  /// JSON without spaces between its tokens, numbers as they were typed where JSON allows it.
  private var compactJSON: String {
    switch content {
    case .scalar(let value, let source):
      value.number != nil && source.isJSONNumber ? source : parameterValue.json
    case .sequence(let elements): "[" + elements.map(\.compactJSON).joined(separator: ",") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\($0.key.jsonQuoted):\($0.value.compactJSON)" }.joined(separator: ",")
        + "}"
    }
  }
}

extension String {
  /// `01`, `-007`: a whole number behind zeros.
  fileprivate var isPaddedNumber: Bool {
    let digits = first == "-" || first == "+" ? dropFirst() : self[...]
    return digits.count > 1 && digits.first == "0" && isWrittenWhole
  }
}

/// Why a text is no document.
struct DocumentError: Error, Equatable {
  let reason: String
  let position: SourcePosition?
}

/// What a document may have at most: room for lists of choices that a program wrote; anything
/// beyond is damage or malice.
enum DocumentLimits {
  static let bytes = 4 << 20
  static let depth = 32
  /// Nodes after aliases are expanded.
  static let nodes = 200_000
  /// Aliases multiply: k of them blow a document up by at most 3^(k/3).
  static let aliases = 16
}

extension StringProtocol {
  /// The number this text is in JSON: an integer where it has neither point nor exponent and
  /// fits; nil for anything that JSON does not take for a number (`016`, `.5`, `+1`).
  var jsonNumber: ParameterValue? {
    guard isJSONNumber, let number = Double(self) else { return nil }
    if isWrittenWhole, let whole = Int64(self) { return .integer(whole) }
    return .float(number)
  }
}
