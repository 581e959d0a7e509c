// What a proposal is filled into: the space's parameters in order, which of them are given,
// and under which values of which others each exists, all by index. A *point* is one number a
// parameter, as kept in columns, NaN where the parameter is absent.

import StudyModel

struct ProposalFrame: Sendable {
  struct Condition: Sendable {
    let parent: Int
    /// The parent's values that satisfy it, as kept in columns.
    let allowed: [Double]
  }

  let parameters: [Parameter]
  let conditions: [[Condition]]
  /// By parameter: the value that is given. A value the domain cannot hold (an unknown choice)
  /// is given too, and stands as NaN: it satisfies no condition.
  let given: [Double?]
  private let fixed: Assignment
  /// By parameter: the indices of those its expression is about; nil where it has none.
  private let expressionParents: [[Int]?]
  private let evaluator: (any ConstraintEvaluator)?

  /// - Parameter evaluator: who knows the expressions of the space's conditions.
  init(
    _ space: SearchSpace, fixing fixed: Assignment = Assignment(),
    evaluator: (any ConstraintEvaluator)? = nil
  ) {
    parameters = space.parameters
    self.fixed = fixed
    self.evaluator = evaluator
    let indices = Dictionary(
      uniqueKeysWithValues: space.parameters.enumerated().map { ($1.name, $0) })
    conditions = space.parameters.map { parameter in
      parameter.conditions.compactMap { condition in
        guard let parent = indices[condition.parent] else { return nil }
        let distribution = space.parameters[parent].distribution
        return Condition(
          parent: parent, allowed: condition.values.compactMap(distribution.internalValue(of:)))
      }
    }
    expressionParents = space.parameters.map { parameter in
      parameter.expression.map { $0.parents.compactMap { indices[$0] } }
    }
    given = space.parameters.map { parameter in
      fixed.entry(parameter.name).map { entry in
        entry.distribution.isCompatible(with: parameter.distribution)
          ? entry.internalValue : parameter.distribution.internalValue(of: entry.value) ?? .nan
      }
    }
  }

  var count: Int { parameters.count }
  var isFixing: Bool { !fixed.isEmpty }

  /// Whether parameter `index` exists beside the parents in `point`.
  /// An expression that cannot be computed is not true here: ``checkConditions(of:)`` says why.
  func isActive(_ index: Int, in point: [Double]) -> Bool {
    guard conditions[index].allSatisfy({ $0.allowed.contains(point[$0.parent]) }) else {
      return false
    }
    do { return try expressionHolds(index, in: point) } catch { return false }
  }

  /// - Throws: what is wrong with an expression that cannot be computed for `point`.
  func checkConditions(of point: [Double]) throws {
    for index in parameters.indices { _ = try expressionHolds(index, in: point) }
  }

  private func expressionHolds(_ index: Int, in point: [Double]) throws -> Bool {
    guard let parents = expressionParents[index], let evaluator else { return true }
    let known = parents.filter { !point[$0].isNaN }.map { parent in
      Assignment.Entry(
        name: parameters[parent].name, distribution: parameters[parent].distribution,
        internalValue: point[parent])
    }
    return try evaluator.holds(
      expressionOf: parameters[index], in: Assignment(known))
  }

  /// The point whose free parameters `draw` gives, asked for those that exist, parents first.
  func point(_ draw: (Int) -> Double) -> [Double] {
    var point = [Double](repeating: .nan, count: count)
    for index in parameters.indices {
      if let value = given[index] {
        point[index] = value
      } else if isActive(index, in: point) {
        point[index] = draw(index)
      }
    }
    return point
  }

  /// The point's parameters in the space's order. Given entries stay as they came, also those
  /// of no parameter here, at the end.
  func assignment(_ point: [Double]) -> Assignment {
    var entries: [Assignment.Entry] = []
    entries.reserveCapacity(count)
    for (index, parameter) in parameters.enumerated() {
      if given[index] != nil, let entry = fixed.entry(parameter.name) {
        entries.append(entry)
      } else if !point[index].isNaN {
        entries.append(
          .init(
            name: parameter.name, distribution: parameter.distribution,
            internalValue: point[index]))
      }
    }
    for entry in fixed.entries where !parameters.contains(where: { $0.name == entry.name }) {
      entries.append(entry)
    }
    return Assignment(entries)
  }

  /// Whether nothing is left to choose, whatever the given parameters decide.
  var isFullyGiven: Bool {
    let point = point { _ in .infinity }
    return !point.contains(.infinity)
  }

  /// Whether the free parameters are all countable.
  var isFinite: Bool {
    parameters.indices.allSatisfy {
      given[$0] != nil || parameters[$0].distribution.cardinality != nil
    }
  }
}
