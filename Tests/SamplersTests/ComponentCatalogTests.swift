import PlainText
import StudyModel
import Testing

@testable import Samplers

@Suite struct `Component choices` {
  @Test(arguments: [
    ("tpe", ComponentChoice("tpe")),
    ("grid:points=5", ComponentChoice("grid", options: ["points": 5])),
    (
      "tpe:startup=20,candidates=64",
      ComponentChoice("tpe", options: ["startup": 20, "candidates": 64])
    ), ("tpe:20", ComponentChoice("tpe", options: ["startup": 20])),
  ])
  func `samplers as they are written`(text: String, expected: ComponentChoice) throws {
    #expect(try ComponentChoice(parsing: text, as: .sampler) == expected)
    #expect(try ComponentChoice(parsing: expected.notation, as: .sampler) == expected)
    _ = try makeSampler(expected, seed: 1)
  }

  @Test(arguments: [
    ("none", [:]), ("median", [:]), ("percentile:25", ["percentile": 25]),
    ("percentile:12.5,startup=3", ["percentile": 12.5, "startup": 3]),
    ("asha:min=2,factor=3,rate=1,bootstrap=4", ["min": 2, "factor": 3, "rate": 1, "bootstrap": 4]),
  ])
  func `pruners as they are written`(text: String, options: [String: Double]) throws {
    let choice = try ComponentChoice(parsing: text, as: .pruner)
    #expect(choice.options == options)
    _ = try makePruner(choice, objectives: [.standard])
  }

  @Test(arguments: [
    (
      "tpee",
      """
      there is no sampler "tpee"
        there are auto, gp, tpe, qmc, grid, random
        try: tpe
      """
    ), ("", "there is no sampler \"\"\n  there are auto, gp, tpe, qmc, grid, random"),
    (
      "tpe:startups=3",
      """
      tpe has no option "startups"
        its options are startup, candidates
        try: startup
      """
    ), ("tpe:startup=-1", "tpe does not take \"startup=-1\": it must be at least 0"),
    ("tpe:startup=1.5", "tpe does not take \"startup=1.5\": it must be a whole number"),
    ("tpe:startup=nan", "tpe does not take \"startup=nan\": it must be at least 0"),
    ("tpe:candidates=0", "tpe does not take \"candidates=0\": it must be from 1 to 4096"),
    (
      "tpe:startup=many",
      "tpe does not take \"startup=many\": write startup=NUMBER, several with a comma between them"
    ), ("tpe:startup=1,startup=2", "tpe does not take \"startup\": it stands there twice"),
    ("random:3", "random has no option \"3\"\n  it takes none"),
    ("random:a=3", "random has no option \"a\"\n  it takes none"),
    ("median", "there is no sampler \"median\"\n  there are auto, gp, tpe, qmc, grid, random"),
  ])
  func `say what is wrong and what there is`(text: String, message: String) {
    let error = #expect(throws: SamplerError.self) {
      try ComponentChoice(parsing: text, as: .sampler)
    }
    #expect(error?.description == message)
  }

  @Test func `pruners take one objective, none any`() throws {
    let two = [Objective.standard, Objective(name: "b", direction: .maximize)]
    _ = try makePruner(ComponentChoice("none"), objectives: two)
    let error = #expect(throws: SamplerError.self) {
      try makePruner(ComponentChoice("median"), objectives: two)
    }
    #expect(error?.description.contains("one objective") == true)
  }

  @Test func `a bootstrap needs a first rung`() {
    #expect(throws: SamplerError.self) {
      try makePruner(ComponentChoice("asha", options: ["bootstrap": 2]), objectives: [.standard])
    }
  }

  @Test func `every name in the catalog can be made`() throws {
    for description in ComponentKind.sampler.all {
      _ = try makeSampler(ComponentChoice(description.name), seed: 1)
    }
    for description in ComponentKind.pruner.all {
      _ = try makePruner(ComponentChoice(description.name), objectives: [.standard])
    }
  }

  @Test func `what help says of an option is what holds`() throws {
    for description in ComponentKind.sampler.all + ComponentKind.pruner.all {
      #expect(!description.summary.isEmpty)
      for option in description.options {
        #expect(!option.summary.isEmpty)
        guard let standard = Double(option.standard) else { continue }
        #expect(option.objection(to: standard) == nil, "\(description.name):\(option.name)")
      }
    }
    #expect(
      ComponentKind.sampler.all.map { "\($0.name) \($0.options.map(\.standard))" } == [
        "auto []", #"gp ["by the number of parameters"]"#, #"tpe ["10", "24"]"#, "qmc []",
        #"grid ["none: it needs a step"]"#, "random []",
      ])
  }

  @Test func `every option sets what it names, and nothing else`() throws {
    let choice = try ComponentChoice(
      parsing: "percentile:30,startup=2,warmup=3,interval=4,trials=5", as: .pruner)
    let options = try PercentilePruner.options(choice)
    #expect(options.percentile == 30)
    #expect(options.rule.startup == 2 && options.rule.warmup == 3)
    #expect(options.rule.interval == 4 && options.rule.trials == 5)
    let tree = try TreeParzenSampler.options(ComponentChoice("tpe", options: ["candidates": 5]))
    #expect(tree.startup == 10 && tree.candidates == 5)
    let asha = try SuccessiveHalvingPruner.options(
      ComponentChoice("asha", options: ["min": 7, "factor": 3, "rate": 2, "bootstrap": 1]))
    #expect(asha.min == 7 && asha.factor == 3 && asha.rate == 2 && asha.bootstrap == 1)
  }
}
