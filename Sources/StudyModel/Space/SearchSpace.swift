// Where a study looks: parameters in order, some of them only under a condition, and
// constraints between them.

public import PlainText

/// One parameter of a search space.
public struct Parameter: Hashable, Sendable, Codable {
  /// Unique in its space.
  public let name: String
  /// The values it can have.
  public let distribution: Distribution
  /// What must hold of other parameters for this one to exist; all of it. Empty: always.
  public let conditions: [ParameterCondition]
  /// What must be true besides, where ``conditions`` cannot say it.
  public let expression: ConditionExpression?

  /// A parameter that exists where all its conditions hold.
  public init(
    name: String, distribution: Distribution, conditions: [ParameterCondition] = [],
    expression: ConditionExpression? = nil
  ) {
    self.name = name
    self.distribution = distribution
    self.conditions = conditions
    self.expression = expression
  }

  /// Whether there may be trials without it.
  public var isConditional: Bool { !conditions.isEmpty || expression != nil }

  /// The parameters that decide whether this one exists.
  public var parents: [String] { conditions.map(\.parent) + (expression?.parents ?? []) }
}

/// A condition in SQL, such as `opt = 'sgd' OR layers > 2`: the parameter exists when it is true.
/// A parent that does not exist is NULL. A ``ConstraintEvaluator`` understands it.
public struct ConditionExpression: Hashable, Sendable, Codable {
  /// The expression as it was written, in SQL.
  public let text: String
  /// The parameters it is about.
  public let parents: [String]

  /// `parents` are the parameters that the expression names.
  public init(_ text: String, parents: [String]) {
    self.text = text
    self.parents = parents
  }
}

/// `parent` is active and has one of `values`.
public struct ParameterCondition: Hashable, Sendable, Codable {
  /// The parameter whose value decides.
  public let parent: String
  /// The condition holds when the parent is one of these.
  public let values: [ParameterValue]

  /// A parameter with this condition exists only while its parent has one of `values`.
  public init(parent: String, values: [ParameterValue]) {
    self.parent = parent
    self.values = values
  }
}

/// The parameters of a study. A parameter stands after the parameters it depends on.
public struct SearchSpace: Hashable, Sendable, Codable {
  /// In the order in which they were declared.
  public let parameters: [Parameter]
  /// SQL expressions over the parameters that an assignment must satisfy, such as
  /// `layers * units <= 4096`. A ``ConstraintEvaluator`` understands them.
  public let constraints: [String]

  /// No parameters: what a study has whose trials declare theirs as they go.
  public static let empty = SearchSpace(unchecked: [], constraints: [])

  private init(unchecked parameters: [Parameter], constraints: [String]) {
    self.parameters = parameters
    self.constraints = constraints
  }

  /// Puts every parameter behind its parents, otherwise keeping the order given.
  ///
  /// - Throws: ``SearchSpaceError`` when a name is empty or repeated, or a condition names an
  ///   unknown parameter, a value it cannot have, or itself by a detour.
  public init(
    _ parameters: [Parameter], constraints: [String] = []
  ) throws(SearchSpaceError) {
    var byName: [String: Parameter] = [:]
    for parameter in parameters {
      if parameter.name.isEmpty { throw .emptyName }
      if byName.updateValue(parameter, forKey: parameter.name) != nil {
        throw .repeatedName(parameter.name)
      }
    }
    for parameter in parameters {
      for condition in parameter.conditions {
        guard let parent = byName[condition.parent] else {
          throw .unknownParent(parameter: parameter.name, parent: condition.parent)
        }
        for value in condition.values
        where parent.distribution.internalValue(of: value).map(parent.distribution.contains)
          != true
        {
          throw .impossibleCondition(
            parameter: parameter.name, parent: condition.parent, value: value.json)
        }
      }
      for parent in parameter.expression?.parents ?? [] where byName[parent] == nil {
        throw .unknownParent(parameter: parameter.name, parent: parent)
      }
    }
    self.parameters = try Self.parentsFirst(parameters)
    self.constraints = constraints
  }

  private static func parentsFirst(
    _ parameters: [Parameter]
  ) throws(SearchSpaceError) -> [Parameter] {
    var ordered: [Parameter] = []
    var placed = Set<String>()
    var waiting = parameters
    while !waiting.isEmpty {
      let ready = waiting.firstIndex { parameter in
        parameter.parents.allSatisfy { placed.contains($0) }
      }
      guard let ready else { throw .circularConditions(waiting.map(\.name)) }
      let parameter = waiting.remove(at: ready)
      placed.insert(parameter.name)
      ordered.append(parameter)
    }
    return ordered
  }

  /// The parameter of a name.
  ///
  /// - Complexity: O(parameters).
  public subscript(name: String) -> Parameter? {
    parameters.first { $0.name == name }
  }

  /// How many assignments there are, conditions and constraints aside; nil when uncountable.
  public var cardinality: Int? {
    var product = 1
    for parameter in parameters {
      guard let count = parameter.distribution.cardinality else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// Whether what an evaluator must know stands in this space.
  public var needsEvaluator: Bool {
    !constraints.isEmpty || parameters.contains { $0.expression != nil }
  }

  /// Whether `parameter` may exist beside `assignment`, which holds its parents where they exist,
  /// as far as ``Parameter/conditions`` go: see ``ConstrainedSpace/isActive(_:in:)``.
  public func isActive(_ parameter: Parameter, in assignment: Assignment) -> Bool {
    parameter.conditions.allSatisfy { condition in
      guard let value = assignment[condition.parent] else { return false }
      return condition.values.contains { $0.means(value) }
    }
  }
}

/// Why a search space was refused.
public enum SearchSpaceError: ExplainedError, Hashable {
  case emptyName
  case repeatedName(String)
  case unknownParent(parameter: String, parent: String)
  case impossibleCondition(parameter: String, parent: String, value: String)
  case circularConditions([String])

  public var explanation: Explanation { Explanation(fact, kind: .wrongUsage) }

  private var fact: String {
    switch self {
    case .emptyName: "a parameter needs a name"
    case .repeatedName(let name): "the parameter \"\(name)\" is declared twice"
    case .unknownParent(let parameter, let parent):
      "\"\(parameter)\" depends on \"\(parent)\", which is no parameter"
    case .impossibleCondition(let parameter, let parent, let value):
      "\"\(parameter)\" waits for \(parent) = \(value), which \"\(parent)\" can never be"
    case .circularConditions(let names):
      "these parameters depend on each other in a circle: \(names.joined(separator: ", "))"
    }
  }
}
