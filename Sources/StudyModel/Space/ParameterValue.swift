// What a parameter can be, as people write it: one of JSON's scalars, or, whole and unopened,
// a list or mapping.

internal import PlainText

/// A parameter's value, and one choice of a categorical parameter.
///
/// A NaN equals itself, so that a choice can be found again, and texts are equal when their
/// bytes are, since scripts are given bytes.
public enum ParameterValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case float(Double)
  case string(String)
  /// A list or mapping as JSON text without spaces between its tokens: `[64,64]`, `{"a":1}`.
  case structure(String)
}

extension ParameterValue: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.float(let a), .float(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)), (.structure(let a), .structure(let b)):
      a.isSameName(as: b)
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .float(let value): hasher.combine(value.isNaN ? .nan : value)
    case .string(let value), .structure(let value): hasher.combine(NameKey(value))
    }
  }
}

extension ParameterValue {
  /// The number this is, if it is one.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// Equal as people mean it: `1` and `1.0` are the same number.
  public func means(_ other: ParameterValue) -> Bool {
    if self == other { return true }
    guard let a = number, let b = other.number else { return false }
    return a == b
  }
}

extension ParameterValue: CustomStringConvertible {
  /// As it appears on a command line: `true`, `16`, `0.001`, `adam`, `null`, `[64,64]`.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .float(let value): value.shortDescription
    case .string(let value), .structure(let value): value
    }
  }

  /// As a JSON token: strings quoted, NaN and infinities as Python writes them.
  public var json: String {
    switch self {
    case .string(let value): value.jsonQuoted
    case .float(let value) where value.isNaN: "NaN"
    case .float(let value) where value.isInfinite: value < 0 ? "-Infinity" : "Infinity"
    case .float(let value): value.shortDescription
    default: description
    }
  }
}

/// In JSON a value is itself, but for floats, whose kind (`1.0`, not `1`) and non-finite values
/// JSON would lose: they are `{"float": "TEXT"}`, and lists and mappings `{"structure": "TEXT"}`.
extension ParameterValue: Codable {
  private enum Key: String, CodingKey { case float, structure }

  public init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: Key.self) {
      if let text = try keyed.decodeIfPresent(String.self, forKey: .structure) {
        self = .structure(text)
        return
      }
      let text = try keyed.decode(String.self, forKey: .float)
      guard let value = Double(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .float, in: keyed, debugDescription: "\"\(text)\" is not a number")
      }
      self = .float(value)
      return
    }
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let value = try? single.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? single.decode(Int64.self) {
      self = .integer(value)
    } else {
      self = .string(try single.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .float(let value):
      var keyed = encoder.container(keyedBy: Key.self)
      try keyed.encode(value.description, forKey: .float)
    case .structure(let text):
      var keyed = encoder.container(keyedBy: Key.self)
      try keyed.encode(text, forKey: .structure)
    case .null:
      var single = encoder.singleValueContainer()
      try single.encodeNil()
    case .bool(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    case .integer(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    case .string(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    }
  }
}
