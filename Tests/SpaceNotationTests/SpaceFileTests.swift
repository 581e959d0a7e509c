import PlainText
import Foundation
import SpaceNotation
import StudyModel
import Testing

struct SpaceFileTests {
  private func yaml(_ text: String) throws -> SearchSpace {
    try SpaceFile.parse(text, file: "space.yaml", format: .yaml).space
  }

  private func failure(_ text: String, _ format: SpaceFile.Format = .yaml) throws -> SpaceFileError
  {
    try #require(throws: SpaceFileError.self) {
      try SpaceFile.parse(text, file: "space", format: format)
    }
  }

  static let example = """
    parameters:
      momentum: {type: float, low: 0, high: 1, when: {opt: sgd}}
      lr: {type: float, low: 1e-5, high: 1e-1, log: true}
      layers: 1..4
      units: {type: int, low: 8, high: 1024, step: 8}
      opt: {type: choice, choices: [adam, sgd, null, 16]}
      amp: {type: bool}
      dropout:
        type: float
        low: 0.0
        high: 0.5
        step: 0.1
        when:
          opt: [adam, 16]
          amp: true
    constraints: ["layers * units <= 4096"]
    """

  static let json = """
    {"parameters": {
      "momentum": {"type": "float", "low": 0, "high": 1, "when": {"opt": "sgd"}},
      "lr": {"type": "float", "low": 1e-5, "high": 1e-1, "log": true},
      "layers": "1..4",
      "units": {"type": "int", "low": 8, "high": 1024, "step": 8},
      "opt": ["adam", "sgd", null, 16],
      "amp": {"type": "bool"},
      "dropout": {"type": "float", "low": 0.0, "high": 0.5, "step": 0.1,
                  "when": {"opt": ["adam", 16], "amp": true}}},
     "constraints": ["layers * units <= 4096"]}
    """

  @Test func `a space file says all that a space can be`() throws {
    let space = try yaml(Self.example)
    #expect(
      space.parameters.map(\.name) == [
        "lr", "layers", "units", "opt", "momentum", "amp", "dropout",
      ])
    #expect(space["lr"]?.distribution.notation == "log:1e-5..0.1")
    #expect(space["layers"]?.distribution.notation == "1..4")
    #expect(space["units"]?.distribution.notation == "8..1024:step=8")
    #expect(
      space["opt"]?.distribution
        == .categorical([.string("adam"), .string("sgd"), .null, .integer(16)]))
    #expect(space["amp"]?.distribution == .boolean)
    #expect(
      space["momentum"]?.conditions == [.init(parent: "opt", values: [.string("sgd")])])
    #expect(
      space["dropout"]?.conditions == [
        .init(parent: "opt", values: [.string("adam"), .integer(16)]),
        .init(parent: "amp", values: [.bool(true)]),
      ])
    #expect(space.constraints == ["layers * units <= 4096"])
  }

  @Test func `JSON says the same, read as JSON or as YAML`() throws {
    let space = try yaml(Self.example)
    #expect(try SpaceFile.parse(Self.json, file: "space.json", format: .json).space == space)
    #expect(try yaml(Self.json) == space)
  }

  @Test(
    arguments: [
      ("no", .string("no")), ("yes", .string("yes")), ("on", .string("on")),
      ("016", .string("016")), ("-01", .string("-01")), ("0o16", .integer(14)),
      ("0x1F", .integer(31)),
      ("12:30", .string("12:30")), ("1_000", .string("1_000")),
      ("2001-01-01", .string("2001-01-01")),
      ("true", .bool(true)), ("False", .bool(false)), ("~", .null), ("NULL", .null),
      ("1e3", .float(1000)), (".5", .float(0.5)), ("1.", .float(1)), ("+3", .integer(3)),
      (".inf", .float(.infinity)), (".nan", .float(.nan)), ("nan", .string("nan")),
      ("'16'", .string("16")), ("\"true\"", .string("true")), ("!!str 16", .string("16")),
      ("!!float 16", .float(16)), ("0x", .string("0x")), ("<<", .string("<<")), ("=", .string("=")),
    ] as [(String, ParameterValue)])
  func `scalars follow the core schema of YAML 1·2`(text: String, value: ParameterValue) throws {
    let space = try yaml("parameters: {x: {type: choice, choices: [other, \(text)]}}")
    guard case .categorical(let choices)? = space["x"]?.distribution else {
      Issue.record("no choice")
      return
    }
    #expect(choices.values == [.string("other"), value])
  }

  @Test(arguments: [
    (
      "parameters: {lr: {type: flaot, low: 0, high: 1}}",
      "space:1:25: parameters.lr.type: there is no type \"flaot\"; did you mean float?"
    ),
    (
      "parameters:\n  lr: {type: float, lwo: 0, high: 1}",
      "space:2:21: parameters.lr: there is no key \"lwo\"; did you mean low?"
    ),
    ("paramaters: {}", "space:1:1: there is no key \"paramaters\"; did you mean parameters?"),
    (
      "parameters:\n  lr: {type: float, low: 1, high: 0}",
      "space:2:7: parameters.lr: the lower bound 1.0 is above the upper bound 0.0"
    ),
    (
      "parameters:\n  lr: {type: float, low: one, high: 2}",
      "space:2:26: parameters.lr.low: here should be a number, not the text \"one\""
    ),
    (
      "parameters:\n  n: {type: int, low: 1, high: 2.5}",
      "space:2:32: parameters.n.high: here should be a whole number, not the number 2.5"
    ),
    ("parameters:\n  n: {type: int, low: 1}", "space:2:6: parameters.n: high is missing"),
    ("parameters:\n  n: {low: 1, high: 2}", "space:2:6: parameters.n: type is missing"),
    (
      "parameters:\n  n: {type: bool, low: 1}",
      "space:2:19: parameters.n: low means nothing for type bool"
    ),
    ("parameters:\n  n: 1..x", "space:2:6: parameters.n: \"x\" is not a number"),
    ("parameters:\n  n: null", "space:2:6: parameters.n: here should be a domain, not nothing"),
    (
      "parameters:\n  n: {type: bool, when: \"1 > 0\"}",
      "space:2:25: parameters.n.when: the condition \"1 > 0\" names no other parameter"
    ),
    (
      "parameters:\n  a: {type: bool, when: b}\n  b: {type: bool, when: not a}",
      "space:2:3: parameters.a: these parameters depend on each other in a circle: a, b"
    ),
    (
      "parameters: {a: 1..4}\nstart: [{a: 5}]",
      "space:2:13: start.0.a: a cannot be this: its domain is 1..4"
    ),
    (
      "parameters: {aa: 1..4}\nstart: [{ab: 3}]",
      "space:2:10: start.0.ab: there is no key \"ab\"; did you mean aa?"
    ),
    (
      "parameters: {a: {type: int, low: 1, high: 4, default: 9}}",
      "space:1:55: parameters.a.default: a cannot be this: its domain is 1..4"
    ),
    (
      "parameters: {a: {choices: [1, 1.0]}}",
      "space:1:27: parameters.a.choices: 1 and 1.0 are one number; in quotes they are two texts"
    ),
    ("parameters: {a: {type: normal, mean: 0}}", "space:1:17: parameters.a: deviation is missing"),
    (
      "parameters:\n  n: 1..4\n  n: 1..5",
      "space:2:3: the key \"n\" stands twice in one mapping, first here"
    ),
    (
      "parameters:\n  n: {type: bool, when: {m: 1}}",
      "space:2:3: parameters.n: \"n\" depends on \"m\", which is no parameter"
    ),
    (
      "parameters:\n  m: 1..4\n  n: {type: bool, when: {m: 5}}",
      "space:3:3: parameters.n: \"n\" waits for m = 5, which \"m\" can never be"
    ),
    (
      "parameters: {a: {type: choice, choices: []}}",
      "space:1:41: parameters.a.choices: a choice needs at least one value"
    ),
    ("constraints: []", "space:1:1: parameters is missing"),
    ("- a", "space:1:1: here should be a mapping with the key \"parameters\", not a list"),
    ("", "space: the space file is empty"),
    (
      "parameters: {a: 1..2}\nconstraints: a <= 1",
      "space:2:14: constraints: here should be a list of expressions, not the text \"a <= 1\""
    ),
    ("parameters: {a: !foo 1..2}", "space:1:17: the tag !foo means nothing here"),
    ("parameters: {a: *b}", "space:1:17: found undefined alias"),
    (
      "a: 1\n--- \nb: 2",
      "space:2:1: but found another document expected a single document in the stream"
    ),
  ])
  func `an error names file, place and field`(text: String, fact: String) throws {
    #expect(try failure(text).fact == fact)
  }

  @Test func `an error shows the line with a mark`() throws {
    let error = try failure("parameters:\n  lr: {type: float, low: one, high: 2}\n")
    #expect(
      error.evidence == [
        "  lr: {type: float, low: one, high: 2}", "                         ^",
      ])
  }

  @Test(arguments: [
    ("{\"parameters\": {\"a\": \"1..2\",}}", "space:1:29: a key in quotes should stand here"),
    ("{parameters: {}}", "space:1:2: a key in quotes should stand here"),
    ("{\"parameters\": {\"a\": [01, 2]}}", "space:1:23: \"01\" is no JSON value"),
    ("{\"parameters\": {\"a\": [NaN, 2]}}", "space:1:23: \"NaN\" is no JSON value"),
    (
      "{\"parameters\": {\"a\": \"1..2\",\n \"a\": \"1..3\"}}",
      "space:2:2: the key \"a\" stands here twice"
    ),
    ("{\"parameters\": {}} x", "space:1:20: there is more after the end of the value"),
    ("{\"parameters\": {\"a\": \"1..2", "space:1:22: the closing quote is missing"),
    ("{\"parameters\": {\"a\": \"\\x\"}}", "space:1:23: there is no such escape in JSON"),
    ("{\"parameters\": {\"\\ud83d\": \"1..2\"}}", "space:1:18: this is half a character"),
    ("{\"parameters\": ", "space:1:16: a value is missing at the end"),
    ("# a comment\n{}", "space:1:1: a value should stand here"),
  ])
  func `JSON is read by the letter`(text: String, fact: String) throws {
    #expect(try failure(text, .json).fact == fact)
  }

  @Test func `JSON escapes are understood`() throws {
    let space = try SpaceFile.parse(
      #"{"parameters": {"\ud83d\ude00\u00e9\/\n": [1, 2]}}"#, file: "s", format: .json
    ).space
    #expect(space.parameters.first?.name == "😀é/\n")
  }

  @Test func `anchors serve for one domain in several places`() throws {
    let space = try yaml("parameters: {a: &d {type: float, low: 0, high: 1}, b: *d}")
    #expect(space["a"]?.distribution == space["b"]?.distribution)
  }

  @Test(arguments: SpaceFile.Format.both)
  func `hostile nesting is refused`(format: SpaceFile.Format) throws {
    for depth in [40, 900, 5_000, 400_000] {
      let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      #expect(try failure(text, format).position != nil)
    }
    #expect(try failure(String(repeating: "- ", count: 20_000)).position != nil)
  }

  @Test func `an alias bomb is refused before it goes off`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
      let aliases = repeatElement("*a\(level - 1)", count: 9).joined(separator: ",")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(try failure(text).fact == "space:3:38: it has more than 16 aliases")
    let products = repeatElement("'a*2 < 3'", count: 40).joined(separator: ",")
    let space = try yaml("parameters: {a: 1..2}\nconstraints: [\(products)]")
    #expect(space.constraints.count == 40)
  }

  @Test func `a file that is too large, no text or not there is refused`() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("cairn-space-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    func write(_ data: Data) throws -> String {
      let file = directory.appendingPathComponent("space.yaml")
      try data.write(to: file)
      return file.path
    }
    let large = try write(Data(repeating: 0x20, count: 5 << 20))
    #expect {
      try SpaceFile.read(path: large)
    } throws: { error in
      guard case .tooLarge = (error as? SpaceFileError)?.problem else { return false }
      return true
    }
    let binary = try write(Data([0xFF, 0xFE, 0x00]))
    #expect(throws: SpaceFileError.self) { try SpaceFile.read(path: binary) }
    let missing = directory.appendingPathComponent("none.yaml").path
    let error = try #require(throws: SpaceFileError.self) { try SpaceFile.read(path: missing) }
    #expect(error.fact == "\(missing): the space file cannot be read: No such file or directory")
    let good = try write(Data(("\u{FEFF}" + Self.example).utf8))
    #expect(try SpaceFile.read(path: good).space == yaml(Self.example))
  }

  @Test func `damaged files never bring the reader down`() throws {
    var generator = SplitMix(state: 3)
    for (source, format) in [(Self.example, SpaceFile.Format.yaml), (Self.json, .json)] {
      for _ in 0..<1_500 {
        var bytes = Array(source.utf8)
        for _ in 0..<Int.random(in: 1..<4, using: &generator) {
          let place = Int.random(in: bytes.indices, using: &generator)
          bytes[place] = UInt8.random(in: 9..<127, using: &generator)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(SpaceFileError) {
          _ = try SpaceFile.parse(text, file: "space", format: format)
        } catch {
          #expect(!error.fact.isEmpty)
        }
      }
    }
  }
}

extension SpaceFile.Format {
  static let both: [SpaceFile.Format] = [.yaml, .json]
}
