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
      "there is no sampler \"tpee\"; there are auto, tpe, qmc, grid, random; did you mean \"tpe\"?"
    ), ("", "there is no sampler \"\"; there are auto, tpe, qmc, grid, random"),
    (
      "tpe:startups=3",
      "tpe does not take \"startups\": its options are startup, candidates; did you mean \"startup\"?"
    ), ("tpe:startup=-1", "tpe does not take \"startup=-1\": it must be at least 0"),
    ("tpe:startup=1.5", "tpe does not take \"startup=1.5\": it must be a whole number"),
    ("tpe:startup=nan", "tpe does not take \"startup=nan\": it must be at least 0"),
    ("tpe:candidates=0", "tpe does not take \"candidates=0\": it must be from 1 to 4096"),
    (
      "tpe:startup=many",
      "tpe does not take \"startup=many\": write startup=NUMBER, several with a comma between them"
    ), ("tpe:startup=1,startup=2", "tpe does not take \"startup\": it stands there twice"),
    ("random:3", "random does not take \"3\": it takes no options"),
    ("random:a=3", "random does not take \"a\": it takes no options"),
    ("median", "there is no sampler \"median\"; there are auto, tpe, qmc, grid, random"),
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
    for description in ComponentDescription.samplers {
      _ = try makeSampler(ComponentChoice(description.name), seed: 1)
    }
    for description in ComponentDescription.pruners {
      _ = try makePruner(ComponentChoice(description.name), objectives: [.standard])
    }
  }
}
