// What a space file means: from the document to the search space.

import PlainText
import StudyModel

struct SpaceFileDecoder {
  let file: String
  let text: String

  func space(_ root: DocumentNode) throws(SpaceFileError) -> SearchSpace {
    let entries = try mapping(root, field: "", expected: "a mapping with the key \"parameters\"")
    try checkKeys(entries, known: ["parameters", "constraints"], field: "")
    guard let list = entries["parameters"] else {
      throw failure(.missingKey("parameters"), at: root.position, field: "")
    }
    var places: [String: DocumentNode.Entry] = [:]
    var parameters: [Parameter] = []
    let declared = try mapping(
      list, field: "parameters", expected: "a mapping of parameters by name")
    for entry in declared {
      places[entry.key] = entry
      parameters.append(try parameter(entry))
    }
    var constraints: [String] = []
    if let node = entries["constraints"] { constraints = try texts(node, field: "constraints") }
    do {
      return try SearchSpace(parameters, constraints: constraints)
    } catch {
      let place = error.parameter.flatMap { places[$0] }
      throw failure(
        .space(error), at: place?.position ?? list.position,
        field: place.map { "parameters.\($0.key)" } ?? "parameters")
    }
  }

  // MARK: Parameters

  private func parameter(_ entry: DocumentNode.Entry) throws(SpaceFileError) -> Parameter {
    let field = "parameters.\(entry.key)"
    switch entry.value.content {
    case .scalar(.string(let text), _):
      return Parameter(name: entry.key, distribution: try notation(text, entry.value, field))
    case .sequence:
      return Parameter(name: entry.key, distribution: try choice(entry.value, field: field))
    case .mapping(let entries):
      let specification = Specification(
        entries: entries, position: entry.value.position, field: field)
      let distribution = try distribution(specification)
      var conditions: [ParameterCondition] = []
      if let node = entries["when"] {
        conditions = try self.conditions(node, field: "\(field).when")
      }
      return Parameter(name: entry.key, distribution: distribution, conditions: conditions)
    case .scalar:
      throw failure(
        .wrongKind(expected: "a domain", found: entry.value.kindDescription),
        at: entry.value.position, field: field)
    }
  }

  /// `{type: …, …}`, the long way to say a domain.
  private struct Specification {
    let entries: [DocumentNode.Entry]
    let position: SourcePosition
    let field: String
  }

  private static let keys = ["type", "low", "high", "log", "step", "choices", "when"]
  private static let keysOfType = [
    "float": ["low", "high", "log", "step"], "int": ["low", "high", "log", "step"],
    "choice": ["choices"], "bool": [],
  ]

  private func distribution(_ given: Specification) throws(SpaceFileError) -> Distribution {
    try checkKeys(given.entries, known: Self.keys, field: given.field)
    let typeNode = try required("type", of: given)
    guard case .scalar(.string(let type), _) = typeNode.content else {
      throw failure(
        .wrongKind(expected: "a type", found: typeNode.kindDescription), at: typeNode.position,
        field: "\(given.field).type")
    }
    guard let allowed = Self.keysOfType[type] else {
      let nearest = nearestNames(to: type, among: ["float", "int", "choice", "bool"]).first
      throw failure(
        .unknownType(type, nearest: nearest), at: typeNode.position, field: "\(given.field).type")
    }
    for entry in given.entries
    where !["type", "when"].contains(entry.key) && !allowed.contains(entry.key) {
      throw failure(
        .misplacedKey(entry.key, type: type), at: entry.position, field: given.field)
    }
    switch type {
    case "float": return try float(given)
    case "int": return try integer(given)
    case "choice":
      return try choice(try required("choices", of: given), field: "\(given.field).choices")
    default: return .boolean
    }
  }

  private func float(_ given: Specification) throws(SpaceFileError) -> Distribution {
    let low = try number(try required("low", of: given), field: "\(given.field).low")
    let high = try number(try required("high", of: given), field: "\(given.field).high")
    let isLogarithmic = try isLogarithmic(given)
    var step: Double?
    if let node = given.entries["step"] { step = try number(node, field: "\(given.field).step") }
    do throws(DomainError) {
      return .float(
        try FloatDomain(low: low, high: high, isLogarithmic: isLogarithmic, step: step))
    } catch {
      throw failure(.domain(error), at: given.position, field: given.field)
    }
  }

  private func integer(_ given: Specification) throws(SpaceFileError) -> Distribution {
    let low = try whole(try required("low", of: given), field: "\(given.field).low")
    let high = try whole(try required("high", of: given), field: "\(given.field).high")
    let isLogarithmic = try isLogarithmic(given)
    var step: Int64 = 1
    if let node = given.entries["step"] { step = try whole(node, field: "\(given.field).step") }
    do throws(DomainError) {
      return .integer(
        try IntegerDomain(low: low, high: high, isLogarithmic: isLogarithmic, step: step))
    } catch {
      throw failure(.domain(error), at: given.position, field: given.field)
    }
  }

