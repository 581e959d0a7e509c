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
      try (0..<study.state.trialCount).map { try study.state.trial($0).assignment.json } == [
        #"{"b": "x", "c": 1, "d": false}"#, #"{"b": "x", "c": 1, "d": true}"#,
        #"{"b": "x", "c": 2, "d": false}"#, #"{"b": "x", "c": 2, "d": true}"#,
        #"{"b": "y", "d": false}"#, #"{"b": "y", "d": true}"#,
      ])
  }

  @Test func `cuts a continuous parameter from end to end`() throws {
    func values(_ name: String, _ distribution: Distribution) throws -> [Double] {
      let study = try run(name, SearchSpace(["x": distribution]), trials: 10)
      return try (0..<study.state.trialCount).map {
        try study.state.trial($0).assignment.entries[0].internalValue
      }
    }
    #expect(try values("grid:points=5", .float(-1, 1)) == [-1, -0.5, 0, 0.5, 1])
    #expect(try values("grid:points=1", .float(-1, 1)) == [0])
    #expect(try values("grid:points=3", .float(0, 1, step: 0.5)) == [0, 0.5, 1])
    let ratios = try values("grid:points=3", .float(1e-4, 1, log: true))
    #expect(ratios[0] == 1e-4 && ratios[2] == 1)
    #expect(abs(ratios[1] - 0.01) < 1e-15)
    // Of a normal domain: the middles of equally likely parts.
    let thirds = try values("grid:points=3", .normal(0, 1))
    #expect(abs(thirds[0] + 0.9674) < 1e-4 && abs(thirds[1]) < 1e-9)
  }

  @Test func `asks for a step where there is none`() {
    let error = #expect(throws: SamplerError.self) {
      try run("grid", SearchSpace(["lr": .float(0, 1)]), trials: 1)
    }
    #expect(
      error?.explanation.fact == "grid cannot search this space: \"lr\" is continuous")
    #expect(error?.explanation.suggestions.first?.hasPrefix("grid:points=5") == true)
  }

  @Test func `follows a space that was widened`() throws {
    let narrow = try run("grid", SearchSpace(["k": .int(1, 3)]), trials: 9)
    #expect(narrow.state.trialCount == 3)
    let sampler = try Asker("grid", seed: 1)
    let wide = SearchSpace(["k": .int(0, 4)])
    #expect(try sampler.propose(3, wide, narrow)["k"] == .integer(0))
  }

  @Test func `goes around once from any point, with conditions and what is given`() throws {
    let space = try SearchSpace([
      Parameter(name: "b", distribution: .strings("x", "y", "z")),
      Parameter(
        name: "c", distribution: .int(1, 3),
        conditions: [.init(parent: "b", values: [.string("x"), .string("z")])]),
      Parameter(name: "d", distribution: .float(0, 1, step: 0.5)),
    ])
    for fixed in [
      Assignment(),
      Assignment([.init(name: "d", distribution: .float(0, 1, step: 0.5), internalValue: 0.5)]),
    ] {
      let frame = ProposalFrame(space, fixing: fixed)
      let axes = try #require(frame.axes)
      func once(from start: [Double]?) -> [[Double]] {
        var circle = PointCircle(PointOdometer(frame, axes: axes, at: start))
        var points: [[Double]] = []
        repeat { points.append(circle.point) } while circle.advance()
        return points
      }
      func keys(_ points: [[Double]]) -> [String] { points.map { "\($0)" } }
      let all = once(from: nil)
      #expect(all.count == (fixed.isEmpty ? 21 : 7))
      #expect(Set(keys(all)).count == all.count)
      for start in all {
        let points = once(from: start)
        #expect("\(points[0])" == "\(start)")
        #expect(Set(keys(points)) == Set(keys(all)) && points.count == all.count)
      }
    }
  }
}
