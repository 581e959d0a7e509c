import Foundation
import StudyModel
import Testing

@testable import Samplers

/// The rule against its transcription in Python; see tools/reference/curve_pruner.py.
@Suite struct CurveReferenceTests {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Trial: Decodable {
      let reports: [Report]
      let final: Double?
    }
    /// `[step, value or nil, chance or nil, whether to stop]`
    struct Report: Decodable {
      let step: Int64
      let value: Double
      let chance: Double?
      let stops: Bool

      init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        step = try parts.decode(Int64.self)
        value = try parts.decodeIfPresent(Double.self) ?? .nan
        chance = try parts.decodeIfPresent(Double.self)
        stops = try parts.decode(Bool.self)
      }
    }
    let name: String
    let direction: String
    let aggregate: String
    let maxSteps: Int?
    let stops: Int
    let trials: [Trial]

    var testDescription: String { name }

    var objective: Objective {
      Objective(
        name: "value", direction: StudyDirection(rawValue: direction)!,
        aggregate: aggregate == "min" ? .minimum : aggregate == "max" ? .maximum : .last)
    }
  }

  static let cases = try! JSONDecoder().decode([Case].self, from: Data(curveFixtures.utf8))

  @Test(arguments: cases)
  func `the same chance and decision after every report`(fixture: Case) throws {
    var session = CurveSession(.init(maxSteps: fixture.maxSteps))
    var study = StudyFixture(objectives: [fixture.objective])
    var (stops, chances) = (0, 0)
    for (index, trial) in fixture.trials.enumerated() {
      let number = study.start(Assignment())
      for report in trial.reports {
        study.report(number, step: report.step, report.value)
        let row = study.state.row(ofNumber: number)!
        let judgement = try session.judge(
          JudgementRequest(row: row, at: report.step, given: study.history))
        #expect(
          judgement == (report.stops ? .stop : .goOn), "trial \(index) at \(report.step)")
        if judgement == .stop { stops += 1 }
        if let chance = report.chance {
          let forecast = try session.forecast(ofRow: row, given: study.history)
          #expect(
            abs((forecast?.chance ?? .nan) - chance) < 1e-7, "trial \(index) at \(report.step)")
          chances += 1
        }
      }
      study.finish(number, trial.final == nil ? .pruned : .complete, trial.final.map { [$0] } ?? [])
    }
    #expect(stops == fixture.stops && stops > 0 && chances > stops)
  }
}

@Suite struct CurvePrunerTests {
  /// Finishes `count` trials that go from `start` to `ends` as 1/step.
  private func study(
    ends: [Double], steps: Int = 30, objective: Objective = .standard
  ) -> StudyFixture {
    var study = StudyFixture(objectives: [objective])
    let sign = objective.direction == .minimize ? 1.0 : -1
    for end in ends {
      let number = study.start(Assignment())
      for step in 1...steps { study.report(number, step: Int64(step), sign * curve(end, step)) }
      study.finish(number, .complete, [sign * curve(end, steps)])
    }
    return study
  }

  private func curve(_ end: Double, _ step: Int) -> Double { end + 1 / Double(step) }

  private func run(
    _ study: inout StudyFixture, _ session: inout some PrunerSession, steps: Int = 30,
    _ value: (Int) -> Double
  ) throws -> Int? {
    let number = study.start(Assignment())
    for step in 1...steps {
      study.report(number, step: Int64(step), value(step))
      let request = JudgementRequest(
        row: study.state.row(ofNumber: number)!, at: Int64(step), given: study.history)
      if try session.judge(request) == .stop {
        study.finish(number, .pruned)
        return step
      }
    }
    study.finish(number, .complete, [value(steps)])
    return nil
  }

