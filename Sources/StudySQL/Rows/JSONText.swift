// JSON text, one value at a time: attributes are kept as JSON, and columns show them as SQL's
// scalars.

internal import PlainText
internal import StudyModel

enum JSONText {
  /// Deeper texts are no values to look into.
  private static let limits = JSONLimits(depth: 128)

  /// The text as JSON that SQLite and every other reader takes, so that one row breaks no query:
  /// of what Python writes, infinities become `9e999` and NaN null; what is no JSON at all
  /// becomes a string.
  ///
  /// - Complexity: O(length).
  static func strict(_ json: String) -> String {
    read(json).map { written(json, $0.nonFinite) } ?? json.jsonQuoted
  }

  /// A string without its quotes and escapes, a number as a number, true and false as 1 and 0,
  /// null as NULL; arrays, objects and what is no JSON stay text.
  static func scalar(_ json: String) -> SQLValue {
    guard let (scalar, nonFinite) = read(json) else { return .text(json) }
    return switch scalar {
    case .null?: .null
    case .bool(let value)?: .integer(value ? 1 : 0)
    case .integer(let value)?: .integer(value)
    case .number(let value)?: value.isNaN ? .null : .real(value)
    case .string(let text)?: .text(text)
    case nil: .text(written(json, nonFinite))
    }
  }

  /// The scalar that `json` is, nil for an array or object, and where numbers stand that JSON has
  /// no words for; nil when it is no JSON.
  private static func read(
    _ json: String
  ) -> (scalar: JSONScalar?, nonFinite: [NonFiniteNumbers.Place])? {
    var builder = NonFiniteNumbers()
    do throws(JSONError) {
      let scalar = try JSONParser.parse(
        Array(json.utf8)[...], as: .python, within: limits, by: &builder)
      return (scalar, builder.places)
    } catch {
      return nil
    }
  }

  /// `json` with other words for the numbers at `places`.
  private static func written(_ json: String, _ places: [NonFiniteNumbers.Place]) -> String {
    if places.isEmpty { return json }
    let bytes = Array(json.utf8)
    var output: [UInt8] = []
    var start = 0
    for place in places {
      output += bytes[start..<place.range.lowerBound]
      output += Array(place.value.strictJSON.utf8)
      start = place.range.upperBound
    }
    return String(decoding: output + bytes[start...], as: UTF8.self)
  }
}

/// Finds the infinities and NaN of a text, in order, and whether it is one scalar.
private struct NonFiniteNumbers: JSONBuilder {
  typealias Place = (range: Range<Int>, value: Double)

  private(set) var places: [Place] = []

  mutating func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> JSONScalar? {
    if case .number(let value) = scalar, !value.isFinite { places.append((range, value)) }
    return scalar
  }

  func array(_ elements: [JSONScalar?], at offset: Int) -> JSONScalar? { nil }
  func object(_ members: [JSONMember<JSONScalar?>], at offset: Int) -> JSONScalar? { nil }
}

extension Double {
  /// As JSON that every reader takes for this number: infinities are numbers beyond all others,
  /// `9e999`, which read as infinities; NaN is null.
  var strictJSON: String {
    if isNaN { return "null" }
    if isInfinite { return self < 0 ? "-9e999" : "9e999" }
    return description
  }
}

extension ParameterValue {
  /// As JSON without Python's additions: see ``Swift/Double/strictJSON``.
  var strictJSON: String {
    switch self {
    case .float(let value): value.strictJSON
    case .structure(let json): JSONText.strict(json)
    default: json
    }
  }
}

extension Distribution {
  /// As Optuna writes distributions: `{"name": "FloatDistribution", "attributes": {…}}`.
  var optunaJSON: String {
    switch self {
    case .float(let domain):
      #"{"name": "FloatDistribution", "attributes": {"step": "#
        + (domain.step.map(\.strictJSON) ?? "null")
        + #", "low": \#(domain.low.jsonToken), "high": \#(domain.high.jsonToken)"#
        + #", "log": \#(domain.isLogarithmic)}}"#
    case .integer(let domain):
      #"{"name": "IntDistribution", "attributes": {"log": \#(domain.isLogarithmic)"#
        + #", "step": \#(domain.step), "low": \#(domain.low), "high": \#(domain.high)}}"#
    case .categorical(let choices):
      #"{"name": "CategoricalDistribution", "attributes": {"choices": ["#
        + choices.values.map(\.strictJSON).joined(separator: ", ") + "]}}"
    }
  }
}
