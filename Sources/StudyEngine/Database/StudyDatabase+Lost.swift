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
    let lost = store.lostAttempts(of: try state(of: study))
    if lost.isEmpty { return [] }
    for (attempt, number) in lost { await releasing(attempt, number) }
    let claims = Set(lost.map(\.attempt.claim))
    let (numbers, commit) = try store.commit(.decision) { snapshot, context in
      let state = try snapshot.state(of: study)
      let trials = state.runningAttempts.filter { claims.contains($0.attempt.claim) }
      let events = trials.map { attempt, number in
        StudyEvent.lost(attempt, ofTrial: number, of: study, at: context.now)
      }
      return (events, trials.map(\.number))
    }
    try await store.waitUntilDurable(commit)
    return numbers
  }
}

// The one judgement of what is lost, for those who give back and those who only look.

extension Store {
  /// Whether `attempt` runs by the record only: its worker is gone, or its lease has lapsed.
  package func hasLost(_ attempt: Attempt) -> Bool {
    guard attempt.end == nil else { return false }
    return switch attempt.lease {
    case .held: !isAlive(epoch: attempt.claim.epoch)
    case .detached(nil): false
    case .detached(let deadline?): deadline.hasPassed(at: clock)
    }
  }

  /// `state` as it will be when somebody works on it next: trials that are lost wait, and their
  /// last attempt says so. Nothing is recorded.
  ///
  /// - Complexity: O(open trials), and some system calls for each that runs.
  package func releasingLost(in state: StudyRecord) -> StudyRecord {
    var released = state
    for event in losses(of: state) { released.apply(event) }
    return released
  }

  /// All studies of `snapshot` so.
  package func releasingLost(in snapshot: Snapshot) -> Snapshot {
    var released = snapshot
    for event in snapshot.studies.flatMap(losses) { released.apply(event) }
    return released
  }

  private func losses(of state: StudyRecord) -> [StudyEvent] {
    lostAttempts(of: state).map { attempt, number in
      .lost(attempt, ofTrial: number, of: state.study.id, at: state.study.updated)
    }
  }

  fileprivate func lostAttempts(of state: StudyRecord) -> [(attempt: Attempt, number: Int)] {
    state.runningAttempts.filter { hasLost($0.attempt) }
  }

  /// Whether somebody works on `state`, a study of `snapshot`: a worker that lives holds one of its
  /// trials, or another process has the store open to write, and works on no other study.
  package func isWorkedOn(_ state: StudyRecord, of snapshot: Snapshot) -> Bool {
    if state.runningAttempts.contains(where: { !hasLost($0.attempt) }) { return true }
    var idle = Set(livingWriters)
    if idle.isEmpty { return false }
    for other in snapshot.studies where other.study.id != state.study.id {
      for (attempt, _) in other.runningAttempts { idle.remove(attempt.claim.epoch) }
    }
    return !idle.isEmpty
  }
}

extension StudyRecord {
  /// The attempts that are under way, by the record, and the numbers of their trials.
  package var runningAttempts: [(attempt: Attempt, number: Int)] {
    openTrials.compactMap { trial in
      trial.state == .running ? trial.lastAttempt.map { ($0, trial.number) } : nil
    }
  }
}

extension StudyEvent {
  fileprivate static func lost(
    _ attempt: Attempt, ofTrial number: Int, of study: StudyID, at time: Timestamp
  ) -> StudyEvent {
    .attemptEnded(
      study, trial: number, claim: attempt.claim,
      AttemptEnd(outcome: .lost, reason: "its worker died"), time: time)
  }
}
