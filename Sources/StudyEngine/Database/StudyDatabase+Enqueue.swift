// Trials that people ask for.

public import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Puts trials in the queue with these parameters fixed; what they leave open is sampled
  /// when they are claimed. Durable when this returns.
  ///
  /// - Parameter retryOf: for each, the trial whose parameters it repeats, if it does.
  /// - Returns: their numbers.
  public func enqueue(
    _ study: StudyID, _ assignments: [Assignment], retryOf: [Int?] = []
  ) async throws -> [Int] {
    let (numbers, commit) = try store.commit(.decision) { snapshot, context in
      let places = try snapshot.places(assignments.count, in: study)
      let events = StudyEvent.enqueued(
        assignments, in: study, at: places, time: context.now, retryOf: retryOf)
      return (events, places.map(\.number))
    }
    try await store.waitUntilDurable(commit)
    return numbers
  }

  /// Enqueues finished trials again with the same parameters; they themselves never change.
  public func retry(_ study: StudyID, trials numbers: [Int]) async throws -> [Int] {
    let state = try state(of: study)
    let assignments = try numbers.map { try state.trial(state.row($0)).assignment }
    return try await enqueue(study, assignments, retryOf: numbers)
  }
}

extension StudyEvent {
  /// New trials that wait with these parameters given, one at each of `places`.
  static func enqueued(
    _ assignments: [Assignment], in study: StudyID, at places: [(id: TrialID, number: Int)],
    time: Timestamp, retryOf: [Int?] = []
  ) -> [StudyEvent] {
    zip(places, assignments).enumerated().map { index, trial in
      .trialCreated(
        study,
        TrialCreation(
          id: trial.0.id, number: trial.0.number, time: time, assignment: trial.1,
          retryOf: retryOf.indices.contains(index) ? retryOf[index] : nil))
    }
  }
}
