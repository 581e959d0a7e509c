// A stored definition is asked the questions that a typed one is.

import Foundation
import StudyModel
import Testing

@Suite struct DefinitionDecodingTests {
  static func json(
    space: String = #"{"constraints":[],"parameters":[]}"#,
    objectives: String = #"[{"aggregate":{"last":{}},"direction":"minimize","name":"loss"}]"#,
    more: String = ""
  ) -> String { #"{"objectives":\#(objectives),"seed":7,"space":\#(space)\#(more)}"# }

  static func space(_ distribution: String, conditions: String = "[]") -> String {
    let parameter =
      #"{"conditions":\#(conditions),"distribution":\#(distribution),"name":"x"}"#
    return #"{"constraints":[],"parameters":[\#(parameter)]}"#
  }

  private func decode(_ json: String) throws -> StudyDefinition {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try decoder.decode(StudyDefinition.self, from: Data(json.utf8))
  }

  @Test func `what keeps the rules is read`() throws {
    let float = #"{"float":{"_0":{"high":1,"isLogarithmic":false,"low":0,"step":0.5}}}"#
    let definition = try decode(Self.json(space: Self.space(float)))
    #expect(definition.space["x"]?.distribution.cardinality == 3)
    let choices = #"{"categorical":{"_0":[1,"1",{"float":"1.0"},null,true]}}"#
    #expect(
      try decode(Self.json(space: Self.space(choices))).space["x"]?.distribution.cardinality == 5)
  }

  static let broken: [String] = [
    json(space: space(#"{"float":{"_0":{"high":0,"isLogarithmic":false,"low":1}}}"#)),
    json(space: space(#"{"float":{"_0":{"high":1,"isLogarithmic":true,"low":0}}}"#)),
    json(space: space(#"{"float":{"_0":{"high":"NaN","isLogarithmic":false,"low":0}}}"#)),
    json(space: space(#"{"float":{"_0":{"high":1,"isLogarithmic":false,"low":0,"step":0}}}"#)),
    json(
      space: space(
        #"{"integer":{"_0":{"high":9223372036854775807,"isLogarithmic":false,"low":0}}}"#)),
    json(space: space(#"{"integer":{"_0":{"high":9,"isLogarithmic":false,"low":0,"step":0}}}"#)),
    json(space: space(#"{"categorical":{"_0":[]}}"#)),
    json(space: space(#"{"categorical":{"_0":["a","a"]}}"#)),
    json(
      space: space(
        #"{"categorical":{"_0":["a"]}}"#, conditions: #"[{"parent":"x","values":["a"]}]"#)),
    json(
      space: space(
        #"{"categorical":{"_0":["a"]}}"#, conditions: #"[{"parent":"y","values":["a"]}]"#)),
    json(objectives: "[]"),
    json(
      objectives: #"[{"aggregate":{"mean":{"count":0}},"direction":"minimize","name":"loss"}]"#),
    json(
      objectives: #"[{"aggregate":{"mean":{"count":-1}},"direction":"minimize","name":"loss"}]"#),
    json(more: #","targetTrials":-1"#),
    json(more: #","bounds":[{"limit":"NaN","metric":"m","relation":"<="}]"#),
    json(more: #","run":{"command":[],"workingDirectory":"."}"#),
    json(more: #","run":{"command":["a"],"jobs":0,"workingDirectory":"."}"#),
    json(more: #","run":{"command":["a"],"graceSeconds":"NaN","workingDirectory":"."}"#),
  ]

  @Test(arguments: broken) func `what breaks a rule is refused`(json: String) {
    #expect(throws: (any Error).self) { try decode(json) }
  }

  /// Quadratic work would take minutes here.
  @Test func `a space of many parameters and choices is ordered in time`() throws {
    let count = 30_000
    let parent = try Distribution.choice((0..<count).map { .string("c\($0)") })
    var parameters = [Parameter(name: "root", distribution: parent)]
    for index in 0..<count {
      let condition = ParameterCondition(
        parent: index == 0 ? "root" : "p\(index - 1)",
        values: [index == 0 ? .string("c\(count - 1)") : .integer(1)])
      parameters.append(
        Parameter(
          name: "p\(index)", distribution: .integer(try IntegerDomain(low: 0, high: 1)),
          conditions: [condition]))
    }
    let space = try SearchSpace(parameters.reversed())
    #expect(space.parameters.map(\.name) == parameters.map(\.name))
  }
}
