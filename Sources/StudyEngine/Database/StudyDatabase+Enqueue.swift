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
      let first = try snapshot.state(of: study).trials.nextNumber
      let events = StudyEvent.enqueued(
        assignments, in: study, identities: snapshot.nextTrialID, number: first,
        time: context.now, retryOf: retryOf)
      return (events, Array(first..<first + assignments.count))
    }
    try await store.waitUntilDurable(commit)
    return numbers
  }

  /// Enqueues finished trials again with the same parameters; they themselves never change.
  public func retry(_ study: StudyID, trials numbers: [Int]) async throws -> [Int] {
    let state = try state(of: study)
    let assignments = try numbers.map { state.trials.assignment(ofRow: try state.row($0)) }
    return try await enqueue(study, assignments, retryOf: numbers)
  }
}

extension StudyEvent {
  /// New trials that wait with these parameters given, numbered and identified from the first on.
  static func enqueued(
    _ assignments: [Assignment], in study: StudyID, identities first: TrialID, number: Int,
    time: Timestamp, retryOf: [Int?] = []
  ) -> [StudyEvent] {
    assignments.enumerated().map { index, assignment in
      .trialCreated(
        study,
        TrialCreation(
          id: TrialID(rawValue: first.rawValue + UInt64(index)), number: number + index,
          time: time, assignment: assignment,
          retryOf: retryOf.indices.contains(index) ? retryOf[index] : nil))
    }
  }
}