  @Test func `the catalog makes it, with its option`() throws {
    let pruner = try makePruner(
      ComponentChoice(parsing: "curve:max-steps=40", as: .pruner), objectives: [.standard])
    #expect((pruner as? CurvePruner)?.options.maxSteps == 40)
    #expect(throws: SamplerError.self) {
      try makePruner(
        ComponentChoice(parsing: "curve:max-steps=0", as: .pruner), objectives: [.standard])
    }
  }

  @Test(arguments: [StudyDirection.minimize, .maximize])
  func `a hopeless curve is stopped early, a promising one never`(
    direction: StudyDirection
  ) throws {
    let objective = Objective(name: "value", direction: direction)
    var study = study(ends: [0.1, 0.2, 0.3, 0.4, 0.5, 0.8], objective: objective)
    var session = CurveSession(.init())
    let sign = direction == .minimize ? 1.0 : -1
    let stopped = try run(&study, &session) { sign * curve(1, $0) }
    #expect(stopped.map { $0 < 10 } ?? false)
    #expect(try run(&study, &session) { sign * curve(0.05, $0) } == nil)
  }

  @Test func `before six trials are complete, only NaN after three stops`() throws {
    var young = study(ends: [0.1, 0.2, 0.3])
    var session = CurveSession(.init())
    #expect(try run(&young, &session) { $0 < 3 ? 5 : .nan } == 3)
    for _ in 3..<6 { #expect(try run(&young, &session) { _ in 50 } == nil) }
    #expect(try run(&young, &session) { _ in 50 } == 2)
    var younger = study(ends: [0.1, 0.2])
    session = CurveSession(.init())
    #expect(try run(&younger, &session) { _ in .nan } == nil)
  }

  @Test func `nothing is stopped in the first twentieth of a full trial`() throws {
    var study = study(ends: (1...8).map { 0.1 * Double($0) }, steps: 200)
    var session = CurveSession(.init())
    #expect(try run(&study, &session, steps: 200) { _ in 50 } == 11)
    #expect(try run(&study, &session, steps: 200) { $0 < 5 ? 50 : .nan } == 5)
  }

  @Test func `a session that begins late judges as one that saw it all`() throws {
    var study = study(ends: [0.1, 0.2, 0.3, 0.5, 0.8])
    var session = CurveSession(.init())
    for end in [0.4, 0.15, 0.9, 0.02, 0.3, 0.07] {
      let number = study.start(Assignment())
      for step in 1...20 {
        study.report(number, step: Int64(step), curve(end, step) + 0.01 * Double(step % 3))
        let row = study.state.row(ofNumber: number)!
        let request = JudgementRequest(row: row, at: Int64(step), given: study.history)
        var fresh = CurveSession(.init())
        #expect(try session.judge(request) == fresh.judge(request))
        #expect(
          try session.forecast(ofRow: row, given: study.history)
            == fresh.forecast(ofRow: row, given: study.history))
      }
      study.finish(number, .complete, [curve(end, 20)])
    }
  }

  @Test func `what a second attempt reports again counts`() throws {
    var study = study(ends: [0.1, 0.2, 0.3, 0.5, 0.8])
    var session = CurveSession(.init())
    let number = study.start(Assignment())
    let row = study.state.row(ofNumber: number)!
    for value in [3.0, 0.05] {
      for step in 1...3 {
        study.report(number, step: Int64(step), value + 1 / Double(step))
        _ = try session.judge(JudgementRequest(row: row, at: Int64(step), given: study.history))
      }
      if value == 3 { study.restart(number) }
    }
    var fresh = CurveSession(.init())
    #expect(
      try session.forecast(ofRow: row, given: study.history)
        == fresh.forecast(ofRow: row, given: study.history))
  }

  @Test func `a forecast is in the objective's own values`() throws {
    let study = study(
      ends: [-0.1, -0.2, -0.3, -0.5, -0.8],
      objective: Objective(name: "value", direction: .maximize))
    var running = study
    let number = running.start(Assignment())
    for step in 1...10 { running.report(number, step: Int64(step), 0.4 - 1 / Double(step)) }
    var session = CurveSession(.init())
    let forecast = try #require(
      try session.forecast(
        ofRow: running.state.row(ofNumber: number)!, given: running.history))
    #expect(forecast.step == 10 && forecast.lastStep == 30)
    #expect(abs(forecast.current - 0.3) < 1e-9)
    #expect(forecast.optimistic > forecast.expected && forecast.expected > forecast.pessimistic)
    #expect(abs(forecast.expected - 0.37) < 0.05)
    #expect((0...1).contains(forecast.chance))
  }

  @Test func `a report reads no curve that was read before`() throws {
    var study = study(ends: (0..<40).map { 0.1 + 0.02 * Double($0) })
    var session = CurveSession(.init())
    let number = study.start(Assignment())
    let row = study.state.row(ofNumber: number)!
    for step in 1...30 {
      study.report(number, step: Int64(step), curve(0.05, step))
      _ = try session.judge(JudgementRequest(row: row, at: Int64(step), given: study.history))
    }
    #expect(session.curvesRead <= 42)
  }

  @Test(arguments: [0.0, 1, .nan, .infinity, -.infinity, 1e300, -1e300, 1e-300])
  func `hostile curves are borne`(value: Double) throws {
    var study = StudyFixture(objectives: [.standard])
    var session = CurveSession(.init())
    for trial in 0..<8 {
      let number = study.start(Assignment())
      let row = study.state.row(ofNumber: number)!
      for step in [Int64.min / 4, -3, 0, 0, 1, 7, 1 << 40] {
        study.report(number, step: step, trial % 2 == 0 ? value : Double(trial))
        _ = try session.judge(JudgementRequest(row: row, at: step, given: study.history))
        let forecast = try session.forecast(ofRow: row, given: study.history)
        #expect(forecast.map { !$0.chance.isNaN } ?? true)
      }
      study.finish(number, .complete, [trial % 2 == 0 ? value : Double(trial)])
    }
  }
}
