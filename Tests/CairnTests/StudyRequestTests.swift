import PlainText
import ArgumentParser
import Foundation
import SpaceNotation
import StudyModel
import Testing

@testable import cairn

struct StudyRequestTests {
  private func request(_ arguments: String...) throws -> StudyRequest {
    try StudyOptions.parse(arguments).request()
  }

  private func definition(_ arguments: String...) throws -> StudyDefinition {
    try StudyOptions.parse(arguments).request().newDefinition(seed: 42)
  }

  @Test func `a new study is what the options say`() throws {
    let study = try definition(
      "-p", "lr=log:1e-5..1e-1", "-p", "x=-1..1", "--maximize", "accuracy@max",
      "--constraint", "latency_ms <= 20", "--sampler", "tpe", "--pruner", "percentile:25",
      "--seed", "7", "--trials", "100")
    #expect(study.space.parameters.map(\.notation) == ["lr=log:1e-5..0.1", "x=-1..1"])
    #expect(
      study.objectives == [
        Objective(name: "accuracy", direction: .maximize, aggregate: .maximum)
      ])
    #expect(
      study.bounds == [MetricBound(metric: "latency_ms", relation: .atMost, limit: 20)])
    #expect(study.sampler == ComponentChoice("tpe"))
    #expect(study.pruner == ComponentChoice("percentile", options: ["percentile": 25]))
    #expect(study.seed == 7)
    #expect(study.targetTrials == 100)
  }

  @Test func `without options a study minimizes a value`() throws {
    let study = try definition()
    #expect(study.objectives == [.standard])
    #expect(study.space == .empty)
    #expect(study.seed == 42)
    #expect(study.sampler.name == "auto")
    #expect(study.pruner.name == "none")
    #expect(study.targetTrials == nil)
  }

  @Test func `objectives keep the order of the command line across both options`() throws {
    let study = try definition(
      "--maximize", "a", "--minimize=b", "--maximize", "c", "--minimize", "d")
    #expect(study.objectives.map(\.name) == ["a", "b", "c", "d"])
    #expect(
      study.objectives.map(\.direction) == [.maximize, .minimize, .maximize, .minimize])
  }

  @Test func `the space of a file is taken over by -p`() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("cairn-\(UUID().uuidString).yaml")
    try Data(
      """
      parameters:
        opt: adam,sgd
        momentum: {type: float, low: 0, high: 1, when: {opt: sgd}}
      constraints: ["momentum < 0.99"]
      """.utf8
    ).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let space = try definition(
      "--space", file.path, "-p", "momentum=0.5..0.9", "-p", "lr=log:1e-5..1e-1"
    ).space
    #expect(
      space.parameters.map(\.domainNotation) == [
        "adam,sgd", "0.5..0.9 when opt is \"sgd\"", "log:1e-5..0.1",
      ])
    #expect(space.constraints == ["momentum < 0.99"])
  }

  @Test(arguments: [
    (["-p", "lr=log:0..1"], "-p: a logarithmic domain must begin above zero, not at 0"),
    (["-p", "lr"], "-p: \"=DOMAIN\" is missing"),
    (["-p", "a=1..2", "-p", "a=1..3"], "-p declares a twice"),
    (["--maximize", "a@mix"], "--maximize: there is no aggregate \"mix\"; did you mean min?"),
    (["--maximize", "a", "--minimize", "a"], "the objective a is named twice"),
    (["--constraint", "a < 3"], "--constraint: \"<\" is not the relation <= or >="),
    (
      ["--space", "/none/space.yaml"],
      "/none/space.yaml: the space file cannot be read: No such file or directory"
    ),
  ])
  func `a wrong text is wrong usage`(arguments: [String], fact: String) throws {
    let error = try #require(throws: Diagnostic.self) {
      try StudyOptions.parse(arguments).request()
    }
    #expect(error.fact == fact)
    #expect(error.status == .usage)
  }

  @Test(arguments: [
    ["--trials", "0"], ["--trials", "x"], ["--trials", "3", "--more", "3"], ["--seed", "-1"],
    ["--sampler", "tpe:x=y"],
  ])
  func `a wrong value is refused while parsing`(arguments: [String]) {
    #expect(throws: (any Error).self) { try StudyOptions.parse(arguments) }
  }

  // MARK: Studies that exist

  @Test func `the same command line contradicts nothing`() throws {
    let arguments = ["-p", "lr=log:1e-5..1e-1", "-p", "n=1..4", "--maximize", "acc", "--seed", "3"]
    let study = try StudyOptions.parse(arguments).request().newDefinition(seed: 0)
    #expect(try StudyOptions.parse(arguments).request().conflict(with: study, of: "s") == nil)
    #expect(try request().conflict(with: study, of: "s") == nil)
    #expect(
      try request("-p", "n=1..4", "-p", "lr=log:1e-5..0.1").conflict(with: study, of: "s") == nil)
  }

  @Test func `another space, objective or seed is shown beside the study's`() throws {
    let study = try definition(
      "-p", "lr=log:1e-5..1e-1", "-p", "opt=adam,sgd", "--maximize", "acc", "--seed", "3")
    let other = try request(
      "-p", "lr=log:1e-6..1e-1", "-p", "amp=bool", "--minimize", "loss", "--seed", "4",
      "--pruner", "median")
    let conflict = try #require(try other.conflict(with: study, of: "my study"))
    #expect(conflict.status == .usage)
    #expect(conflict.fact == "the study \"my study\" is not what this command line says")
    #expect(
      conflict.evidence == [
        "study -> command line",
        "lr: log:1e-5..0.1 -> log:1e-6..0.1", "opt: adam,sgd -> not there",
        "amp: not there -> bool", "objectives: maximize acc -> minimize loss", "seed: 3 -> 4",
        "pruner: none -> median",
      ])
    #expect(!conflict.suggestions.contains { $0.hasPrefix("cairn edit") }, "none would help")

    let space = try request(
      "-p", "lr=log:1e-6..1e-1", "-p", "amp=bool", "--maximize", "acc", "--pruner", "median")
    #expect(
      try space.conflict(with: study, of: "my study")?.suggestions.first
        == "cairn edit 'my study' -p lr=log:1e-6..0.1 --without opt -p amp=bool --pruner median"
        + "   to change the study")
  }

  @Test func `the edit that is suggested resolves the conflict`() throws {
    let study = try definition("-p", "lr=log:1e-5..1e-1", "-p", "opt=adam,sgd")
    let other = try request("-p", "lr=log:1e-6..1e-1", "-p", "amp=bool")
    let edited = try other.edited(study, without: ["opt"], accomplished: 5)
    #expect(try other.conflict(with: edited, of: "s") == nil)
    #expect(edited.objectives == study.objectives)
  }

  @Test func `bounds are added and never taken away`() throws {
    let study = try definition("--constraint", "t <= 3", "--constraint", "u >= 1")
    #expect(
      try request("--constraint", "u >= 1", "--constraint", "t <= 3")
        .conflict(with: study, of: "s") == nil)
    let fewer = try #require(try request("--constraint", "t <= 3").conflict(with: study, of: "s"))
    #expect(!fewer.suggestions.contains { $0.hasPrefix("cairn edit") })
    let more = try request(
      "--constraint", "t <= 3", "--constraint", "v <= 2", "--constraint", "u >= 1")
    #expect(
      try more.conflict(with: study, of: "s")?.suggestions.first?
        .hasPrefix("cairn edit s --constraint 'v <= 2.0'") == true)
  }

  @Test func `an edit keeps what it does not name`() throws {
    let study = try definition(
      "-p", "lr=log:1e-5..1e-1", "-p", "n=1..4", "--constraint", "t <= 3", "--trials", "10")
    let edited = try request("-p", "n=1..8", "--more", "5", "--constraint", "u >= 1")
      .edited(study, accomplished: 10)
    #expect(edited.space.parameters.map(\.notation) == ["lr=log:1e-5..0.1", "n=1..8"])
    #expect(edited.bounds.map(\.notation) == ["t <= 3.0", "u >= 1.0"])
    #expect(edited.targetTrials == 15)
    #expect(edited.seed == study.seed)
  }

  @Test func `objectives and seed stay`() throws {
    let study = try definition("--maximize", "acc", "--seed", "1")
    #expect(throws: Diagnostic.self) {
      try request("--minimize", "loss").edited(study, accomplished: 0)
    }
    #expect(throws: Diagnostic.self) { try request("--seed", "2").edited(study, accomplished: 0) }
    #expect(throws: Diagnostic.self) {
      try request().edited(study, without: ["none"], accomplished: 0)
    }
    #expect(try request("--seed", "1").edited(study, accomplished: 0) == study)
  }

  @Test func `the number of trials is a total unless it is asked for more`() throws {
    #expect(try request("--trials", "50").target(existing: 100, accomplished: 20) == 50)
    #expect(try request("--more", "50").target(existing: 100, accomplished: 20) == 150)
    #expect(try request().target(existing: 100, accomplished: 20) == 100)
  }
}
