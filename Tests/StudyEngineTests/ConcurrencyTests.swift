import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// Many workers in several stores at once.
@Suite struct ConcurrencyTests {
  @Test(arguments: ["random", "tpe"])
  func `many workers lose no trial, use no number twice and meet the target exactly`(
    sampler: String
  ) async throws {
    let directory = try TemporaryStore()
    let target = 60
    let handles = [try directory.open(), try directory.open()]
    let study = try await handles[0].makeStudy(sampler: sampler, target: target)
    let asked = try await withThrowingTaskGroup(of: [AskedTrial].self) { group in
      for worker in 0..<8 {
        group.addTask { try await Self.work(on: study, in: handles[worker % 2]) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let state = try handles[1].state(of: study)
    let trials = try state.load(.all)
    #expect(state.accomplishedCount == target)
    #expect(state.openRows.isEmpty)
    #expect(Set(asked.map(\.claim)).count == asked.count)
    // Every number was in one worker's hands at a time: once, but for those interrupted.
    #expect(trials.rows.reduce(0) { $0 + trials.attempts(ofRow: $1).count } == asked.count)
    #expect(Set(asked.map(\.number)).count == state.trialCount)
    #expect(trials.numbers.map { $0 } == Array(0..<state.trialCount))
    for trial in asked {
      let row = try #require(state.row(ofNumber: trial.number))
      #expect(trials.assignment(ofRow: row) == trial.assignment)
    }
    let again = try directory.open().trials(study)
    #expect(again.states.map { $0 } == trials.states.map { $0 })
  }

  /// Works until the study is accomplished: some trials fail, some are pruned, some are given
  /// back once.
  private static func work(
    on study: StudyID, in database: StudyDatabase
  ) async throws -> [AskedTrial] {
    var asked: [AskedTrial] = []
    while true {
      switch try await database.ask(study, for: .tester) {
      case .noPlace(running: 0): return asked
      case .exhausted(let tried):
        Issue.record("a continuous space was exhausted after \(tried) trials")
        return asked
      case .noPlace: await Task.yield()
      case .trial(let trial):
        asked.append(trial)
        let value = trial.assignment["x"]?.number ?? .nan
        try database.report(trial, 0, value)
        switch (trial.number % 7, trial.attempt) {
        case (3, _): try await database.tell(trial, .failed)
        case (4, _): try await database.tell(trial, .pruned)
        case (5, 1):
          try await database.endAttempt(
            study, trial: trial.number, claim: trial.claim, AttemptEnd(outcome: .interrupted))
        default: try await database.tell(trial, .complete, value)
        }
      }
    }
  }
}
