import Glibc
import Numerics
import StudyModel
import Testing

@testable import Samplers

@Suite struct PriorTests {
  private func draws(_ distribution: Distribution, _ count: Int = 20_000) -> [Double] {
    var stream = RandomStream(seed: 5, trial: 0, purpose: SamplingPurpose.uniform)
    return (0..<count).map { _ in distribution.internalValue(atQuantile: stream.uniform()) }
  }

  private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, variance.squareRoot())
  }

  @Test func `a normal domain has its mean and deviation, a log-normal one its logarithm's`() throws
  {
    let prior = try NormalPrior(mean: 3, deviation: 0.5)
    let (mean, deviation) = moments(draws(.float(try .normal(prior))))
    #expect(abs(mean - 3) < 0.02)
    #expect(abs(deviation - 0.5) < 0.01)
    let logarithms = draws(.float(try .normal(prior, isLogarithmic: true))).map { log($0) }
    #expect(abs(moments(logarithms).mean - 3) < 0.02)
    #expect(abs(moments(logarithms).deviation - 0.5) < 0.01)
  }

  @Test func `a normal domain that is cut has the shares of what is left`() throws {
    let prior = try NormalPrior(mean: 0, deviation: 1)
    let values = draws(.float(try .normal(prior, low: 0)))
    #expect(values.allSatisfy { $0 >= 0 })
    let share = Double(values.count { $0 < 1 }) / Double(values.count)
    // 2 (Φ(1) - Φ(0))
    #expect(abs(share - 0.6827) < 0.01)
  }

  @Test func `whole numbers of a normal domain have the shares of their half steps`() throws {
    let prior = try NormalPrior(mean: 10, deviation: 2)
    let values = draws(.integer(try .normal(prior)))
    let share = Double(values.count { $0 == 10 }) / Double(values.count)
    // Φ(0.25) - Φ(-0.25)
    #expect(abs(share - 0.1974) < 0.01)
  }

  @Test func `a logarithmic domain with a step holds multiples, even by ratio`() throws {
    let domain = Distribution.float(
      try FloatDomain(low: 8, high: 256, isLogarithmic: true, step: 8))
    let values = draws(domain)
    #expect(values.allSatisfy { $0.truncatingRemainder(dividingBy: 8) == 0 })
    let share = Double(values.count { $0 < 44 }) / Double(values.count)
    // ln(44 / 4) / ln(260 / 4)
    #expect(abs(share - log(11.0) / log(65.0)) < 0.01)
  }

  @Test(arguments: ["random", "qmc", "grid", "tpe:startup=3"])
  func `a parameter exists when its expression is true`(name: String) throws {
    struct Evaluator: ConstraintEvaluator {
      func isSatisfied(by assignment: Assignment) -> Bool { true }
      func holds(expressionOf parameter: Parameter, in assignment: Assignment) throws -> Bool {
        guard parameter.expression != nil else { return true }
        return (assignment["a"]?.number ?? 0) > 1 || assignment["b"] == .bool(true)
      }
    }
    let space = try SearchSpace([
      Parameter(name: "a", distribution: .int(0, 3)),
      Parameter(name: "b", distribution: .categorical([.bool(false), .bool(true)])),
      Parameter(
        name: "c", distribution: .int(1, 2),
        expression: ConditionExpression("a > 1 or b", parents: ["a", "b"])),
    ])
    let study = try run(name, ConstrainedSpace(space, evaluator: Evaluator()), trials: 14)
    var kinds = Set<Bool>()
    for row in 0..<study.state.trials.count {
      let assignment = study.state.trials.assignment(ofRow: row)
      let holds = try Evaluator().holds(expressionOf: space.parameters[2], in: assignment)
      #expect((assignment["c"] != nil) == holds)
      kinds.insert(holds)
    }
    #expect(kinds == [true, false])
    // 2 without c, 6 with c twice.
    #expect(study.state.trials.count == 14)
  }

  @Test func `an expression that cannot be computed is an error`() throws {
    struct Failure: Error, CustomStringConvertible { let description = "no such luck" }
    struct Evaluator: ConstraintEvaluator {
      func isSatisfied(by assignment: Assignment) -> Bool { true }
      func holds(expressionOf parameter: Parameter, in assignment: Assignment) throws -> Bool {
        if parameter.expression != nil { throw Failure() }
        return true
      }
    }
    let space = try SearchSpace([
      Parameter(name: "a", distribution: .int(0, 3)),
      Parameter(
        name: "c", distribution: .int(1, 2), expression: ConditionExpression("a", parents: ["a"])),
    ])
    #expect(throws: SamplerError.constraint("no such luck")) {
      try run("random", ConstrainedSpace(space, evaluator: Evaluator()), trials: 1)
    }
  }
}
