// Constraints of a search space as SQL expressions, `layers * units <= 4096`, and conditions of
// its parameters, `opt = 'sgd' OR layers > 2`, computed by SQLite from values that are bound to
// the names of the parameters.

internal import Synchronization
public import StudyModel

/// Judges assignments by a space's constraints and conditions.
///
/// An inactive parameter, and a choice that is `null`, is NULL; booleans are 1 and 0. A
/// constraint is satisfied unless it is false: NULL, which comparisons with an inactive
/// parameter come to, satisfies it. A condition holds when it is true, and no sooner. Whole
/// numbers divide as SQL divides them: `7 / 2` is 3.
///
/// Expressions may call SQLite's functions, but for those whose result is no function of their
/// arguments (`random()`, the clock), so that equal assignments are always judged alike.
public final class SQLConstraintEvaluator: ConstraintEvaluator {
  /// Operations of SQLite's machine that one constraint may take: a fraction of a second.
  static let operationLimit = 10_000_000

  /// A class, since arrays hold no values that cannot be copied.
  private final class Constraint {
    let index: Int
    let expression: String
    let statement: Statement

    init(index: Int, expression: String, statement: consuming Statement) {
      self.index = index
      self.expression = expression
      self.statement = statement
    }
  }

  private final class Condition {
    let expression: ConditionExpression
    let statement: Statement

    init(_ expression: ConditionExpression, statement: consuming Statement) {
      self.expression = expression
      self.statement = statement
    }
  }

  /// SQLite's handles, which one thread may use at a time.
  private struct Machine: ~Copyable {
    let connection: Connection
    var constraints: [Constraint] = []
    /// By the name of the parameter.
    var conditions: [String: Condition] = [:]
  }

  private let names: [String]
  private let machine: Mutex<Machine>

  /// Compiles the constraints and conditions of `space`.
  ///
  /// - Throws: ``QueryError/constraint(index:expression:_:)`` for the first that is not one
  ///   expression over the space's parameters, ``QueryError/condition(parameter:expression:_:)``
  ///   for the first that is not one over the parents it names.
  public init(_ space: SearchSpace) throws(QueryError) {
    names = space.parameters.map(\.name)
    var machine = Machine(
      connection: try Connection.open(
        supervisor: QueryGuard(
          policy: .computing, cancellation: QueryCancellation(),
          operationLimit: Self.operationLimit)))
    for (index, expression) in space.constraints.enumerated() {
      do {
        let statement = try Self.compile(
          expression, over: space.parameters, in: machine.connection)
        machine.constraints.append(
          Constraint(index: index + 1, expression: expression, statement: statement))
      } catch {
        throw .constraint(index: index + 1, expression: expression, error)
      }
    }
    for parameter in space.parameters {
      guard let expression = parameter.expression else { continue }
      do {
        let parents = expression.parents.compactMap { space[$0] }
        machine.conditions[parameter.name] = Condition(
          expression,
          statement: try Self.compile(
            expression.text, test: "TRUE", over: parents, in: machine.connection))
      } catch {
        throw .condition(parameter: parameter.name, expression: expression.text, error)
      }
    }
    self.machine = Mutex(machine)
  }

  /// What `space` needs; nil when it has neither constraints nor conditions in SQL.
  public static func evaluator(
    for space: SearchSpace
  ) throws(QueryError) -> SQLConstraintEvaluator? {
    space.needsEvaluator ? try SQLConstraintEvaluator(space) : nil
  }

  public func isSatisfied(by assignment: Assignment) throws -> Bool {
    let values = names.map { assignment[$0].map(SQLValue.init) ?? .null }
    return try machine.withLock { machine in
      for constraint in machine.constraints {
        do {
          guard try Self.holds(constraint.statement, values) else { return false }
        } catch let error as QueryError {
          throw QueryError.constraint(
            index: constraint.index, expression: constraint.expression, error)
        }
      }
      return true
    }
  }

  public func holds(expressionOf parameter: Parameter, in assignment: Assignment) throws -> Bool {
    try machine.withLock { machine in
      guard let condition = machine.conditions[parameter.name] else { return true }
      let values = condition.expression.parents.map {
        assignment[$0].map(SQLValue.init) ?? .null
      }
      do {
        return try Self.holds(condition.statement, values)
      } catch let error as QueryError {
        throw QueryError.condition(
          parameter: parameter.name, expression: condition.expression.text, error)
      }
    }
  }

  private static func holds(
    _ statement: borrowing Statement, _ values: [SQLValue]
  ) throws(QueryError) -> Bool {
    statement.reset()
    for (index, value) in values.enumerated() { try statement.bind(value, at: index + 1) }
    return try statement.step() && statement.value(0) != .integer(0)
  }

  private static func compile(
    _ expression: String, test: String = "NOT FALSE", over parameters: [Parameter],
    in connection: borrowing Connection
  ) throws(QueryError) -> Statement {
    var unique = UniqueNames()
    let columns = parameters.map {
      TableColumn(unique.take($0.name, or: "param_"), TrialLayout.kind(of: [$0.distribution]))
    }
    let diagnosis = ExpressionDiagnosis(expression, columns: columns)
    try diagnosis.checkBefore()
    let declared = columns.map(\.name.sqlName).joined(separator: ", ")
    let values = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    let table = columns.isEmpty ? "" : " FROM \(QueryGuard.boundTable)"
    let with =
      columns.isEmpty ? "" : "WITH \(QueryGuard.boundTable)(\(declared)) AS (SELECT \(values)) "
    let start = "\(with)SELECT (\n"
    do {
      let statement = try connection.prepare(start + expression + "\n) IS \(test)" + table)
      try diagnosis.checkAfter()
      return statement
    } catch let failure as PreparationFailure {
      if failure.isRefusal { throw .notForConstraints(failure.message) }
      throw diagnosis.explain(failure, prefixBytes: start.utf8.count)
    } catch let error as QueryError {
      throw error
    } catch {
      throw .failed(message: "\(error)")
    }
  }
}
