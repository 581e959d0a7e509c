import PlainText
import StudyModel
import Testing

@testable import Samplers

@Suite struct `Grid` {
  @Test func `goes in order, the last parameter fastest, conditions followed`() throws {
    let space = try SearchSpace([
      Parameter(name: "b", distribution: .strings("x", "y")),
      Parameter(
        name: "c", distribution: .int(1, 2),
        conditions: [.init(parent: "b", values: [.string("x")])]),
      Parameter(name: "d", distribution: .categorical([.bool(false), .bool(true)])),
    ])
    let study = try run("grid", space, trials: 10)
    #expect(
      (0..<study.state.trials.count).map { study.state.trials.assignment(ofRow: $0).json } == [
        #"{"b": "x", "c": 1, "d": false}"#, #"{"b": "x", "c": 1, "d": true}"#,
        #"{"b": "x", "c": 2, "d": false}"#, #"{"b": "x", "c": 2, "d": true}"#,
        #"{"b": "y", "d": false}"#, #"{"b": "y", "d": true}"#,
      ])
  }

  @Test func `cuts a continuous parameter from end to end`() throws {
    func values(_ name: String, _ distribution: Distribution) throws -> [Double] {
      let study = try run(name, SearchSpace(["x": distribution]), trials: 10)
      return (0..<study.state.trials.count).map {
        study.state.trials.assignment(ofRow: $0).entries[0].internalValue
      }
    }
    #expect(try values("grid:points=5", .float(-1, 1)) == [-1, -0.5, 0, 0.5, 1])
    #expect(try values("grid:points=1", .float(-1, 1)) == [0])
    #expect(try values("grid:points=3", .float(0, 1, step: 0.5)) == [0, 0.5, 1])
    let ratios = try values("grid:points=3", .float(1e-4, 1, log: true))
    #expect(ratios[0] == 1e-4 && ratios[2] == 1)
    #expect(abs(ratios[1] - 0.01) < 1e-15)
  }

  @Test func `asks for a step where there is none`() {
    let error = #expect(throws: SamplerError.self) {
      try run("grid", SearchSpace(["lr": .float(0, 1)]), trials: 1)
    }
    #expect(
      error?.description
        == "grid cannot search this space: \"lr\" is continuous; give it a step, or say how many "
        + "values with grid:points=5")
  }

  @Test func `follows a space that was widened`() throws {
    let narrow = try run("grid", SearchSpace(["k": .int(1, 3)]), trials: 9)
    #expect(narrow.state.trials.count == 3)
    let sampler = try makeSampler(ComponentChoice("grid"), seed: 1)
    let wide = SearchSpace(["k": .int(0, 4)])
    #expect(try propose(sampler, 3, wide, narrow)["k"] == .integer(0))
  }
}
