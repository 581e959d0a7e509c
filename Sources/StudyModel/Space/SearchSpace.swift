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
public struct SearchSpace: Hashable, Sendable, Encodable {
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
  /// - Complexity: O(n log n) for n parameters, conditions and choices together.
  public init(
    _ parameters: [Parameter], constraints: [String] = []
  ) throws(SearchSpaceError) {
    var places: [NameKey: Int] = [:]
    for (place, parameter) in parameters.enumerated() {
      if parameter.name.isEmpty { throw .emptyName }
      if places.updateValue(place, forKey: NameKey(parameter.name)) != nil {
        throw .repeatedName(parameter.name)
      }
    }
    var order = ParentOrder(count: parameters.count)
    var choices: [Int: ChoiceSet] = [:]
    for (place, parameter) in parameters.enumerated() {
      for condition in parameter.conditions {
        guard let parent = places[NameKey(condition.parent)] else {
          throw .unknownParent(parameter: parameter.name, parent: condition.parent)
        }
        order.put(parent, before: place)
        let distribution = parameters[parent].distribution
        for value in condition.values {
          let isPossible: Bool
          if case .categorical(let values) = distribution {
            let known = choices[parent] ?? ChoiceSet(values.values)
            choices[parent] = known
            isPossible = known.means(value)
          } else {
            isPossible = distribution.internalValue(of: value).map(distribution.contains) ?? false
          }
          guard !isPossible else { continue }
          throw .impossibleCondition(
            parameter: parameter.name, parent: condition.parent, value: value.json)
        }
      }
      for name in parameter.expression?.parents ?? [] {
        guard let parent = places[NameKey(name)] else {
          throw .unknownParent(parameter: parameter.name, parent: name)
        }
        order.put(parent, before: place)
      }
    }
    let sorted = order.sorted()
    guard sorted.count == parameters.count else {
      let placed = Set(sorted)
      let circle = parameters.indices.filter { !placed.contains($0) }
      throw .circularConditions(circle.map { parameters[$0].name })
    }
    self.parameters = sorted.map { parameters[$0] }
    self.constraints = constraints
  }

  /// The parameter of a name.
  ///
  /// - Complexity: O(parameters).
  public subscript(name: String) -> Parameter? {
    parameters.first { $0.name.isSameName(as: name) }
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

extension SearchSpace: Decodable {
  private enum CodingKeys: String, CodingKey { case parameters, constraints }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      try fields.decode([Parameter].self, forKey: .parameters),
      constraints: try fields.decodeIfPresent([String].self, forKey: .constraints) ?? [])
  }
}

/// The choices of a parameter, to be looked up many times.
private struct ChoiceSet {
  private let values: Set<ParameterValue>
  private let numbers: Set<Double>

  init(_ choices: [ParameterValue]) {
    values = Set(choices)
    numbers = Set(choices.compactMap(\.number))
  }

  /// Whether one of the choices is meant by `value`: see ``ParameterValue/means(_:)``.
  func means(_ value: ParameterValue) -> Bool {
    values.contains(value) || value.number.map(numbers.contains) ?? false
  }
}

/// Puts things in an order in which some stand before others: of those that may come next,
/// always the first as they were given.
private struct ParentOrder {
  private var children: [[Int]]
  private var parentCounts: [Int]

  init(count: Int) {
    children = Array(repeating: [], count: count)
    parentCounts = Array(repeating: 0, count: count)
  }

  mutating func put(_ parent: Int, before child: Int) {
    children[parent].append(child)
    parentCounts[child] += 1
  }

  /// Fewer than all when some stand in a circle.
  func sorted() -> [Int] {
    var waiting = parentCounts
    var ready = MinimumHeap(waiting.indices.filter { waiting[$0] == 0 })
    var order: [Int] = []
    while let next = ready.popMinimum() {
      order.append(next)
      for child in children[next] {
        waiting[child] -= 1
        if waiting[child] == 0 { ready.insert(child) }
      }
    }
    return order
  }
}

/// A binary heap.
private struct MinimumHeap {
  private var items: [Int]

  /// - Parameter ascending: what it holds at first.
  init(_ ascending: [Int]) { items = ascending }

  mutating func insert(_ item: Int) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[place] < items[(place - 1) / 2] {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func popMinimum() -> Int? {
    guard let minimum = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return minimum }
    items[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count {
        if items[child] < items[least] { least = child }
      }
      if least == place { return minimum }
      items.swapAt(place, least)
      place = least
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
