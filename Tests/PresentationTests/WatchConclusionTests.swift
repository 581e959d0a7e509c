import StudyModel
import Testing

@testable import Presentation

struct WatchConclusionTests {
  private func conclusion(
    done: Int, target: Int?, left: Int = 0, sawWork: Bool = true
  ) -> WatchConclusion {
    let id = StudyID(rawValue: 1)
    let time = Timestamp(rawValue: 0)
    var state = StudyRecord(
      id: id, name: "s", definition: StudyDefinition(seed: 1, targetTrials: target), time: time)
    for number in 0..<done + left {
      let claim = ClaimID(epoch: 1, sequence: UInt32(number))
      let creation = TrialCreation(
        id: TrialID(rawValue: UInt64(number)), number: number, time: time)
      state.apply(.trialCreated(id, creation))
      state.apply(
        .trialClaimed(
          id, trial: number,
          TrialClaim(claim: claim, lease: .held, host: "h", worker: "w", time: time)))
      state.apply(
        number < done
          ? .trialFinished(
            id, trial: number,
            TrialResult(claim: claim, state: .complete, values: [1], end: nil, time: time))
          : .attemptEnded(
            id, trial: number, claim: claim, AttemptEnd(outcome: .lost), time: time))
    }
    return WatchConclusion(state: state, sawWork: sawWork, resume: "cairn resume s")
  }

  @Test func `a study that has come to its end is told from one that was left`() throws {
    func told(_ conclusion: WatchConclusion) throws -> [String] {
      try conclusion.lines().filter { !$0.hasPrefix("best") }
    }
    #expect(try told(conclusion(done: 3, target: 3)) == ["s: 3 of 3 done"])
    #expect(try told(conclusion(done: 3, target: nil)) == ["s: stopped, 3 done"])
    #expect(
      try told(conclusion(done: 2, target: 3))
        == ["s: stopped, 2 of 3 done", "to go on: cairn resume s"])
    #expect(
      try told(conclusion(done: 2, target: 3, left: 1))
        == [
          "s: its worker is gone, 2 of 3 done, 1 left by a dead worker", "to go on: cairn resume s",
        ])
    #expect(
      try told(conclusion(done: 2, target: 3, sawWork: false))[0]
        == "s: nobody runs it, 2 of 3 done")
    #expect(conclusion(done: 3, target: 3).isComplete)
    #expect(conclusion(done: 3, target: nil).isComplete)
    #expect(!conclusion(done: 3, target: nil, left: 1).isComplete)
  }
}
