import PlainText
import SpaceNotation
import StudyModel
import Testing

struct ObjectiveNotationTests {
  @Test(
    arguments: [
      ("loss", "loss", .last), ("loss@last", "loss", .last), ("loss@min", "loss", .minimum),
      ("val/acc@max", "val/acc", .maximum), ("loss@mean:5", "loss", .mean(count: 5)),
      ("acc@1@max", "acc@1", .maximum), ("recall@10", "recall@10", .last),
      ("val@5@min", "val@5", .minimum), ("hit@k", "hit@k", .last), ("a@b@c", "a@b@c", .last),
    ] as [(String, String, MetricAggregate)])
  func `an objective is a metric and an aggregate`(
    text: String, name: String, aggregate: MetricAggregate
  ) throws {
    let objective = try Objective(notation: text, direction: .maximize)
    #expect(objective == Objective(name: name, direction: .maximize, aggregate: aggregate))
    #expect(try Objective(notation: objective.notation, direction: .maximize) == objective)
  }

  @Test(arguments: [
    ("loss@mim", "there is no aggregate \"mim\"; did you mean min?"),
    ("loss@mean", "\"mean\" is not a number of steps to take the mean of"),
    ("loss@mean:0", "\"0\" is not a number of steps to take the mean of"),
    ("@max", "the metric's name is missing"),
  ])
  func `a wrong aggregate is named`(text: String, fact: String) throws {
    let error = try #require(throws: NotationError.self) {
      try Objective(notation: text, direction: .minimize)
    }
    #expect(error.fact == fact)
  }

  @Test(
    arguments: [
      ("latency_ms <= 20", "latency_ms", .atMost, 20), ("acc>=0.9", "acc", .atLeast, 0.9),
      ("\"val/loss\" <= -1e-3", "val/loss", .atMost, -1e-3),
    ] as [(String, String, MetricBound.Relation, Double)])
  func `a bound is a metric, a relation and a number`(
    text: String, metric: String, relation: MetricBound.Relation, limit: Double
  ) throws {
    let bound = try MetricBound(notation: text)
    #expect(bound == MetricBound(metric: metric, relation: relation, limit: limit))
    #expect(try MetricBound(notation: bound.notation) == bound)
  }

  @Test(arguments: [
    ("latency", "latency <= 20"), ("latency < 20", "latency <= 20"),
    ("20 >= latency", "latency <= 20"), ("latency == 20", "latency <= 20"),
  ])
  func `a wrong bound comes with the right one`(text: String, suggestion: String) throws {
    let error = try #require(throws: NotationError.self) { try MetricBound(notation: text) }
    #expect(error.suggestions == [suggestion])
  }
}

struct AssignmentNotationTests {
  private let space: SearchSpace

  init() throws {
    space = try SpaceFile.parse(SpaceFileTests.example, file: "space", format: .yaml).space
  }

  @Test func `a whole configuration stands in one text`() throws {
    let one = try Assignment(configuration: #"lr=0.001 opt="adam", units=16"#, in: space)
    #expect(one.json == #"{"lr": 0.001, "units": 16, "opt": "adam"}"#)
    let space = try SearchSpace([
      Parameter(notation: #"net=[[64, 64], [1], {"a": [2]}]"#), Parameter(notation: "x=1.9,1.10"),
      Parameter(notation: "s=0..1:step=0.1"),
    ])
    let two = try Assignment(configuration: "net=[64, 64] x=1.1  s=0.3", in: space)
    #expect(two["net"] == .structure("[64,64]"))
    #expect(two.entries.map(\.text) == ["[64,64]", "1.10", "0.3"])
    #expect(try Assignment(notation: ["s=0.30000000000000004"], in: space)["s"] == .float(0.3))
  }

  @Test func `values are read by the kind of their parameter`() throws {
    let assignment = try Assignment(
      notation: [
        "opt=sgd", "lr=0.001", "units=16", "amp=true", "momentum=0.9",
      ], in: space)
    #expect(assignment["opt"] == .string("sgd"))
    #expect(assignment["lr"] == .float(0.001))
    #expect(assignment["units"] == .integer(16))
    #expect(assignment["amp"] == .bool(true))
    #expect(try Assignment(notation: ["opt=16"], in: space)["opt"] == .integer(16))
    #expect(try Assignment(notation: ["opt=null"], in: space)["opt"] == .null)
    #expect(try Assignment(notation: ["opt=\"adam\""], in: space)["opt"] == .string("adam"))
    #expect(
      assignment.entries.map(\.name)
        == space.parameters.map(\.name).filter { assignment[$0] != nil })
  }

  @Test func `a text that looks like a number is found as text`() throws {
    let space = try SearchSpace([Parameter(notation: #"n=choice("1","2")"#)])
    #expect(try Assignment(notation: ["n=1"], in: space)["n"] == .string("1"))
  }

  @Test(arguments: [
    (["rl=0.1"], "there is no parameter \"rl\"; did you mean lr?"),
    (["lr=fast"], "\"fast\" is not a number"),
    (["lr=1"], "lr cannot be \"1\": its domain is log:1e-5..0.1, the nearest value 0.1"),
    (["units=9"], "units cannot be \"9\": its domain is 8..1024:step=8, the nearest value 8"),
    (["units=8.5"], "\"8.5\" is not a whole number"),
    (
      ["opt=adm"],
      "opt cannot be \"adm\": its domain is [\"adam\",\"sgd\",null,16], the nearest value adam"
    ),
    (["lr"], "\"=VALUE\" is missing"),
    (["=1"], "the parameter's name is missing"),
    (["lr=0.1", "lr=0.01"], "\"lr\" is given twice"),
    (
      ["opt=adam", "momentum=0.5"],
      "momentum has no place here: it exists only when opt is \"sgd\""
    ),
  ])
  func `a wrong value says what would be right`(texts: [String], fact: String) throws {
    let error = try #require(throws: NotationError.self) {
      try Assignment(notation: texts, in: space)
    }
    #expect(error.fact == fact)
  }
}

struct SpaceDifferenceTests {
  @Test func `both sides are shown, and order counts for nothing`() throws {
    let old = try SearchSpace(
      [Parameter(notation: "lr=log:1e-5..1e-1"), Parameter(notation: "opt=adam,sgd")],
      constraints: ["lr < 1"])
    let reordered = try SearchSpace(
      [Parameter(notation: "opt=adam,sgd"), Parameter(notation: "lr=log:1e-5..1e-1")],
      constraints: ["lr < 1"])
    #expect(SpaceDifference(from: old, to: reordered).isEmpty)
    let new = try SearchSpace([
      Parameter(notation: "lr=log:1e-6..1e-1"),
      Parameter(
        name: "amp", distribution: .boolean,
        conditions: [.init(parent: "lr", values: [.float(0.1)])]),
    ])
    #expect(
      SpaceDifference(from: old, to: new).lines == [
        "lr: log:1e-5..0.1 -> log:1e-6..0.1", "opt: adam,sgd -> not there",
        "amp: not there -> bool when lr is 0.1", "constraint lr < 1 -> not there",
      ])
  }
}
