@testable import CommandTemplates
import PlainText
import StudyModel
import Testing

@Suite struct CommandTemplateTests {
  static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(
        name: "lr", distribution: .float(try FloatDomain(low: 1e-5, high: 1, isLogarithmic: true))),
      Parameter(name: "layers", distribution: .integer(try IntegerDomain(low: 1, high: 4))),
      Parameter(name: "opt", distribution: try .choice([.string("adam"), .string("s g d")])),
      Parameter(name: "amp", distribution: try .choice([.bool(false), .bool(true)])),
      Parameter(
        name: "momentum", distribution: .float(try FloatDomain(low: 0, high: 1)),
        conditions: [ParameterCondition(parent: "opt", values: [.string("s g d")])]),
    ])
  }

  static func assignment(
    opt: String = "adam", amp: Bool = true, momentum: Double? = nil
  ) throws -> Assignment {
    let space = try space()
    var values: [(String, ParameterValue)] = [
      ("lr", .float(0.001)), ("layers", .integer(3)), ("opt", .string(opt)), ("amp", .bool(amp)),
    ]
    if let momentum { values.append(("momentum", .float(momentum))) }
    return Assignment(
      try values.map { name, value in
        let distribution = try #require(space[name]).distribution
        return .init(
          name: name, distribution: distribution,
          internalValue: try #require(distribution.internalValue(of: value)))
      })
  }

  private func render(
    _ command: [String], _ assignment: Assignment,
    carriers: CommandTemplate.Carriers = .init(environment: true)
  ) throws -> [String] {
    try CommandTemplate(command, for: try Self.space(), carriers: carriers)
      .commandLine(for: assignment, trial: 7, directory: "/s/7")
  }

  @Test func `the example of the manual`() throws {
    let command = [
      "python3", "train.py", "--lr", "{lr}", "--layers={layers}", "--opt", "{opt}", "{--amp}",
      "{--momentum}",
    ]
    #expect(
      try render(command, Self.assignment(), carriers: .init()) == [
        "python3", "train.py", "--lr", "0.001", "--layers=3", "--opt", "adam", "--amp",
      ])
    #expect(
      try render(command, Self.assignment(opt: "s g d", amp: false, momentum: 0.9)) == [
        "python3", "train.py", "--lr", "0.001", "--layers=3", "--opt", "s g d", "--momentum", "0.9",
      ])
  }

  @Test func `all at once, in three styles`() throws {
    let some = try Self.assignment(amp: false)
    #expect(
      try render(["x", "{args}"], some)
        == ["x", "--lr", "0.001", "--layers", "3", "--opt", "adam", "--amp", "false"])
    #expect(
      try render(["x", "{args:eq}"], some)
        == ["x", "--lr=0.001", "--layers=3", "--opt=adam", "--amp=false"])
    #expect(
      try render(["x", "{args:hydra}"], some)
        == ["x", "lr=0.001", "layers=3", "opt=adam", "amp=false"])
  }

  @Test func `inside other text, values are as they are and lists are quoted for a shell`() throws {
    let some = try Self.assignment(opt: "s g d", momentum: 0.5)
    #expect(
      try render(["sh", "-c", "x --lr={lr} {--opt} {--amp} # {trial} {dir} {params.json}"], some)
        == ["sh", "-c", "x --lr=0.001 --opt 's g d' --amp # 7 /s/7 /s/7/params.json"])
    #expect(
      try render(["sh", "-c", "x {args}"], some) == [
        "sh", "-c",
        "x --lr 0.001 --layers 3 --opt 's g d' --amp true --momentum 0.5",
      ])
  }

  @Test(arguments: [
    (#"{"a": {"b": {lr}}}"#, #"{"a": {"b": 0.001}}"#),
    ("{{lr}", "{lr}"), ("{{lr}}", "{lr}"), ("{{{lr}}", "{0.001}"), ("{", "{"), ("{{", "{"),
    ("{}", "{}"), ("a{b,c}d", "a{b,c}d"), ("{print}", "{print}"), ("${HOME}", "${HOME}"),
    ("{lr}{layers}", "0.0013"), ("}{lr}{", "}0.001{"), ("{\"lr\"}", "{\"lr\"}"),
  ])
  func `braces around anything else stay`(text: String, expected: String) throws {
    #expect(try render(["x", text], Self.assignment()) == ["x", expected])
  }

  @Test func `without any placeholder the arguments are appended`() throws {
    let space = try SearchSpace([
      Parameter(name: "lr", distribution: .float(try FloatDomain(low: 0, high: 1)))
    ])
    let plain = try CommandTemplate(["./train"], for: space)
    #expect(plain.hasAppendedArguments)
    let some = Assignment([
      .init(name: "lr", distribution: space.parameters[0].distribution, internalValue: 0.5)
    ])
    #expect(plain.commandLine(for: some, trial: 0, directory: "/d") == ["./train", "--lr", "0.5"])
    let carried = try CommandTemplate(["./train"], for: space, carriers: .init(environment: true))
    #expect(carried.commandLine(for: some, trial: 0, directory: "/d") == ["./train"])
    #expect(try CommandTemplate(["./train"], for: .empty).hasAppendedArguments == false)
  }

  @Test(arguments: [
    ("{layer}", "{layers}"), ("{momentm}", "{momentum}"), ("{--apm}", "{--amp}"),
    ("{arg}", "{args}"),
    ("{Lr}", "{lr}"), ("{args:hydro}", "{args:hydra}"), ("{param.json}", "{params.json}"),
  ])
  func `a misspelt placeholder gets the nearest name`(text: String, nearest: String) throws {
    #expect(throws: TemplateError.misspelt(text, nearest: nearest)) {
      try render(["x", text], Self.assignment())
    }
  }

  @Test func `a parameter that is never used is an error`() throws {
    let space = try Self.space()
    #expect(throws: TemplateError.unused(["amp", "momentum"])) {
      try CommandTemplate(["x", "{lr}{layers}{opt}"], for: space)
    }
    _ = try CommandTemplate(["x", "{params.json}"], for: space)
    _ = try CommandTemplate(
      ["x", "{lr}"], for: space,
      carriers: .init(templateFile: "{layers} {opt} {amp} {--momentum}"))
  }

  @Test func `a conditional parameter has no plain placeholder`() throws {
    let error = try #require(throws: TemplateError.self) {
      try render(["x", "--momentum", "{momentum}"], Self.assignment())
    }
    #expect(error == .conditional(name: "momentum", condition: "opt is s g d"))
    #expect(error.description.contains("{--momentum}"))
  }

  @Test func `a template file needs one, and an empty command is none`() throws {
    #expect(throws: TemplateError.noTemplate) {
      try render(["x", "{template}"], Self.assignment())
    }
    #expect(throws: TemplateError.emptyCommand) { try render([], Self.assignment()) }
  }

  @Test func `a name with a meaning of its own is refused where it is used`() throws {
    let space = try SearchSpace([
      Parameter(name: "dir", distribution: .float(try FloatDomain(low: 0, high: 1)))
    ])
    #expect(throws: TemplateError.ambiguous("dir")) {
      try CommandTemplate(["x", "{dir}"], for: space)
    }
    _ = try CommandTemplate(["x", "{--dir}"], for: space)
  }

  @Test func `files are rendered into the trial's directory`() throws {
    let template = try CommandTemplate(
      ["x", "{template}"], for: try Self.space(),
      carriers: .init(
        templateFile:
          "lr: {lr}\nopt: \"{opt}\"\nnet: {layers: {layers}}\nmomentum: {momentum}\namp: {amp}\n",
        templateName: "config.yaml"))
    let some = try Self.assignment()
    #expect(
      template.commandLine(for: some, trial: 7, directory: "/s/7") == ["x", "/s/7/config.yaml"])
    let files = template.files(for: some, trial: 7, directory: "/s/7")
    #expect(files.map(\.path) == ["/s/7/params.json", "/s/7/config.yaml"])
    #expect(
      files[0].contents == "{\"lr\": 0.001, \"layers\": 3, \"opt\": \"adam\", \"amp\": true}\n")
    #expect(
      files[1].contents
        == "lr: 0.001\nopt: \"adam\"\nnet: {layers: 3}\nmomentum: null\namp: true\n")
  }

  @Test(arguments: [
    ("", "''"), ("a", "a"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$x", "'$x'"),
    ("lr=1e-05", "lr=1e-05"), ("lr=log:1e-5..0.1", "lr=log:1e-5..0.1"), ("{lr}", "'{lr}'"),
    ("[1]", "'[1]'"), ("ü", "'ü'"), ("~", "'~'"),
  ])
  func `words are quoted for the shell only where they must be`(word: String, quoted: String) {
    #expect(ShellText.quoted(word) == quoted)
  }
}
