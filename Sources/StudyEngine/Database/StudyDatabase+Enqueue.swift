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
      let events = assignments.enumerated().map { index, assignment in
        StudyEvent.trialCreated(
          study,
          TrialCreation(
            id: TrialID(rawValue: snapshot.nextTrialID.rawValue + UInt64(index)),
            number: first + index, time: context.now, assignment: assignment,
            retryOf: retryOf.indices.contains(index) ? retryOf[index] : nil))
      }
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
