import PlainText
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL
import Testing

@testable import Presentation

/// A study with a bound on its latency, of which trial 1 breaks it.
struct BoundTests {
  private let state: StudyRecord

  init() {
    let id = StudyID(rawValue: 1)
    func time(_ seconds: Int64) -> Timestamp { Timestamp(rawValue: seconds * 1_000_000) }
    var definition = StudyDefinition(seed: 1)
    definition.bounds = [MetricBound(metric: "latency", relation: .atMost, limit: 50)]
    var state = StudyRecord(id: id, name: "s", definition: definition, time: time(0))
    for (number, latency) in [40.0, 60, 50].enumerated() {
      let claim = ClaimID(epoch: 1, sequence: UInt32(number))
      let creation = TrialCreation(
        id: TrialID(rawValue: UInt64(number)), number: number, time: time(1))
      state.apply(.trialCreated(id, creation))
      state.apply(
        .trialClaimed(
          id, trial: number,
          TrialClaim(claim: claim, lease: .held, host: "h", worker: "w", time: time(2))))
      state.apply(
        .metricsReported(
          id, trial: number,
          MetricReport(claim: claim, step: 0, entries: [.init("latency", latency)], time: time(3))))
      state.apply(
        .trialFinished(
          id, trial: number,
          TrialResult(
            claim: claim, state: .complete, values: [Double(3 - number)],
            violations: [latency - 50], time: time(4))))
    }
    self.state = state
  }

  private var bound: String { state.study.definition.bounds[0].notation }

  @Test func `a trial that breaks a bound says so in its line`() throws {
    #expect(try TrialLine.lines(state, row: 0) == ["trial 0 complete value 3"])
    #expect(
      try TrialLine.lines(state, row: 1) == ["trial 1 complete value 2, breaks \(bound)"])
    // On the bound is within it.
    #expect(try TrialLine.lines(state, row: 2) == ["trial 2 complete value 1"])
  }

  @Test func `the study says how many`() throws {
    let description = StudyDescription(state: state, clock: .utc, store: "/s")
    #expect(try description.text().contains("3 done: 3 complete (1 out of bounds)"))
    #expect(try description.json().text.contains("\"out_of_bounds\": 1"))
    var source = PanelSource(since: nil)
    #expect(try source.panel(of: state, at: Timestamp(rawValue: 9)).breakingBounds == 1)
  }

  @Test func `the trial names them`() throws {
    func json(_ row: Int) throws -> String {
      try TrialDescription(state: state, trial: state.trial(row), clock: .utc,
        files: TrialFiles(store: "/store", study: state.study.id, trial: 0), hasDirectory: false)
        .json.text
    }
    #expect(try json(1).contains("\"breaks\": [\"\(bound)\"]"))
    #expect(try json(0).contains("\"breaks\": []"))
  }
}
