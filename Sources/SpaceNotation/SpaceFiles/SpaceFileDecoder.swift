// What a space file means: from the document to the search space.

import PlainText
import StudyModel

struct SpaceFileDecoder {
  let file: String
  let text: String

  func contents(_ root: DocumentNode) throws(SpaceFileError) -> SpaceFile {
    let entries = try mapping(root, field: "", expected: "a mapping with the key \"parameters\"")
    try checkKeys(entries, known: ["parameters", "constraints", "start"], field: "")
    guard let list = entries["parameters"] else {
      throw failure(.missingKey("parameters"), at: root.position, field: "")
    }
    let declared = try mapping(
      list, field: "parameters", expected: "a mapping of parameters by name")
    let names = declared.map(\.key)
    var places: [String: DocumentNode.Entry] = [:]
    var parameters: [Parameter] = []
    for entry in declared {
      places[entry.key] = entry
      parameters.append(try parameter(entry, among: names))
    }
    var constraints: [String] = []
    if let node = entries["constraints"] { constraints = try texts(node, field: "constraints") }
    let space: SearchSpace
    do {
      space = try SearchSpace(parameters, constraints: constraints)
    } catch {
      let place = error.parameter.flatMap { places[$0] }
      throw failure(
        .space(error), at: place?.position ?? list.position,
        field: place.map { "parameters.\($0.key)" } ?? "parameters")
    }
    var start: [Assignment] = []
    if let defaults = try defaults(of: declared, in: space) { start.append(defaults) }
    if let node = entries["start"] { start += try configurations(node, in: space) }
    return SpaceFile(space: space, start: start)
  }

  // MARK: What to try first

  /// The configuration that the keys `default` make; nil where there is none.
  private func defaults(
    of declared: [DocumentNode.Entry], in space: SearchSpace
  ) throws(SpaceFileError) -> Assignment? {
    var values: [DocumentNode.Entry] = []
    for entry in declared {
      guard case .mapping(let keys) = entry.value.content,
        let key = keys.first(where: { $0.key == "default" })
      else { continue }
      values.append(.init(key: entry.key, position: key.position, value: key.value))
    }
    if values.isEmpty { return nil }
    return try assignment(values, in: space) { "parameters.\($0).default" }
  }

  /// `start: [{lr: 1e-3, opt: adam}, …]`
  private func configurations(
    _ node: DocumentNode, in space: SearchSpace
  ) throws(SpaceFileError) -> [Assignment] {
    guard case .sequence(let elements) = node.content else {
      throw failure(
        .wrongKind(expected: "a list of configurations", found: node.kindDescription),
        at: node.position, field: "start")
    }
    var configurations: [Assignment] = []
    for (index, element) in elements.enumerated() {
      let field = "start.\(index)"
      let values = try mapping(element, field: field, expected: "parameters and their values")
      configurations.append(try assignment(values, in: space) { "\(field).\($0)" })
    }
    return configurations
  }

  private func assignment(
    _ values: [DocumentNode.Entry], in space: SearchSpace, field: (String) -> String
  ) throws(SpaceFileError) -> Assignment {
    var entries: [String: Assignment.Entry] = [:]
    for given in values {
      guard let parameter = space[given.key] else {
        let names = space.parameters.map(\.name)
        throw failure(
          .unknownKey(
            given.key, nearest: nearestNames(to: given.key, among: names).first, known: names),
          at: given.position, field: field(given.key))
      }
      let distribution = parameter.distribution
      guard let internalValue = distribution.internalValue(of: given.value.parameterValue),
        distribution.contains(internalValue)
      else {
        throw failure(
          .outside(parameter: parameter.name, domain: distribution.notation),
          at: given.value.position, field: field(given.key))
      }
      entries[given.key] = .init(
        name: given.key, distribution: distribution, internalValue: internalValue)
    }
    return Assignment(space.parameters.compactMap { entries[$0.name] })
  }

  // MARK: Parameters

  private func parameter(
    _ entry: DocumentNode.Entry, among names: [String]
  ) throws(SpaceFileError) -> Parameter {
    let field = "parameters.\(entry.key)"
    switch entry.value.content {
    case .scalar(.string(let text), _):
      return Parameter(name: entry.key, distribution: try notation(text, entry.value, field))
    case .scalar(.null, _):
      throw failure(
        .wrongKind(expected: "a domain", found: entry.value.kindDescription),
        at: entry.value.position, field: field)
    case .scalar:
      return Parameter(
        name: entry.key,
        distribution: .fixed(entry.value.parameterValue, text: entry.value.typedText))
    case .sequence:
      return Parameter(name: entry.key, distribution: try choice(entry.value, field: field))
    case .mapping(let entries):
      let specification = Specification(
        entries: entries, position: entry.value.position, field: field)
      let distribution = try distribution(specification)
      var conditions = Conditions()
      if let node = entries["when"] {
        try read(node, field: "\(field).when", into: &conditions)
      }
      return Parameter(
        name: entry.key, distribution: distribution, conditions: conditions.plain,
        expression: try expression(conditions, among: names.filter { $0 != entry.key }))
    }
  }

