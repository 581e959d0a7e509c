import Foundation
import StudyModel
import Testing

@Suite struct DistributionTests {
  @Test func `steps that do not divide in binary count as people mean them`() throws {
    #expect(try FloatDomain(low: 0, high: 0.3, step: 0.1).stepCount == 3)
    #expect(try FloatDomain(low: 0, high: 1, step: 0.1).stepCount == 10)
    #expect(try FloatDomain(low: 0, high: 1, step: 0.3).stepCount == 3)
  }

  @Test func `every grid point of a stepped domain is a member`() throws {
    for step in [0.1, 0.3, 0.07, 1e-3] {
      let domain = try FloatDomain(low: -0.5, high: 2, step: step)
      for k in 0...domain.stepCount! {
        #expect(Distribution.float(domain).contains(domain.nearest(to: -0.5 + Double(k) * step)))
      }
    }
  }

  @Test func `the values of a step are the shortest decimals`() throws {
    let tenths = try FloatDomain(low: 0, high: 1, step: 0.1)
    let texts = (0...10).map { tenths.member($0).description }
    #expect(
      texts == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"])
    #expect(tenths.nearest(to: 0.1 + 0.2) == 0.3)
    #expect(Distribution.float(tenths).internalValue(of: .float(0.1 + 0.2)) == 0.3)
    #expect(Distribution.float(tenths).internalValue(of: .float(0.31)) == 0.31)
    // Every decimal with few digits, against the reader of numbers.
    for (low, step, digits) in [(-0.35, 0.05, 2), (0.001, 0.002, 3), (-3, 1e-5, 5)] {
      let domain = try FloatDomain(low: low, high: low + 1000 * step, step: step)
      let scale = (0..<digits).reduce(1) { value, _ in value * 10 }
      let first = Int((low * Double(scale)).rounded())
      let unit = Int((step * Double(scale)).rounded())
      for k in stride(from: 0, through: 999, by: 37) {
        #expect(domain.member(k) == Double("\(first + k * unit)e-\(digits)"))
      }
    }
  }

  @Test func `a step without a short decimal is counted in binary`() throws {
    let third = 1.0 / 3
    let domain = try FloatDomain(low: 0, high: 1, step: third)
    #expect(domain.stepCount == 3)
    #expect(domain.member(3) <= 1)
    #expect(domain.member(2) == 2 * third)
    let huge = try FloatDomain(low: 1e300, high: 1e308, step: 1e300)
    #expect(huge.member(5) == 6e300)
  }

