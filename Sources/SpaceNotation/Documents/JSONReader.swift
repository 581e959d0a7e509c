// JSON as documents: with positions, and without duplicate keys.

import PlainText
import StudyModel

enum JSONReader {
  /// Reads one JSON value. `allowsNonFinite` admits `NaN`, `Infinity` and `-Infinity`, as
  /// Python writes them.
  ///
  /// - Complexity: O(`text`).
  static func read(
    _ text: String, allowsNonFinite: Bool = false
  ) throws(DocumentError) -> DocumentNode {
    let bytes = Array(text.utf8)
    let positions = PositionTable(bytes)
    var builder = NodeBuilder(bytes: bytes, positions: positions)
    do throws(JSONError) {
      return try JSONParser.parse(
        bytes[...], as: JSONDialect(allowsNonFinite: allowsNonFinite),
        within: JSONLimits(depth: DocumentLimits.depth, values: DocumentLimits.nodes),
        by: &builder)
    } catch {
      throw DocumentError(reason: error.reason, position: positions[error.offset])
    }
  }
}

private struct NodeBuilder: JSONBuilder {
  let bytes: [UInt8]
  let positions: PositionTable

  func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> DocumentNode {
    let value = ParameterValue(scalar)
    var source = String(decoding: bytes[range], as: UTF8.self)
    if case .string(let text) = value { source = text }
    return DocumentNode(
      content: .scalar(value, source: source), position: positions[range.lowerBound])
  }

  func array(_ elements: [DocumentNode], at offset: Int) -> DocumentNode {
    DocumentNode(content: .sequence(elements), position: positions[offset])
  }

  func object(_ members: [JSONMember<DocumentNode>], at offset: Int) -> DocumentNode {
    let entries = members.map {
      DocumentNode.Entry(key: $0.name, position: positions[$0.offset], value: $0.value)
    }
    return DocumentNode(content: .mapping(entries), position: positions[offset])
  }
}

extension ParameterValue {
  init(_ scalar: JSONScalar) {
    switch scalar {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .float(value)
    case .string(let text): self = .string(text)
    }
  }
}
