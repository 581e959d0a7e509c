// What people say of trials, and trials that are run again outside the search.

public import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Records what is said of trials; durable when this returns.
  ///
  /// - Parameter entries: an entry ``TrialMark/dropped(_:reason:)`` needs no state.
  /// - Returns: how many of them changed anything.
  /// - Throws: ``EngineError/unknownTrial(study:number:highest:)``, and
  ///   ``EngineError/openTrial(study:number:state:)`` where one is dropped that has not ended.
  @discardableResult
  public func mark(_ study: StudyID, _ entries: [TrialMarking.Entry]) async throws -> Int {
    let (count, commit) = try store.commit(.decision) { snapshot, context in
      let state = try snapshot.state(of: study)
      for entry in entries {
        let row = try state.row(entry.number)
        if case .dropped = entry.mark, let open = state.openTrial(row) {
          throw EngineError.openTrial(
            study: state.study.name, number: entry.number, state: open.state)
        }
      }
      let marking = try state.marking(entries, time: context.now)
      if marking.entries.isEmpty { return ([], 0) }
      return ([.trialsMarked(study, marking)], marking.entries.count)
    }
    try await store.waitUntilDurable(commit)
    return count
  }

  /// Makes the reruns of trial `number` so many, those counted that are complete or still open:
  /// trials with its parameters that wait to be run, outside the search. Durable when this returns.
  ///
  /// - Returns: the numbers of those that are new.
  /// - Throws: ``EngineError/cannotRerun(study:number:because:)``.
  @discardableResult
  public func requestReruns(
    of number: Int, in study: StudyID, count: Int
  ) async throws -> [Int] {
    let (numbers, commit) = try store.commit(.decision) { snapshot, context in
      let state = try snapshot.state(of: study)
      let parameters = try rerunnable(number, of: state)
      let known = try state.markedRows.count { row, marks in
        guard marks.rerunOf == number, marks.dropped == nil else { return false }
        return try state.state(ofRow: row) != .failed
      }
      let places = try snapshot.places(max(0, count - known), in: study)
      if places.isEmpty { return ([], [Int]()) }
      let numbers = places.map(\.number)
      let reruns = StudyEvent.enqueued(
        numbers.map { _ in parameters }, in: study, at: places, time: context.now)
      let marking = TrialMarking(
        numbers.map { TrialMarking.Entry($0, .rerun(of: number, ended: nil)) }, time: context.now)
      return (reruns + [.trialsMarked(study, marking)], numbers)
    }
    try await store.waitUntilDurable(commit)
    return numbers
  }

  /// The parameters of trial `number`, which must have ended and leave nothing open.
  private func rerunnable(_ number: Int, of state: StudyRecord) throws -> Assignment {
    let row = try state.row(number)
    func refusal(_ reason: String, try suggestions: [String] = []) -> EngineError {
      .cannotRerun(
        study: state.study.name, number: number, because: reason, suggestions: suggestions)
    }
    if let open = state.openTrial(row) { throw refusal("it is \(open.state.name)") }
    if let original = state.marks(ofRow: row).rerunOf {
      throw refusal(
        "it is a rerun of trial \(original) itself",
        try: ["cairn rerun \(state.study.name) \(original)"])
    }
    let parameters = try state.trial(row).assignment
    let space = try session(of: state.study).space
    for parameter in space.space.parameters where parameters.entry(parameter.name) == nil {
      guard try space.isActive(parameter, in: parameters) else { continue }
      throw refusal("it has no \(parameter.name), which the study's space has now")
    }
    return parameters
  }
}
