// The parameters of one trial.

internal import PlainText

/// Values for the active parameters of a space, in the space's order. Each carries the
/// distribution it was drawn from, since a study's space may change while its trials do not.
public struct Assignment: Hashable, Sendable {
  /// One parameter's value, with the domain it was drawn from.
  public struct Entry: Hashable, Sendable {
    /// The parameter's name.
    public let name: String
    /// The domain as it was then; the space may have been edited since.
    public let distribution: Distribution
    /// As kept in columns: see ``Distribution/value(of:)``.
    public let internalValue: Double

    /// `internalValue` is as the distribution keeps values: itself, or the index of a choice.
    public init(name: String, distribution: Distribution, internalValue: Double) {
      self.name = name
      self.distribution = distribution
      self.internalValue = internalValue
    }

    /// What a script is handed.
    public var value: ParameterValue {
      distribution.value(of: internalValue) ?? .float(internalValue)
    }

    /// As a script is given it: `1.10` where a choice was typed so.
    public var text: String { distribution.text(of: internalValue) }
  }

  /// In the order of the space.
  public private(set) var entries: [Entry]

  /// Names are not checked for repetition.
  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// Whether no parameter has a value.
  public var isEmpty: Bool { entries.isEmpty }

  /// The value of a parameter; nil when it has none.
  ///
  /// - Complexity: O(entries).
  public subscript(name: String) -> ParameterValue? {
    entries.first { $0.name.isSameName(as: name) }?.value
  }

  /// The entry of a parameter; nil when it has none.
  ///
  /// - Complexity: O(entries).
  public func entry(_ name: String) -> Entry? { entries.first { $0.name.isSameName(as: name) } }

  /// Sets `name`, in place when it is there, else at the end.
  public mutating func set(_ name: String, _ distribution: Distribution, _ internalValue: Double) {
    let entry = Entry(name: name, distribution: distribution, internalValue: internalValue)
    if let index = entries.firstIndex(where: { $0.name.isSameName(as: name) }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
  }

  /// `{"lr": 0.001, "opt": "adam"}`, in order.
  public var json: String {
    "{" + entries.map { "\($0.name.jsonQuoted): \($0.value.json)" }.joined(separator: ", ") + "}"
  }
}

/// Judges assignments by a space's constraints, and by the conditions of its parameters. The
/// model knows no expression language; who does implements this (StudySQL, with SQL expressions)
/// and hands it in.
public protocol ConstraintEvaluator: Sendable {
  /// The first of the space's constraints, by its place, that `assignment` breaks; nil when it
  /// keeps all of them.
  ///
  /// - Throws: when an expression cannot be computed, saying which and why.
  func firstBroken(by assignment: Assignment) throws -> Int?

  /// The names of the parameters that constraint `index` may depend on; nil: it may be any. As
  /// long as these stay as they are, so does what the constraint says.
  func parametersRead(byConstraint index: Int) -> [String]?

  /// Whether the expression that is a condition of `parameter` is true of `assignment`, which
  /// holds its parents where they exist; true when it has none.
  ///
  /// - Throws: when the expression cannot be computed, saying which and why.
  func holds(expressionOf parameter: Parameter, in assignment: Assignment) throws -> Bool
}

extension ConstraintEvaluator {
  /// Whether `assignment` keeps all constraints.
  public func isSatisfied(by assignment: Assignment) throws -> Bool {
    try firstBroken(by: assignment) == nil
  }

  /// Any: who does not know lets nothing be skipped.
  public func parametersRead(byConstraint index: Int) -> [String]? { nil }

  /// True: who knows no expressions forbids nothing.
  public func holds(expressionOf parameter: Parameter, in assignment: Assignment) throws -> Bool {
    true
  }
}

/// A search space together with who judges its constraints and conditions.
public struct ConstrainedSpace: Sendable {
  /// The parameters, their conditions and the texts of the constraints.
  public let space: SearchSpace
  /// Computes the constraints; nil when there are none.
  public let evaluator: (any ConstraintEvaluator)?

  /// `evaluator` may be nil only for a space that needs none.
  public init(_ space: SearchSpace, evaluator: (any ConstraintEvaluator)? = nil) {
    precondition(!space.needsEvaluator || evaluator != nil)
    self.space = space
    self.evaluator = evaluator
  }

  /// Whether `assignment` keeps every constraint.
  ///
  /// - Throws: what the evaluator throws when an expression cannot be computed.
  public func isFeasible(_ assignment: Assignment) throws -> Bool {
    try evaluator?.isSatisfied(by: assignment) ?? true
  }

  /// Whether `parameter` exists beside `assignment`, which holds its parents where they exist.
  public func isActive(_ parameter: Parameter, in assignment: Assignment) throws -> Bool {
    guard space.isActive(parameter, in: assignment) else { return false }
    guard parameter.expression != nil, let evaluator else { return true }
    return try evaluator.holds(expressionOf: parameter, in: assignment)
  }

  /// `assignment` without what cannot exist beside the rest of it. What depends on a parameter
  /// that is left open stays: it may come out right.
  public func withoutInactive(_ assignment: Assignment) throws -> Assignment {
    var result = Assignment()
    var decided = Set<String>()
    for parameter in space.parameters {
      let entry = assignment.entry(parameter.name)
      if parameter.parents.allSatisfy(decided.contains) {
        let isActive = try isActive(parameter, in: result)
        if !isActive || entry != nil { decided.insert(parameter.name) }
        guard isActive else { continue }
      } else if entry != nil {
        decided.insert(parameter.name)
      }
      if let entry { result.set(entry.name, entry.distribution, entry.internalValue) }
    }
    return result
  }
}