  /// `{type: …, …}`, the long way to say a domain.
  private struct Specification {
    let entries: [DocumentNode.Entry]
    let position: SourcePosition
    let field: String
  }

  private enum Kind: String, CaseIterable {
    case float
    case int
    case normal
    case lognormal
    case choice
    case ordered
    case fixed
    case bool

    /// Other programs' words for the same.
    private static let synonyms: [String: Kind] = [
      "double": .float, "real": .float, "integer": .int, "categorical": .choice,
      "ordinal": .ordered, "constant": .fixed, "boolean": .bool, "log_normal": .lognormal,
    ]

    static let names = allCases.map(\.rawValue)

    init?(name: String) {
      guard let kind = Kind(rawValue: name) ?? Self.synonyms[name] else { return nil }
      self = kind
    }

    var keys: [String] {
      switch self {
      case .float, .int:
        ["low", "high", "log", "step", "exclusive", "mean", "deviation"]
      case .normal, .lognormal: ["mean", "deviation", "low", "high", "step", "exclusive"]
      case .choice: ["choices", "ordered"]
      case .ordered: ["choices"]
      case .fixed: ["value"]
      case .bool: []
      }
    }
  }

  private static let keys = [
    "type", "low", "high", "log", "step", "exclusive", "mean", "deviation", "choices", "ordered",
    "value", "default", "when",
  ]

  private func distribution(_ given: Specification) throws(SpaceFileError) -> Distribution {
    try checkKeys(given.entries, known: Self.keys, field: given.field)
    let kind = try kind(given)
    for entry in given.entries
    where !["type", "when", "default"].contains(entry.key) && !kind.keys.contains(entry.key) {
      throw failure(
        .misplacedKey(entry.key, type: kind.rawValue), at: entry.position, field: given.field)
    }
    switch kind {
    case .float, .normal, .lognormal: return try float(given, kind)
    case .int: return try integer(given)
    case .choice, .ordered:
      let isOrdered = try truth("ordered", of: given)
      return try choice(
        try required("choices", of: given), field: "\(given.field).choices",
        isOrdered: isOrdered || kind == .ordered)
    case .fixed:
      let node = try required("value", of: given)
      return .fixed(node.parameterValue, text: node.typedText)
    case .bool: return .boolean
    }
  }

  /// The type; one value or a list of choices says it without the word.
  private func kind(_ given: Specification) throws(SpaceFileError) -> Kind {
    guard let node = given.entries["type"] else {
      if given.entries["value"] != nil { return .fixed }
      if given.entries["choices"] != nil { return .choice }
      throw failure(.missingKey("type"), at: given.position, field: given.field)
    }
    guard case .scalar(.string(let name), _) = node.content else {
      throw failure(
        .wrongKind(expected: "a type", found: node.kindDescription), at: node.position,
        field: "\(given.field).type")
    }
    guard let kind = Kind(name: name) else {
      let nearest = nearestNames(to: name, among: Kind.names).first
      throw failure(
        .unknownType(name, nearest: nearest, known: Kind.names), at: node.position,
        field: "\(given.field).type")
    }
    return kind
  }

  private func draft(
    _ given: Specification, isLogarithmic: Bool, mustHaveMean: Bool
  ) throws(SpaceFileError) -> RangeDraft {
    var draft = RangeDraft(
      isLogarithmic: isLogarithmic, excludesHigh: try truth("exclusive", of: given))
    if mustHaveMean || given.entries["mean"] != nil || given.entries["deviation"] != nil {
      draft.mean = try number(try required("mean", of: given), field: "\(given.field).mean")
      draft.deviation = try number(
        try required("deviation", of: given), field: "\(given.field).deviation")
    }
    return draft
  }

  private func float(
    _ given: Specification, _ kind: Kind
  ) throws(SpaceFileError) -> Distribution {
    let isLogarithmic = try truth("log", of: given)
    var draft = try draft(
      given, isLogarithmic: isLogarithmic || kind == .lognormal, mustHaveMean: kind != .float)
    func read(_ key: String, _ isRequired: Bool) throws(SpaceFileError) -> Double? {
      if !isRequired && given.entries[key] == nil { return nil }
      return try number(try required(key, of: given), field: "\(given.field).\(key)")
    }
    draft.low = try read("low", draft.mean == nil)
    draft.high = try read("high", draft.mean == nil)
    draft.step = try read("step", false)
    do {
      return .float(try draft.floatDomain())
    } catch {
      throw failure(.domain(error), at: given.position, field: given.field)
    }
  }

