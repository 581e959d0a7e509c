// JSON to print, in the order in which it is put together.

/// A JSON value to be written.
package indirect enum JSONDocument {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  /// A token that is JSON already.
  case token(String)
  case array([JSONDocument])
  case object([(key: String, value: JSONDocument)])
}

extension JSONDocument {
  package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
  package init(_ number: Double?) { self = number.map { .number($0) } ?? .null }

  /// An attribute's JSON text as it is; as a string, should it be malformed.
  package init(attribute text: String) {
    self = text.isJSON ? .token(text) : .string(text)
  }

  /// Indented by two spaces a level; what holds no objects or lists stands on one line when it
  /// is short.
  package var text: String { text(indentation: "") }

  private func text(indentation: String) -> String {
    switch self {
    case .array(let values):
      return Self.bracketed(
        values.map { ("", $0) }, "[", "]", indentation, isFlat: values.allSatisfy(\.isScalar))
    case .object(let members):
      return Self.bracketed(
        members.map { ($0.key.jsonQuoted + ": ", $0.value) }, "{", "}", indentation,
        isFlat: members.allSatisfy(\.value.isScalar))
    default: return token
    }
  }

  private static func bracketed(
    _ items: [(start: String, value: JSONDocument)], _ open: String, _ close: String,
    _ indentation: String, isFlat: Bool
  ) -> String {
    if isFlat {
      let line = open + items.map { $0.start + $0.value.token }.joined(separator: ", ") + close
      if line.count + indentation.count <= 78 { return line }
    }
    let inner = indentation + "  "
    let lines = items.map { inner + $0.start + $0.value.text(indentation: inner) }
    return open + "\n" + lines.joined(separator: ",\n") + "\n" + indentation + close
  }

  private var isScalar: Bool {
    switch self {
    case .array(let values): values.isEmpty
    case .object(let members): members.isEmpty
    default: true
    }
  }

  /// A scalar, or an empty list or object.
  private var token: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value.jsonToken
    case .string(let text): text.jsonQuoted
    case .token(let text): text
    case .array: "[]"
    case .object: "{}"
    }
  }
}
