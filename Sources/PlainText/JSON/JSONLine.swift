// One line as a JSON object, as programs in Python write them: NaN and Infinity too.

/// A JSON object that came as one line, its members in order.
package struct JSONLine: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    /// Written without point and exponent, and small enough.
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([Value])
    case object(JSONLine)
    case truth(Bool)
    case null

    /// The number this is; nil for anything else.
    package var number: Double? {
      switch self {
      case .integer(let value): Double(value)
      case .number(let value): value
      default: nil
      }
    }
  }

  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: Value

    /// Nil for anything but a number.
    package var number: Double? { value.number }
  }

  package let members: [Member]

  fileprivate init(_ members: [Member]) { self.members = members }

  /// Nil when `bytes` are not one whole JSON object. What objectives print is mostly not JSON:
  /// then the first byte decides.
  package init?(_ bytes: ArraySlice<UInt8>) {
    let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0A }
    guard first == UInt8(ascii: "{") else { return nil }
    var builder = LineBuilder()
    do throws(JSONError) {
      let value = try JSONParser.parse(bytes, as: .python, by: &builder)
      guard case .object(let object) = value else { return nil }
      self = object
    } catch {
      return nil
    }
  }

  /// The last member of that name, as parsers of JSON have it.
  package subscript(name: String) -> Member? { members.last { $0.name == name } }
}

private struct LineBuilder: JSONBuilder {
  func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> JSONLine.Value {
    switch scalar {
    case .null: .null
    case .bool(let value): .truth(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let text): .text(text)
    }
  }

  func array(_ elements: [JSONLine.Value], at offset: Int) -> JSONLine.Value { .list(elements) }

  func object(_ members: [JSONMember<JSONLine.Value>], at offset: Int) -> JSONLine.Value {
    .object(JSONLine(members.map { JSONLine.Member(name: $0.name, value: $0.value) }))
  }
}
