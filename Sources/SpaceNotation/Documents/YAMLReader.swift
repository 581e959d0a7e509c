// YAML through Yams, read by the core schema of YAML 1.2 (section 10.3 of the specification):
// libYAML's own rules are those of 1.1, where `no` is false, `016` is 14 and `12:30` is 750.

import PlainText
import StudyModel
import Yams

struct YAMLReader {
  private let text: String
  private var nodeCount = 0

  /// Reads one YAML document; nil when it is empty.
  static func read(_ text: String) throws(DocumentError) -> DocumentNode? {
    var reader = YAMLReader(text: text)
    try reader.refuseAliasBombs()
    let root: Node?
    do {
      root = try Yams.compose(yaml: text, .basic, .default, .utf8)
    } catch let error as YamlError {
      throw reader.explain(error)
    } catch {
      throw DocumentError(reason: "\(error)", position: nil)
    }
    return try root.map { node throws(DocumentError) in try reader.convert(node, depth: 1) }
  }

  private init(text: String) { self.text = text }

  /// Counts what may be an alias (`*name` where a value can begin) before Yams expands them:
  /// it hashes keys, which would walk the expansion.
  private func refuseAliasBombs() throws(DocumentError) {
    var count = 0
    var position = (line: 1, column: 0)
    var isValueStart = true
    for scalar in text.unicodeScalars {
      position.column += 1
      switch scalar {
      case "\n": (position, isValueStart) = ((position.line + 1, 0), true)
      case " ", "\t", "\r", "[", "{", ",": isValueStart = true
      case "*" where isValueStart:
        count += 1
        isValueStart = false
        guard count <= DocumentLimits.aliases else {
          throw DocumentError(
            reason: "it has more than \(DocumentLimits.aliases) aliases",
            position: SourcePosition(line: position.line, column: position.column))
        }
      default: isValueStart = false
      }
    }
  }

  private mutating func convert(_ node: Node, depth: Int) throws(DocumentError) -> DocumentNode {
    let position = node.sourcePosition
    nodeCount += 1
    guard nodeCount <= DocumentLimits.nodes else {
      throw DocumentError(reason: "it has too many values", position: position)
    }
    guard depth <= DocumentLimits.depth else {
      throw DocumentError(
        reason: "it is nested more than \(DocumentLimits.depth) deep", position: position)
    }
    switch node {
    case .scalar(let scalar):
      let value = try resolve(scalar, at: position)
      return DocumentNode(content: .scalar(value, source: scalar.string), position: position)
    case .sequence(let sequence):
      var elements: [DocumentNode] = []
      for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
      return DocumentNode(content: .sequence(elements), position: position)
    case .mapping(let mapping):
      var entries: [DocumentNode.Entry] = []
      var seen = Set<String>()
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          throw DocumentError(reason: "a key must be a name", position: key.sourcePosition)
        }
        // Yams compares keys with their tags: `1` and `"1"` pass it, and mean one name here.
        guard seen.insert(name.string).inserted else {
          throw DocumentError(
            reason: "the key \(name.string.jsonQuoted) stands here twice",
            position: key.sourcePosition)
        }
        let value = try convert(value, depth: depth + 1)
        entries.append(.init(key: name.string, position: key.sourcePosition, value: value))
      }
      return DocumentNode(content: .mapping(entries), position: position)
    case .alias:
      throw DocumentError(reason: "an alias stands here for nothing", position: position)
    }
  }

  // MARK: Scalars

  private func resolve(
    _ scalar: Node.Scalar, at position: SourcePosition
  ) throws(DocumentError) -> ParameterValue {
    let source = scalar.string
    let tag = scalar.tag.description
    switch tag {
    case Tag.Name.implicit.rawValue:
      return scalar.style == .plain ? Self.coreValue(of: source) : .string(source)
    case Tag.Name.str.rawValue, Tag.Name.nonSpecific.rawValue:
      return .string(source)
    case Tag.Name.float.rawValue:
      if let number = Self.coreValue(of: source).number { return .float(number) }
    case Tag.Name.int.rawValue:
      if case .integer(let value) = Self.coreValue(of: source) { return .integer(value) }
    case Tag.Name.bool.rawValue:
      if case .bool(let value) = Self.coreValue(of: source) { return .bool(value) }
    case Tag.Name.null.rawValue:
      if Self.coreValue(of: source) == .null { return .null }
    default:
      throw DocumentError(reason: "the tag \(tag) means nothing here", position: position)
    }
    throw DocumentError(
      reason: "\(source.jsonQuoted) does not suit its tag \(tag)", position: position)
  }

  /// What a plain scalar is by the core schema.
  static func coreValue(of source: String) -> ParameterValue {
    switch source {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".nan", ".NaN", ".NAN": return .float(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .float(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .float(-.infinity)
    default: break
    }
    if source.hasPrefix("0o"), let value = unsigned(source.dropFirst(2), radix: 8) {
      return .integer(value)
    }
    if source.hasPrefix("0x"), let value = unsigned(source.dropFirst(2), radix: 16) {
      return .integer(value)
    }
    if source.isWrittenWhole, let value = Int64(source) { return .integer(value) }
    if let number = source.decimalNumber { return .float(number) }
    return .string(source)
  }

  private static func unsigned(_ digits: Substring, radix: Int) -> Int64? {
    digits.first?.isHexDigit == true ? Int64(digits, radix: radix) : nil
  }

  // MARK: Errors

  private func explain(_ error: YamlError) -> DocumentError {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstances = context.map { " \($0.text)" } ?? ""
      return DocumentError(
        reason: problem + circumstances, position: .init(line: mark.line, column: mark.column))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.first ?? ""
      return DocumentError(
        reason: "the key \(key.jsonQuoted) stands twice in one mapping, first here",
        position: .init(line: context.mark.line, column: context.mark.column))
    case .reader(let problem, let offset, _, _):
      let position = offset.map { offset in
        let before = text.prefix(offset)
        let line = before.count { $0.isNewline } + 1
        let column = before.reversed().prefix { !$0.isNewline }.count + 1
        return SourcePosition(line: line, column: column)
      }
      return DocumentError(reason: problem, position: position)
    default: return DocumentError(reason: "\(error)", position: nil)
    }
  }
}

extension Node {
  fileprivate var sourcePosition: SourcePosition {
    SourcePosition(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }
}
