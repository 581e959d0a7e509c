// Trials whose worker died. Nobody beats a heart: a writer holds a lock on one byte for as long
// as it lives, and the kernel lets go of it however it dies; and it has said which process it is.

public import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Gives the trials of dead workers back: they wait again, under their own numbers.
  ///
  /// - Returns: the numbers of the trials that were given back.
  @discardableResult
  public func releaseLost(
    _ study: StudyID, releasing: @Sendable (Attempt, _ number: Int) async -> Void = { _, _ in }
  ) async throws -> [Int] {
    let lost = try lostAttempts(of: study)
    if lost.isEmpty { return [] }
    for (attempt, number) in lost { await releasing(attempt, number) }
    let claims = Set(lost.map(\.attempt.claim))
    let (numbers, commit) = try store.commit(.decision) { snapshot, context in
      let state = try snapshot.state(of: study)
      let trials = state.openTrials.filter { $0.claim.map(claims.contains) ?? false }
      let events = trials.compactMap { trial in
        trial.claim.map { claim in
          StudyEvent.attemptEnded(
            study, trial: trial.number, claim: claim,
            AttemptEnd(outcome: .lost, reason: "its worker died"), time: context.now)
        }
      }
      return (events, trials.map(\.number))
    }
    try await store.waitUntilDurable(commit)
    return numbers
  }

  /// Attempts that run by the record, while their worker is gone or their lease has lapsed.
  private func lostAttempts(
    of study: StudyID
  ) throws -> [(attempt: Attempt, number: Int)] {
    let state = try state(of: study)
    let now = store.clock
    return state.openTrials.compactMap { trial in
      guard trial.state == .running, let attempt = trial.lastAttempt else { return nil }
      let isLost =
        switch attempt.lease {
        case .held: !store.isAlive(epoch: attempt.claim.epoch)
        case .detached(nil): false
        case .detached(let deadline?): deadline.hasPassed(at: now)
        }
      return isLost ? (attempt, trial.number) : nil
    }
  }
}