  @Test func `bounds that a normal domain is not given lie six deviations out`() throws {
    let prior = try NormalPrior(mean: 1, deviation: 0.5)
    let plain = try FloatDomain.normal(prior)
    #expect((plain.low, plain.high) == (-2, 4))
    #expect(plain.hasUsualBounds)
    #expect(try !FloatDomain.normal(prior, low: 0).hasUsualBounds)
    let stepped = try FloatDomain.normal(prior, step: 0.3)
    #expect(stepped.low == -2.1)
    let logarithmic = try FloatDomain.normal(prior, isLogarithmic: true)
    #expect(logarithmic.low == exp(-2.0))
    #expect(try IntegerDomain.normal(NormalPrior(mean: 0, deviation: 2)).low == -12)
    #expect(try IntegerDomain.normal(prior, isLogarithmic: true).low == 1)
    #expect(throws: DomainError.badDeviation("0.0")) { try NormalPrior(mean: 0, deviation: 0) }
    #expect(throws: DomainError.notFinite) {
      try FloatDomain.normal(NormalPrior(mean: 0, deviation: 1e308))
    }
    #expect(throws: DomainError.integerTooLarge) {
      try IntegerDomain.normal(NormalPrior(mean: 0, deviation: 1e300), low: 0)
    }
  }

  @Test func `choices are handed on as they were typed and compared as numbers`() throws {
    let choices = try ChoiceDomain([.float(1.9), .float(1.1)], texts: ["1.9", "1.10"])
    let distribution = Distribution.categorical(choices)
    #expect(distribution.text(of: 1) == "1.10")
    #expect(distribution.value(of: 1) == .float(1.1))
    #expect(distribution.internalValue(of: .float(1.1)) == 1)
    #expect(distribution.isCompatible(with: .categorical([.float(1.9), .float(1.1)])))
    #expect(try ChoiceDomain([.integer(1)], texts: ["1"]).typedTexts == nil)
    #expect(throws: DomainError.sameNumber("1", "1.0")) {
      try ChoiceDomain([.integer(1), .float(1)])
    }
    #expect(throws: DomainError.sameNumber("1.1", "1.10")) {
      try ChoiceDomain([.float(1.1), .float(1.1)], texts: ["1.1", "1.10"])
    }
    #expect(try ChoiceDomain([.integer(1), .bool(true), .string("1")]).count == 3)
  }

  @Test func `choices in JSON keep their order, texts and structures`() throws {
    for choices in [
      try ChoiceDomain([.integer(1), .integer(2)], isOrdered: true),
      try ChoiceDomain([.float(1e3), .structure("{\"a\":[1]}")], texts: ["1e3", "{\"a\":[1]}"]),
      [.null, .string("x")],
    ] {
      let bytes = try JSONEncoder().encode(choices)
      #expect(try JSONDecoder().decode(ChoiceDomain.self, from: bytes) == choices)
    }
    let plain = try JSONEncoder().encode(["x": try ChoiceDomain([.integer(3)])])
    #expect(String(decoding: plain, as: UTF8.self) == #"{"x":[3]}"#)
    #expect(throws: DomainError.noChoices) { try ChoiceDomain([]) }
  }

  @Test func `domains that cannot be are refused with the reason`() {
    #expect(throws: DomainError.crossed(low: "2.0", high: "1.0")) {
      try FloatDomain(low: 2, high: 1)
    }
    #expect(throws: DomainError.notFinite) { try FloatDomain(low: 0, high: .infinity) }
    #expect(throws: DomainError.logarithmOfZero(low: "0.0")) {
      try FloatDomain(low: 0, high: 1, isLogarithmic: true)
    }
    #expect(throws: DomainError.integerTooLarge) { try IntegerDomain(low: 0, high: .max) }
    #expect(throws: DomainError.integerTooLarge) { try IntegerDomain(low: .min, high: 0) }
    #expect(throws: DomainError.repeatedChoice("\"a\"")) {
      try Distribution.choice([.string("a"), .string("a")])
    }
  }

  @Test func `categories keep their kinds and NaN finds itself`() throws {
    let choices: [ParameterValue] = [
      .null, .bool(true), .integer(1), .float(.nan), .string("1"), .float(2.5),
    ]
    let distribution = try Distribution.choice(choices)
    for (index, choice) in choices.enumerated() {
      #expect(distribution.internalValue(of: choice) == Double(index))
      #expect(distribution.value(of: Double(index)) == choice)
    }
    #expect(distribution.value(of: 6) == nil)
    #expect(distribution.value(of: 0.5) == nil)
    #expect(distribution.value(of: .nan) == nil)
    #expect(distribution.internalValue(of: .integer(3)) == nil)
  }

  @Test func `an integer is kept as whole number or not at all`() throws {
    let distribution = Distribution.integer(try IntegerDomain(low: 1, high: 9, step: 2))
    #expect(distribution.internalValue(of: .float(3)) == 3)
    #expect(distribution.internalValue(of: .float(3.5)) == nil)
    #expect(distribution.value(of: 3.5) == nil)
    #expect(distribution.contains(3))
    #expect(!distribution.contains(4))
    #expect(distribution.cardinality == 5)
    #expect(try IntegerDomain(low: 1, high: 9, step: 2).nearest(to: 100) == 9)
  }

  @Test func `compatibility is Optuna's`() throws {
    let narrow = Distribution.float(try FloatDomain(low: 0.1, high: 1))
    let wide = Distribution.float(try FloatDomain(low: 0.1, high: 9, step: 0.1))
    let logarithmic = Distribution.float(
      try FloatDomain(low: 0.1, high: 1, isLogarithmic: true))
    #expect(narrow.isCompatible(with: wide))
    #expect(!narrow.isCompatible(with: logarithmic))
    #expect(
      !Distribution.categorical([.integer(1), .integer(2)])
        .isCompatible(with: .categorical([.integer(2), .integer(1)])))
    #expect(
      Distribution.categorical([.float(.nan)]).isCompatible(with: .categorical([.float(.nan)])))
  }
}

@Suite struct StudyDefinitionTests {
  @Test func `a definition survives JSON, awkward choices and all`() throws {
    let space = try SearchSpace(
      [
        Parameter(
          name: "lr",
          distribution: .float(try FloatDomain(low: 1e-5, high: 0.1, isLogarithmic: true))),
        Parameter(
          name: "opt",
          distribution: .categorical([
            .null, .bool(false), .integer(1), .float(1), .float(.nan), .float(-.infinity),
            .string("Adam \"W\" \n\u{1}"),
          ])),
        Parameter(
          name: "m", distribution: .float(try FloatDomain(low: 0, high: 1, step: 0.1)),
          conditions: [.init(parent: "opt", values: [.null, .integer(1)])]),
      ], constraints: ["lr * 2 < 1"])
    var run = RunConfiguration(command: ["a", "{lr}"], workingDirectory: ".")
    run.memoryLimit = 1 << 32
    let definition = StudyDefinition(
      objectives: [.init(name: "v", direction: .maximize, aggregate: .mean(count: 5))],
      space: space, bounds: [.init(metric: "ms", relation: .atLeast, limit: 2)],
      sampler: .init("tpe", options: ["startup": 3]), seed: .max, targetTrials: 9, run: run)
    let bytes = try JSONEncoder().encode(definition)
    #expect(try JSONDecoder().decode(StudyDefinition.self, from: bytes) == definition)
  }
}

