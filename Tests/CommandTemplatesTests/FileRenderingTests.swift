@testable import CommandTemplates
import PlainText
import StudyModel
import Testing

@Suite struct FileRenderingTests {
  private static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(name: "lr", distribution: .float(try FloatDomain(low: 0, high: 1))),
      Parameter(name: "big", distribution: .float(try FloatDomain(low: 0, high: 1e300))),
      Parameter(name: "n", distribution: .integer(try IntegerDomain(low: 1, high: 4))),
      Parameter(
        name: "opt",
        distribution: try .choice([
          .string("adam"), .string("no"), .string("1e5"), .string("it's \"x\""),
        ])),
      Parameter(name: "aug", distribution: try .choice([.null, .string("crop")])),
      Parameter(name: "amp", distribution: try .choice([.bool(false), .bool(true)])),
      Parameter(name: "net", distribution: try .choice([.structure(#"[64,1e-05,"1e5"]"#)])),
      Parameter(
        name: "gone", distribution: .float(try FloatDomain(low: 0, high: 1)),
        conditions: [.init(parent: "opt", values: [.string("adam")])]),
    ])
  }

  private func render(_ text: String, _ name: String, opt: String = "no") throws -> String {
    let space = try Self.space()
    let values: [String: ParameterValue] = [
      "lr": .float(1e-05), "big": .float(1e300), "n": .integer(3), "opt": .string(opt),
      "aug": .null, "amp": .bool(true), "net": .structure(#"[64,1e-05,"1e5"]"#),
    ]
    let template = try CommandTemplate(
      ["x"], for: space, carriers: .init(environment: true, templateFile: text, templateName: name))
    return template.files(
      for: CommandTemplateTests.assignment(space, values), trial: 7, directory: "/s/a b"
    )[1].contents
  }

  @Test(arguments: [
    ("lr: {lr}\n", "lr: 1.0e-05\n"), ("a: {big}", "a: 1.0e+300"), ("n: {n} # {n}", "n: 3 # 3"),
    ("opt: {opt}", #"opt: "no""#), (#"opt: "{opt}""#, #"opt: "no""#), ("opt: '{opt}'", "opt: 'no'"),
    ("run: a_{opt}_{lr}", "run: a_no_1e-05"), ("x: [{lr}, {opt}]", #"x: [1.0e-05, "no"]"#),
    ("- {opt}\n- {n}", "- \"no\"\n- 3"), ("aug: {aug}\ngone: {gone}", "aug: null\ngone: null"),
    ("amp: {amp}", "amp: true"), ("net: {net}", #"net: [64,1.0e-05,"1e5"]"#),
    ("who: it's {opt}", "who: it's no"), ("d: {dir}", "d: \"/s/a b\""), ("t: {trial}", "t: 7"),
    ("a: {lr} {n}", "a: 1e-05 3"), ("{opt}: 1", "no: 1"), ("g: {gone:-0.5}", "g: 0.5"),
    ("a:{lr}", "a:1e-05"),
  ])
  func `numbers are numbers in YAML, and text is quoted where it must be`(
    text: String, expected: String
  ) throws {
    #expect(try render(text, "conf.yaml") == expected)
  }

  @Test func `quotes in YAML keep what stands in them`() throws {
    let text = #"it's "x""#
    #expect(try render("a: '{opt}'", "c.yml", opt: text) == #"a: 'it''s "x"'"#)
    #expect(try render(#"a: "{opt}""#, "c.yml", opt: text) == #"a: "it's \"x\"""#)
    #expect(try render("a: {opt}", "c.yml", opt: "1e5") == #"a: "1e5""#)
    #expect(try render("a: {opt}", "c.yml", opt: "adam") == "a: adam")
  }

  @Test(arguments: [
    (#"{"lr": {lr}, "o": "{opt}"}"#, #"{"lr": 1e-05, "o": "no"}"#),
    (#"{"o": {opt},"g":{gone}, "x": [{n}]}"#, #"{"o": "no","g":null, "x": [3]}"#),
    (#"{"run": "a {opt} {lr}"}"#, #"{"run": "a no 1e-05"}"#),
    (#"{"net": {net}, "d": {dir}}"#, #"{"net": [64,1e-05,"1e5"], "d": "/s/a b"}"#),
  ])
  func `JSON gets tokens`(text: String, expected: String) throws {
    #expect(try render(text, "conf.json") == expected)
  }

  @Test func `TOML and settings leave the line of what does not exist out`() throws {
    #expect(
      try render("a = {lr}\nb = {gone}\nc = {opt}\nd = {aug} # x\ne = [{n}]\n", "c.toml")
        == "a = 1e-05\nc = \"no\"\ne = [3]\n")
    #expect(
      try render("[m]\na = {lr}\nb = {gone}\nc: {opt}\nd={aug}\ne=x{n}", "c.ini")
        == "[m]\na = 1e-05\nc: no\ne=x3")
    #expect(try render("{gone}", "c.toml") == "")
  }

  @Test func `other files get plain text`() throws {
    #expect(
      try render("lr={lr} opt={opt} gone={gone} {--amp} ${lr}", "go.sh")
        == "lr=1e-05 opt=no gone=null --amp ${lr}")
  }
}
