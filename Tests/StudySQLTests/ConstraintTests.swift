import PlainText
import StudyModel
import Testing

@testable import StudySQL

@Suite struct ConstraintTests {
  private func space(_ constraints: String...) throws -> SearchSpace {
    try SearchSpace(
      [
        Parameter(name: "lr", distribution: rate), Parameter(name: "layers", distribution: layers),
        Parameter(name: "opt", distribution: optimizer), Parameter(name: "amp", distribution: flag),
        Parameter(name: "val/x", distribution: layers),
      ], constraints: constraints)
  }

  private func assignment(lr: Double? = nil, layers count: Int64? = nil, opt: String? = nil)
    -> Assignment
  {
    var result = Assignment()
    if let lr { result.set("lr", rate, lr) }
    if let count { result.set("layers", layers, Double(count)) }
    if let opt { result.set("opt", optimizer, opt == "adam" ? 0 : 1) }
    return result
  }

  @Test(
    arguments: [
      ("layers * lr <= 1", true), ("layers > 4", false), ("opt = 'sgd' or layers < 4", true),
      ("opt = 'ADAM'", false), ("log10(lr) < -1", true), ("layers between 1 and 3", true),
      ("\"val/x\" > 3", true), ("amp", true), ("not amp", true), ("\"val/x\" is not null", false),
      ("layers in (1, 3, 5)", true), ("lr < 1 -- fine", true), ("0", false), ("1.5", true),
      ("nullif(1, 1)", true), ("case when layers > 2 then lr < 0.5 end", true),
      ("(select layers > 2)", true),
    ])
  func `an expression is true unless it is false`(expression: String, isTrue: Bool) throws {
    let evaluator = try SQLConstraintEvaluator(try space(expression))
    #expect(
      try evaluator.isSatisfied(by: assignment(lr: 0.01, layers: 3, opt: "adam")) == isTrue)
  }

  @Test func `all constraints must hold, and assignments do not mix`() throws {
    let evaluator = try SQLConstraintEvaluator(try space("layers > 1", "lr < 0.1"))
    #expect(try evaluator.isSatisfied(by: assignment(lr: 0.01, layers: 2)))
    #expect(try !evaluator.isSatisfied(by: assignment(lr: 0.01, layers: 1)))
    #expect(try !evaluator.isSatisfied(by: assignment(lr: 0.5, layers: 2)))
    #expect(try evaluator.isSatisfied(by: assignment()))
    let none = try SQLConstraintEvaluator(.empty)
    #expect(try none.isSatisfied(by: assignment(lr: 1)))
  }

  @Test func `tells which constraint is broken, and what each can read`() throws {
    let evaluator = try SQLConstraintEvaluator(
      try space("Layers > 1", "lr < 0.1 and \"val/x\" <> 7", "(select layers) > 0", "1"))
    #expect(try evaluator.firstBroken(by: assignment(lr: 0.5, layers: 1)) == 0)
    #expect(try evaluator.firstBroken(by: assignment(lr: 0.5, layers: 2)) == 1)
    #expect(try evaluator.firstBroken(by: assignment(lr: 0.01, layers: 2)) == nil)
    #expect(evaluator.parametersRead(byConstraint: 0) == ["layers"])
    #expect(evaluator.parametersRead(byConstraint: 1) == ["lr", "val/x"])
    #expect(evaluator.parametersRead(byConstraint: 2) == nil)
    #expect(evaluator.parametersRead(byConstraint: 3) == [])
  }

  @Test func `a condition holds when it is true and no sooner`() throws {
    let condition = ConditionExpression("opt = 'sgd' or layers > 2", parents: ["layers", "opt"])
    let momentum = Parameter(name: "m", distribution: rate, expression: condition)
    let plain = Parameter(name: "layers", distribution: layers)
    let evaluator = try SQLConstraintEvaluator(
      try SearchSpace([plain, Parameter(name: "opt", distribution: optimizer), momentum]))
    func holds(_ assignment: Assignment) throws -> Bool {
      try evaluator.holds(expressionOf: momentum, in: assignment)
    }
    #expect(try holds(assignment(layers: 1, opt: "sgd")))
    #expect(try !holds(assignment(layers: 1, opt: "adam")))
    #expect(try holds(assignment(layers: 3, opt: "adam")))
    #expect(try holds(assignment(opt: "sgd")), "true or unknown is true")
    #expect(try !holds(assignment(opt: "adam")), "false or unknown is unknown")
    #expect(try !holds(assignment()))
    #expect(try evaluator.holds(expressionOf: plain, in: assignment()))
  }

  @Test func `a condition that is no expression over its parents is named`() throws {
    let wrong = Parameter(
      name: "m", distribution: rate,
      expression: ConditionExpression("layer > 2", parents: ["opt"]))
    let space = try SearchSpace([
      Parameter(name: "layers", distribution: layers),
      Parameter(name: "opt", distribution: optimizer), wrong,
    ])
    let error = #expect(throws: QueryError.self) { try SQLConstraintEvaluator(space) }
    #expect(
      error?.description == """
        the condition of "m", "layer > 2": there is no column "layer"
          layer > 2
          ^
          try: layers
        """)
  }

  @Test(
    arguments: [
      (
        "layer <= 3",
        """
        constraint 1, "layer <= 3": there is no column "layer"
          layer <= 3
          ^
          try: layers
        """
      ),
      (
        "opt = adam",
        """
        constraint 1, "opt = adam": "adam" is no column; text stands in single quotes
          opt = adam
                ^
          try: 'adam'
        """
      ),
      (
        "val/x < 3",
        """
        constraint 1, "val/x < 3": the name "val/x" needs double quotes in SQL, which would \
        compute with its parts
          val/x < 3
          ^
          try: "val/x"
        """
      ),
    ])
  func `a mistake is answered when the constraint is read`(
    expression: String, words: String
  ) throws {
    let space = try space(expression)
    let error = #expect(throws: QueryError.self) { try SQLConstraintEvaluator(space) }
    #expect(error?.description == words)
  }

  @Test(
    arguments: [
      "random() > 0", "lr < julianday('now')", "(select count(*) from sqlite_master) = 0",
      "load_extension('x')", "exists (select 1 from json_each('[1]'))", "lr", "", "lr > 1; 1",
      "1) or (1",
      "(with recursive c(x) as (select 1 union all select x + 1 from c) select 1 from c)",
      "lr > ?", "current_timestamp > 0",
    ])
  func `only what is computed from the parameters is allowed`(expression: String) throws {
    let space = try space(expression)
    #expect(throws: QueryError.self) { try SQLConstraintEvaluator(space) }
  }

  @Test func `failing to compute names the constraint`() throws {
    let evaluator = try SQLConstraintEvaluator(
      try space("lr > 0", "abs(-9223372036854775807 - layers) > 0"))
    let error = #expect(throws: QueryError.self) {
      try evaluator.isSatisfied(by: assignment(lr: 0.5, layers: 1))
    }
    guard case .constraint(index: 2, _, .failed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // The statement is usable again.
    #expect(try evaluator.isSatisfied(by: assignment(lr: 0.5)))
  }

  @Test func `threads share an evaluator`() async throws {
    let evaluator = try SQLConstraintEvaluator(try space("layers <= 4"))
    let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
      for count in 1...8 {
        let assignment = assignment(layers: Int64(count))
        group.addTask {
          try (0..<200).allSatisfy { _ in
            try evaluator.isSatisfied(by: assignment) == (count <= 4)
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: true, count: 8))
  }
}