extension StudyDefinitionTests {
  @Test func `a definition of an older version, with fields missing, is read`() throws {
    let old =
      #"{"objectives":[{"name":"v","direction":"minimize","aggregate":{"last":{}}}],"#
      + #""seed":7,"run":{"command":["a"],"workingDirectory":"."}}"#
    let definition = try JSONDecoder().decode(StudyDefinition.self, from: Data(old.utf8))
    #expect(definition.seed == 7)
    #expect(definition.run == RunConfiguration(command: ["a"], workingDirectory: "."))
  }

  @Test func `a definition without objectives is refused`() {
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(
        StudyDefinition.self, from: Data(#"{"objectives":[],"seed":7}"#.utf8))
    }
  }
}

@Suite struct SearchSpaceTests {
  private func flag(_ name: String, when: [ParameterCondition] = []) -> Parameter {
    Parameter(
      name: name, distribution: .categorical([.bool(false), .bool(true)]), conditions: when)
  }

  @Test func `parents stand before their children`() throws {
    let space = try SearchSpace([
      flag("c", when: [.init(parent: "b", values: [.bool(true)])]),
      flag("b", when: [.init(parent: "a", values: [.bool(true)])]),
      flag("a"), flag("d"),
    ])
    #expect(space.parameters.map(\.name) == ["a", "b", "c", "d"])
  }

  @Test func `conditions in a circle, on nobody and on the impossible are refused`() {
    #expect(throws: SearchSpaceError.circularConditions(["a", "b"])) {
      try SearchSpace([
        flag("a", when: [.init(parent: "b", values: [.bool(true)])]),
        flag("b", when: [.init(parent: "a", values: [.bool(true)])]),
      ])
    }
    #expect(throws: SearchSpaceError.unknownParent(parameter: "a", parent: "z")) {
      try SearchSpace([flag("a", when: [.init(parent: "z", values: [])])])
    }
    #expect(
      throws: SearchSpaceError.impossibleCondition(parameter: "b", parent: "a", value: "3")
    ) {
      try SearchSpace([flag("a"), flag("b", when: [.init(parent: "a", values: [.integer(3)])])])
    }
    #expect(throws: SearchSpaceError.repeatedName("a")) { try SearchSpace([flag("a"), flag("a")]) }
  }

  @Test func `a child of an inactive parent is inactive`() throws {
    let space = try SearchSpace([
      flag("a"), flag("b", when: [.init(parent: "a", values: [.bool(true)])]),
      flag("c", when: [.init(parent: "b", values: [.bool(false)])]),
    ])
    var assignment = Assignment()
    assignment.set("a", space.parameters[0].distribution, 0)
    #expect(!space.isActive(space.parameters[1], in: assignment))
    #expect(!space.isActive(space.parameters[2], in: assignment))
  }

  @Test func `the parents of an expression stand before their child, and in no circle`() throws {
    func child(_ name: String, of parents: String...) -> Parameter {
      Parameter(
        name: name, distribution: .categorical([.bool(false), .bool(true)]),
        expression: ConditionExpression("x", parents: parents))
    }
    let space = try SearchSpace([child("c", of: "b", "a"), flag("a"), child("b", of: "a")])
    #expect(space.parameters.map(\.name) == ["a", "b", "c"])
    #expect(space.needsEvaluator)
    #expect(throws: SearchSpaceError.circularConditions(["a", "b"])) {
      try SearchSpace([child("a", of: "b"), child("b", of: "a")])
    }
    #expect(throws: SearchSpaceError.unknownParent(parameter: "a", parent: "z")) {
      try SearchSpace([child("a", of: "z")])
    }
    let stored = try JSONEncoder().encode(space)
    #expect(try JSONDecoder().decode(SearchSpace.self, from: stored) == space)
  }

  @Test func `the number of assignments does not overflow`() throws {
    let wide = Distribution.integer(try IntegerDomain(low: -(1 << 53), high: 1 << 53))
    let space = try SearchSpace([
      Parameter(name: "a", distribution: wide), Parameter(name: "b", distribution: wide),
    ])
    #expect(space.cardinality == nil)
    #expect(try SearchSpace([flag("a"), flag("b")]).cardinality == 4)
  }
}
