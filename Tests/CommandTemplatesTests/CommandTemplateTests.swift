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
    ("${lr} {lr}", "${lr} 0.001"), ("${lr:-0.1}", "${lr:-0.1}"), ("{a|b}", "{a|b}"),
    ("{lr}{layers}", "0.0013"), ("}{lr}{", "}0.001{"), ("{\"lr\"}", "{\"lr\"}"),
  ])
  func `braces around anything else stay`(text: String, expected: String) throws {
    #expect(try render(["x", text], Self.assignment()) == ["x", expected])
  }

  @Test func `a value that begins with a dash is joined to its option`() throws {
    let space = try SearchSpace([
      Parameter(name: "shift", distribution: .float(try FloatDomain(low: -1, high: 1))),
      Parameter(name: "flag", distribution: try .choice([.string("--fast"), .string("slow")])),
    ])
    let some = Self.assignment(space, ["shift": .float(-6.6e-05), "flag": .string("--fast")])
    func line(_ words: String...) throws -> [String] {
      try CommandTemplate(["x"] + words, for: space)
        .commandLine(for: some, trial: 0, directory: "/d")
    }
    #expect(try line("{args}") == ["x", "--shift=-6.6e-05", "--flag=--fast"])
    #expect(try line("{--shift}", "{--flag}") == ["x", "--shift=-6.6e-05", "--flag=--fast"])
    #expect(try line("{args:flags}") == ["x", "--shift=-6.6e-05", "--flag=--fast"])
  }

  static func assignment(_ space: SearchSpace, _ values: [String: ParameterValue]) -> Assignment {
    Assignment(
      space.parameters.compactMap { parameter in
        guard let value = values[parameter.name],
          let internalValue = parameter.distribution.internalValue(of: value)
        else { return nil }
        return .init(
          name: parameter.name, distribution: parameter.distribution, internalValue: internalValue)
      })
  }

  /// A choice that may be null, and one option of two parameters.
  private static func branches() throws -> SearchSpace {
    let rate = Distribution.float(try FloatDomain(low: 0, high: 1))
    return try SearchSpace([
      Parameter(name: "aug", distribution: try .choice([.null, .string("crop")])),
      Parameter(name: "opt", distribution: try .choice([.string("adam"), .string("sgd")])),
      Parameter(
        name: "lr_adam", distribution: rate,
        conditions: [.init(parent: "opt", values: [.string("adam")])]),
      Parameter(
        name: "lr_sgd", distribution: rate,
        expression: ConditionExpression("opt = 'sgd'", parents: ["opt"])),
      Parameter(name: "fast", distribution: try .choice([.bool(false), .bool(true)])),
    ])
  }

  @Test(
    arguments: [
      (["{--aug}"], []), (["{aug}"], ["null"]), (["{aug:-none}"], ["none"]),
      (["--aug={aug:-none}"], ["--aug=none"]), (["{--aug:-none}"], ["--aug", "none"]),
      (["--lr", "{lr_adam|lr_sgd}"], ["--lr", "0.25"]),
      (["{--lr=lr_adam|lr_sgd}"], ["--lr", "0.25"]),
      (["{--lr=lr_adam}"], []), (["{--lr=lr_adam:-0.5}"], ["--lr", "0.5"]),
      (["s={opt}{lr_sgd:+,lr={lr_sgd}}"], ["s=sgd,lr=0.25"]),
      (["s={opt}{lr_adam:+,lr={lr_adam}}"], ["s=sgd"]),
      (["{args}"], ["--opt", "sgd", "--lr_sgd", "0.25", "--fast", "true"]),
      (["{args:flags}"], ["--opt", "sgd", "--lr_sgd", "0.25", "--fast"]),
      (["{args:eq}"], ["--opt=sgd", "--lr_sgd=0.25", "--fast=true"]),
      (["{args:hydra}"], ["aug=null", "opt=sgd", "lr_sgd=0.25", "fast=true"]),
    ] as [([String], [String])])
  func `what does not exist, and what takes its place`(words: [String], line: [String]) throws {
    let space = try Self.branches()
    let some = Self.assignment(
      space,
      ["aug": .null, "opt": .string("sgd"), "lr_sgd": .float(0.25), "fast": .bool(true)])
    let template = try CommandTemplate(
      ["x"] + words, for: space, carriers: .init(environment: true))
    #expect(template.commandLine(for: some, trial: 0, directory: "/d") == ["x"] + line)
  }

  @Test func `placeholders of several parameters use them all, and are checked`() throws {
    let space = try Self.branches()
    _ = try CommandTemplate(
      ["x", "{--aug}", "{opt}", "{--lr=lr_adam|lr_sgd}", "{--fast}"], for: space)
    #expect(throws: TemplateError.misspelt("{lr_adm|lr_sgd}", nearest: "{lr_adam|lr_sgd}")) {
      try CommandTemplate(["x", "{lr_adm|lr_sgd}"], for: space)
    }
    #expect(throws: TemplateError.unknownAlternative("{lr_adam|zz}", "zz")) {
      try CommandTemplate(["x", "{lr_adam|zz}"], for: space)
    }
    #expect(throws: TemplateError.unknownAlternative("{--lr=eta}", "eta")) {
      try CommandTemplate(["x", "{--lr=eta}"], for: space)
    }
    #expect(throws: TemplateError.conditional(name: "lr_sgd", condition: "opt = 'sgd'")) {
      try CommandTemplate(["x", "{lr_sgd}"], for: space)
    }
    let both = #expect(throws: TemplateError.self) {
      try CommandTemplate(["x", "{lr_adam}{lr_sgd}"], for: space)
    }
    #expect(
      both?.explanation.suggestions.first
        == "{lr_adam|lr_sgd}, the first of them that exists")
    var deep = "x"
    for _ in 0..<20 { deep = "{opt:+\(deep)}" }
    #expect(throws: TemplateError.tooDeep) { try CommandTemplate(["x", deep], for: space) }
  }

  @Test(arguments: [
    ("adam", "adam"), ("a,b", "'a,b'"), ("it's", #"'it\'s'"#), ("10", "'10'"), ("null", "'null'"),
    ("True", "'True'"), ("1e-5", "'1e-5'"), ("", "''"), ("a b", "'a b'"), ("a/b.c-d", "a/b.c-d"),
    (#"a\b"#, #"'a\b'"#), (#"a\"#, #"'a\\'"#), (#"a\'b"#, #"'a\\\'b'"#), ("${x}", #"'\${x}'"#),
    ("k=v", "'k=v'"), ("é", "'é'"),
  ])
  func `Hydra's grammar is quoted`(text: String, written: String) throws {
    let space = try SearchSpace([
      Parameter(name: "s", distribution: try .choice([.string(text)]))
    ])
    let some = Self.assignment(space, ["s": .string(text)])
    let template = try CommandTemplate(["x", "{args:hydra}"], for: space)
    #expect(template.commandLine(for: some, trial: 0, directory: "/d") == ["x", "s=" + written])
  }

  @Test func `lists and mappings are JSON, and Hydra's own where Hydra reads`() throws {
    let value = ParameterValue.structure(#"{"act":"re lu","w":[64,1e-05,null]}"#)
    let space = try SearchSpace([Parameter(name: "net", distribution: try .choice([value]))])
    let some = Self.assignment(space, ["net": value])
    func line(_ word: String) throws -> [String] {
      try CommandTemplate([word], for: space).commandLine(for: some, trial: 0, directory: "/d")
    }
    #expect(try line("{net}") == [#"{"act":"re lu","w":[64,1e-05,null]}"#])
    #expect(try line("{args:hydra}") == ["net={act:'re lu',w:[64,1e-05,null]}"])
  }

  @Test func `the parameters of a line are given back as the line had them`() throws {
    let some = try Self.assignment(opt: "s g d", amp: true, momentum: 0.5)
    func arguments(_ command: String...) throws -> [String] {
      try CommandTemplate(command, for: try Self.space(), carriers: .init(environment: true))
        .parameterArguments(for: some, trial: 7, directory: "/s/7")
    }
    #expect(
      try arguments(
        "python3", "train.py", "--out", "{dir}", "--lr", "{lr}", "-n", "{layers}", "--opt={opt}",
        "{--amp}", "{--momentum}", "end")
        == ["--lr", "0.001", "-n", "3", "--opt=s g d", "--amp", "--momentum", "0.5"])
    #expect(
      try arguments("x", "{args:eq}")
        == ["--lr=0.001", "--layers=3", "--opt=s g d", "--amp=true", "--momentum=0.5"])
    #expect(
      try arguments("sh", "-c", "x {lr} > {dir}/log")
        == [
          "--lr", "0.001", "--layers", "3", "--opt", "s g d", "--amp", "true", "--momentum", "0.5",
        ])
    #expect(try arguments("x", "{lr}", "{--layers}") == ["0.001", "--layers", "3"])
  }

  @Test func `choices reach the command as they were typed`() throws {
    let space = try SearchSpace([
      Parameter(
        name: "v", distribution: try .choice([.float(1.9), .float(1.1)], texts: ["1.9", "1.10"]))
    ])
    let some = Self.assignment(space, ["v": .float(1.1)])
    func line(_ word: String) throws -> [String] {
      try CommandTemplate([word], for: space).commandLine(for: some, trial: 0, directory: "/d")
    }
    #expect(try line("{v}") == ["1.10"])
    #expect(try line("{args}") == ["--v", "1.10"])
    #expect(try line("{args:hydra}") == ["v=1.10"])
  }

  @Test func `a path for metrics has placeholders of its own`() throws {
    let space = try Self.space()
    try CommandTemplate.check(path: "csv:{dir}/**/{trial}.csv", for: space)
    #expect(throws: TemplateError.notInPaths("{lr}")) {
      try CommandTemplate.check(path: "csv:{lr}.csv", for: space)
    }
    #expect(throws: TemplateError.misspelt("{dri}", nearest: "{dir}")) {
      try CommandTemplate.check(path: "csv:{dri}/a.csv", for: space)
    }
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
