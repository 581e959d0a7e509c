// JSON to print, in the order in which it is put together.

import PlainText
import Foundation
import StudyModel

/// A JSON value.
indirect enum JSONDocument {
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
  init(_ value: ParameterValue) {
    switch value {
    case .float(let number): self = .number(number)
    case .integer(let number): self = .integer(number)
    case .bool(let bool): self = .bool(bool)
    case .string(let text): self = .string(text)
    case .structure(let text): self = .token(text)
    case .null: self = .null
    }
  }

  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
  init(_ number: Double?) { self = number.map { .number($0) } ?? .null }

  /// An attribute's JSON text as it is; as a string, should it be malformed.
  init(attribute text: String) {
    let isValid =
      (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
    self = isValid ? .token(text) : .string(text)
  }

  /// Indented by two spaces a level; what holds no objects or lists stands on one line when it
  /// is short.
  var text: String { text(indentation: "") }

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

  /// A scalar, or an empty list or object. JSON has no infinities and no NaN: they are texts.
  private var token: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value) where value.isNaN: "\"NaN\""
    case .number(let value) where value.isInfinite: value < 0 ? "\"-Infinity\"" : "\"Infinity\""
    case .number(let value): value.description
    case .string(let text): text.jsonQuoted
    case .token(let text): text
    case .array: "[]"
    case .object: "{}"
    }
  }
}