  private func isLogarithmic(_ given: Specification) throws(SpaceFileError) -> Bool {
    guard let node = given.entries["log"] else { return false }
    guard case .scalar(.bool(let value), _) = node.content else {
      throw failure(
        .wrongKind(expected: "true or false", found: node.kindDescription), at: node.position,
        field: "\(given.field).log")
    }
    return value
  }

  private func choice(_ node: DocumentNode, field: String) throws(SpaceFileError) -> Distribution {
    let values = try self.values(node, field: field)
    do {
      return try .choice(values)
    } catch {
      throw failure(.domain(error), at: node.position, field: field)
    }
  }

  private func notation(
    _ text: String, _ node: DocumentNode, _ field: String
  ) throws(SpaceFileError) -> Distribution {
    do {
      return try Distribution(notation: text)
    } catch {
      throw failure(.notation(error), at: node.position, field: field)
    }
  }

  /// `when: {opt: sgd}`, `when: {opt: [sgd, rmsprop]}`
  private func conditions(
    _ node: DocumentNode, field: String
  ) throws(SpaceFileError) -> [ParameterCondition] {
    var conditions: [ParameterCondition] = []
    for entry in try mapping(node, field: field, expected: "parameters and their values") {
      let values: [ParameterValue]
      if case .scalar(let value, _) = entry.value.content {
        values = [value]
      } else {
        values = try self.values(entry.value, field: "\(field).\(entry.key)")
      }
      guard !values.isEmpty else {
        throw failure(
          .wrongKind(expected: "at least one value", found: "an empty list"),
          at: entry.value.position, field: "\(field).\(entry.key)")
      }
      conditions.append(ParameterCondition(parent: entry.key, values: values))
    }
    return conditions
  }

  // MARK: Values

  private func values(
    _ node: DocumentNode, field: String
  ) throws(SpaceFileError) -> [ParameterValue] {
    guard case .sequence(let elements) = node.content else {
      throw failure(
        .wrongKind(expected: "a list", found: node.kindDescription), at: node.position,
        field: field)
    }
    var values: [ParameterValue] = []
    for element in elements {
      guard case .scalar(let value, _) = element.content else {
        throw failure(
          .wrongKind(expected: "a plain value", found: element.kindDescription),
          at: element.position, field: field)
      }
      values.append(value)
    }
    return values
  }

  private func texts(_ node: DocumentNode, field: String) throws(SpaceFileError) -> [String] {
    guard case .sequence(let elements) = node.content else {
      throw failure(
        .wrongKind(expected: "a list of expressions", found: node.kindDescription),
        at: node.position, field: field)
    }
    var texts: [String] = []
    for element in elements {
      guard case .scalar(.string(let text), _) = element.content else {
        throw failure(
          .wrongKind(expected: "an expression", found: element.kindDescription),
          at: element.position, field: field)
      }
      texts.append(text)
    }
    return texts
  }

  private func number(_ node: DocumentNode, field: String) throws(SpaceFileError) -> Double {
    guard case .scalar(let value, _) = node.content, let number = value.number else {
      throw failure(
        .wrongKind(expected: "a number", found: node.kindDescription), at: node.position,
        field: field)
    }
    return number
  }

  private func whole(_ node: DocumentNode, field: String) throws(SpaceFileError) -> Int64 {
    guard case .scalar(.integer(let value), _) = node.content else {
      throw failure(
        .wrongKind(expected: "a whole number", found: node.kindDescription), at: node.position,
        field: field)
    }
    return value
  }

  private func required(
    _ key: String, of given: Specification
  ) throws(SpaceFileError) -> DocumentNode {
    guard let node = given.entries[key] else {
      throw failure(.missingKey(key), at: given.position, field: given.field)
    }
    return node
  }

  private func mapping(
    _ node: DocumentNode, field: String, expected: String
  ) throws(SpaceFileError) -> [DocumentNode.Entry] {
    guard case .mapping(let entries) = node.content else {
      throw failure(
        .wrongKind(expected: expected, found: node.kindDescription), at: node.position,
        field: field)
    }
    return entries
  }

  private func checkKeys(
    _ entries: [DocumentNode.Entry], known: [String], field: String
  ) throws(SpaceFileError) {
    for entry in entries where !known.contains(entry.key) {
      let nearest = nearestNames(to: entry.key, among: known).first
      throw failure(
        .unknownKey(entry.key, nearest: nearest, known: known), at: entry.position, field: field)
    }
  }

  private func failure(
    _ problem: SpaceFileError.Problem, at position: SourcePosition, field: String
  ) -> SpaceFileError {
    SpaceFileError(
      problem: problem, file: file, position: position, field: field,
      line: SpaceFile.line(position.line, of: text))
  }
}

extension [DocumentNode.Entry] {
  fileprivate subscript(key: String) -> DocumentNode? { first { $0.key == key }?.value }
}

extension SearchSpaceError {
  /// The parameter to blame, where there is one.
  fileprivate var parameter: String? {
    switch self {
    case .emptyName: ""
    case .repeatedName(let name): name
    case .unknownParent(let parameter, _), .impossibleCondition(let parameter, _, _): parameter
    case .circularConditions(let names): names.first
    }
  }
}