  private func integer(_ given: Specification) throws(SpaceFileError) -> Distribution {
    var draft = try draft(
      given, isLogarithmic: try truth("log", of: given), mustHaveMean: false)
    func read(_ key: String, _ isRequired: Bool) throws(SpaceFileError) -> Int64? {
      if !isRequired && given.entries[key] == nil { return nil }
      return try whole(try required(key, of: given), field: "\(given.field).\(key)")
    }
    draft.lowWhole = try read("low", draft.mean == nil)
    draft.highWhole = try read("high", draft.mean == nil)
    draft.stepWhole = try read("step", false)
    do {
      return .integer(try draft.integerDomain())
    } catch {
      throw failure(.domain(error), at: given.position, field: given.field)
    }
  }

  private func truth(_ key: String, of given: Specification) throws(SpaceFileError) -> Bool {
    guard let node = given.entries[key] else { return false }
    guard case .scalar(.bool(let value), _) = node.content else {
      throw failure(
        .wrongKind(expected: "true or false", found: node.kindDescription), at: node.position,
        field: "\(given.field).\(key)")
    }
    return value
  }

  private func choice(
    _ node: DocumentNode, field: String, isOrdered: Bool = false
  ) throws(SpaceFileError) -> Distribution {
    let elements = try elements(node, field: field)
    do {
      return try .choice(
        elements.map(\.parameterValue), texts: elements.map(\.typedText), isOrdered: isOrdered)
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

  // MARK: Conditions

  /// What stands under `when`: all of it must hold.
  private struct Conditions {
    var plain: [ParameterCondition] = []
    var expressions: [(text: String, position: SourcePosition, field: String)] = []
  }

  /// `{opt: sgd}`, `{opt: [sgd, rmsprop]}`, `"opt = 'sgd' or layers > 2"`, or a list of these
  private func read(
    _ node: DocumentNode, field: String, into conditions: inout Conditions
  ) throws(SpaceFileError) {
    switch node.content {
    case .scalar(.string(let text), _):
      conditions.expressions.append((text, node.position, field))
    case .sequence(let elements):
      for element in elements {
        if case .sequence = element.content {
          throw failure(
            .wrongKind(expected: "a condition", found: element.kindDescription),
            at: element.position, field: field)
        }
        try read(element, field: field, into: &conditions)
      }
    default:
      for entry in try mapping(node, field: field, expected: "parameters and their values") {
        var values = [entry.value.parameterValue]
        if case .sequence = entry.value.content {
          values = try elements(entry.value, field: "\(field).\(entry.key)").map(\.parameterValue)
        }
        guard !values.isEmpty else {
          throw failure(
            .wrongKind(expected: "at least one value", found: "an empty list"),
            at: entry.value.position, field: "\(field).\(entry.key)")
        }
        conditions.plain.append(ParameterCondition(parent: entry.key, values: values))
      }
    }
  }

  private func expression(
    _ conditions: Conditions, among names: [String]
  ) throws(SpaceFileError) -> ConditionExpression? {
    guard let first = conditions.expressions.first else { return nil }
    for (text, position, field) in conditions.expressions
    where parentNames(in: text, among: names).isEmpty {
      throw failure(.conditionWithoutParent(text), at: position, field: field)
    }
    let texts = conditions.expressions.map(\.text)
    let text = texts.count == 1 ? first.text : texts.map { "(\($0))" }.joined(separator: " and ")
    return ConditionExpression(text, parents: parentNames(in: text, among: names))
  }

  // MARK: Values

  private func elements(
    _ node: DocumentNode, field: String
  ) throws(SpaceFileError) -> [DocumentNode] {
    guard case .sequence(let elements) = node.content else {
      throw failure(
        .wrongKind(expected: "a list", found: node.kindDescription), at: node.position,
        field: field)
    }
    return elements
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

  /// A number, in quotes or not: some programs write all values as text.
  private func number(_ node: DocumentNode, field: String) throws(SpaceFileError) -> Double {
    guard case .scalar(let value, let source) = node.content,
      let number = value.number ?? (value == .string(source) ? source.decimalNumber : nil)
    else {
      throw failure(
        .wrongKind(expected: "a number", found: node.kindDescription), at: node.position,
        field: field)
    }
    return number
  }

  private func whole(_ node: DocumentNode, field: String) throws(SpaceFileError) -> Int64 {
    switch node.content {
    case .scalar(.integer(let value), _): return value
    case .scalar(.float(let value), _):
      if let whole = Int64(exactly: value) { return whole }
    case .scalar(.string(let text), _) where text.isWrittenWhole:
      if let whole = Int64(text) { return whole }
    default: break
    }
    throw failure(
      .wrongKind(expected: "a whole number", found: node.kindDescription), at: node.position,
      field: field)
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
