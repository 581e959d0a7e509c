import SpaceNotation
import StudyModel
import Testing

/// Kinds of spaces that people bring from other programs.
struct SpaceKindTests {
  private func file(_ text: String) throws -> SpaceFile {
    try SpaceFile.parse(text, file: "space", format: .yaml)
  }

  private func domains(_ text: String) throws -> [String: String] {
    let space = try file(text).space
    return Dictionary(
      uniqueKeysWithValues: space.parameters.map { ($0.name, $0.domainNotation) })
  }

  @Test func `what never changes needs no list`() throws {
    #expect(
      try domains(
        """
        parameters:
          epochs: 40
          amp: true
          data: fixed:sets/a.yaml
          net: {value: [64, 64]}
          version: {type: constant, value: 1.10}
        """) == [
          "epochs": "fixed:40", "amp": "fixed:true", "data": "fixed:sets/a.yaml",
          "net": "fixed:[64,64]", "version": "fixed:1.10",
        ])
  }

  @Test func `other programs' words for types, and numbers in quotes`() throws {
    #expect(
      try domains(
        """
        parameters:
          batch: {type: categorical, choices: [32, 64]}
          rate: {type: double, low: "0.01", high: "0.5"}
          layers: {type: integer, low: "2", high: "5"}
          size: {type: ordinal, choices: [s, m, l]}
        """) == [
          "batch": "32,64", "rate": "0.01..0.5", "layers": "2..5", "size": "ordered:s,m,l",
        ])
  }

  @Test func `normal and log-normal, of reals and of whole numbers`() throws {
    #expect(
      try domains(
        """
        parameters:
          a: {type: normal, mean: 0, deviation: 1}
          b: {type: lognormal, mean: -7, deviation: 2, low: 1e-6, high: 1}
          c: {type: int, mean: 64, deviation: 16, low: 1, high: 128, step: 2}
          d: {type: float, log: true, mean: 0, deviation: 0.5, low: 0.5, high: 2.0}
          e: normal:0,0.1:step=0.05
        """) == [
          "a": "normal:0.0,1.0", "b": "lognormal:-7.0,2.0:1e-6..1.0",
          "c": "int:normal:64.0,16.0:1..128:step=2", "d": "lognormal:0.0,0.5:0.5..2.0",
          "e": "normal:0.0,0.1:step=0.05",
        ])
  }

  @Test func `a logarithm with a step, and ends that do not belong`() throws {
    #expect(
      try domains(
        """
        parameters:
          units: {type: int, low: 32, high: 256, log: true, step: 8}
          decay: {type: float, low: 0.5, high: 4, log: true, step: 0.5}
          x: {type: float, low: -5.5, high: 5.0, step: 0.5, exclusive: true}
          y: range(-5.5, 5.0, step=0.5)
          n: {type: int, low: 0, high: 8, exclusive: true}
        """) == [
          "units": "log:32..256:step=8", "decay": "log:0.5..4.0:step=0.5",
          "x": "-5.5..4.5:step=0.5", "y": "-5.5..4.5:step=0.5", "n": "0..7",
        ])
  }

  @Test func `choices may be lists and mappings, and padded numbers are text`() throws {
    let space = try file(
      """
      parameters:
        net: [[64, 64], [256], {depth: 2, act: relu}, null]
        tactic: [none, 01, 02]
        version: [1.9, 1.10]
      """
    ).space
    guard case .categorical(let net)? = space["net"]?.distribution,
      case .categorical(let tactic)? = space["tactic"]?.distribution,
      case .categorical(let version)? = space["version"]?.distribution
    else {
      Issue.record("no choices")
      return
    }
    #expect(
      net.values == [
        .structure("[64,64]"), .structure("[256]"), .structure(#"{"depth":2,"act":"relu"}"#), .null,
      ])
    #expect(tactic.values == [.string("none"), .string("01"), .string("02")])
    #expect(version.indices.map { version.text(at: $0) } == ["1.9", "1.10"])
  }

  @Test func `conditions compare, join with or, and stand beside plain ones`() throws {
    let space = try file(
      """
      parameters:
        momentum: {type: float, low: 0, high: 1, when: "opt = 'sgd' OR Layers > 2"}
        opt: [adam, sgd]
        layers: 1..4
        noise: {type: bool, when: [{opt: sgd}, "layers > 1", "layers < 4"]}
      """
    ).space
    #expect(space["momentum"]?.expression?.parents == ["opt", "layers"])
    #expect(space["momentum"]?.conditionNotation == "opt = 'sgd' OR Layers > 2")
    #expect(space["noise"]?.expression?.text == "(layers > 1) and (layers < 4)")
    #expect(
      space["noise"]?.domainNotation
        == #"bool when opt is "sgd" and (layers > 1) and (layers < 4)"#)
    let places = Dictionary(
      uniqueKeysWithValues: space.parameters.enumerated().map { ($1.name, $0) })
    #expect(places["opt"]! < places["momentum"]! && places["layers"]! < places["momentum"]!)
  }

  @Test(
    arguments: [
      ("a > 1", ["a"]), ("A>1 and 'b' = c", ["a", "c"]), ("\"b\" is null", ["b"]),
      ("[b]=1 or `c` = 2", ["b", "c"]), ("1e5 < a -- b\n and c", ["a", "c"]),
      ("a /* b */ * 0x1b", ["a"]), ("x.a", []), ("aa", []), ("'it''s b' = a", ["a"]), ("", []),
      ("\"a", ["a"]), ("/* a", []), ("'a", []),
    ] as [(String, [String])])
  func `an expression speaks of the parameters it names`(text: String, names: [String]) throws {
    let declared = "a: 0..9\n  b: 0..9\n  c: 0..9"
    let quoted =
      "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n") + "\""
    let source = "parameters:\n  \(declared)\n  z: {type: bool, when: \(quoted)}"
    if names.isEmpty {
      #expect(throws: SpaceFileError.self) { try file(source) }
    } else {
      #expect(try file(source).space["z"]?.expression?.parents == names)
    }
  }

  @Test func `defaults are the first configuration, a list follows`() throws {
    let file = try file(
      """
      parameters:
        lr: {type: float, low: 1e-5, high: 1, log: true, default: 1e-3}
        opt: {choices: [adam, sgd], default: sgd}
        net: [[64, 64], [1]]
      start:
        - {lr: 0.1, opt: adam, net: [64, 64]}
        - {net: [1]}
      """)
    #expect(
      file.start.map(\.json) == [
        #"{"lr": 0.001, "opt": "sgd"}"#, #"{"lr": 0.1, "opt": "adam", "net": [64,64]}"#,
        #"{"net": [1]}"#,
      ])
  }

  @Test func `a range of two whole numbers says so`() throws {
    let space = try file("parameters: {p: 0..1, q: 0.0..1.0, r: 1..3, s: {choices: [0, 1]}}").space
    #expect(space.notes == ["p is 0 or 1; for reals write 0.0..1.0"])
  }

  @Test func `eighty thousand choices are read, in YAML and in JSON`() throws {
    let list = "[" + (0..<80_000).map(String.init).joined(separator: ",\n") + "]"
    for format in [SpaceFile.Format.yaml, .json] {
      let space = try SpaceFile.parse(
        "{\"parameters\": {\"x\": \(list)}}", file: "space", format: format
      ).space
      #expect(space["x"]?.distribution.cardinality == 80_000)
    }
    let wrong = list.replacing("79999]", with: "x]")
    let error = #expect(throws: SpaceFileError.self) {
      try SpaceFile.parse("{\"parameters\": {\"x\": \(wrong)}}", file: "s", format: .json)
    }
    #expect(error?.position == SourcePosition(line: 80_000, column: 1))
  }
}
