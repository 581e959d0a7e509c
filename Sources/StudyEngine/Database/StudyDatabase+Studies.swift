// Studies come, change and go.

public import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Records a new study; durable when this returns.
  ///
  /// - Parameter starting: what is tried first, as the trials 0, 1, …; what they leave open is
  ///   sampled when they run, and what does not exist beside the rest is left out.
  /// - Throws: ``EngineError/studyExists(_:)``, and whatever makes `definition` unusable.
  public func createStudy(
    _ name: String, _ definition: StudyDefinition, starting: [Assignment] = []
  ) async throws -> StudyID {
    let space = try check(definition, of: name).space
    let first = try starting.map { try space.withoutInactive($0) }
    let (id, commit) = try store.commit(.decision) { snapshot, context in
      guard snapshot.study(named: name) == nil else { throw EngineError.studyExists(name) }
      let id = snapshot.nextStudyID
      guard id.rawValue < .max else {
        throw StorageError.exhausted(path: store.path, what: "studies' numbers")
      }
      let trials = StudyEvent.enqueued(
        first, in: id, identities: snapshot.nextTrialID, number: 0, time: context.now)
      return (
        [.studyCreated(id: id, name: name, definition: definition, time: context.now)] + trials,
        id
      )
    }
    try await store.waitUntilDurable(commit)
    return id
  }

  /// Replaces a study's definition, on purpose; recorded in its history.
  ///
  /// - Parameter study: as it was when the new definition was made of its old one.
  /// - Throws: ``EngineError/editedMeanwhile(study:)`` when somebody else has changed it since:
  ///   look at it again and decide anew. Nothing is recorded then.
  public func editStudy(_ study: Study, _ definition: StudyDefinition) async throws {
    try check(definition, of: study.name)
    try await commit(to: study.id) { state, context in
      guard state.study.edits == study.edits else {
        throw EngineError.editedMeanwhile(study: study.name)
      }
      return [.studyEdited(study.id, definition: definition, time: context.now)]
    }
  }

  /// Deletes a study with all its trials. Its files (``TrialFiles``) are the caller's to remove.
  ///
  /// - Parameter evenIfRunning: also while other living processes hold trials of it; what they
  ///   report from then on is refused.
  /// - Throws: ``EngineError/heldElsewhere(study:number:worker:)``.
  public func deleteStudy(_ study: StudyID, evenIfRunning: Bool = false) async throws {
    try await commit(to: study) { state, context in
      if !evenIfRunning {
        for row in state.trials.openRows { try refuseIfHeldElsewhere(row, of: state, context) }
      }
      return [.studyDeleted(study, time: context.now)]
    }
  }

  /// Asks the workers of a study to stop, or those of one trial.
  public func requestStop(_ study: StudyID, trial: Int? = nil) async throws {
    try await commit(to: study) { state, context in
      if let trial { _ = try state.openRow(trial) }
      return [.stopRequested(study, trial: trial, time: context.now)]
    }
  }

  /// Makes what the definition names, to learn whether it can be made.
  @discardableResult
  private func check(
    _ definition: StudyDefinition, of name: String
  ) throws -> StudyComponents {
    let study = Study(
      id: StudyID(rawValue: 0), name: name, definition: definition,
      created: Timestamp(rawValue: 0))
    return try makeComponents(study)
  }

  /// Commits what `decide` answers to the study's state under the lock; durable on return.
  func commit(
    to study: StudyID,
    _ decide: (StudyState, CommitContext) throws -> [StudyEvent]
  ) async throws {
    let (_, commit) = try store.commit(.decision) { snapshot, context in
      (try decide(try snapshot.state(of: study), context), ())
    }
    try await store.waitUntilDurable(commit)
  }
}

extension Snapshot {
  func state(of study: StudyID) throws -> StudyState {
    guard let state = self[study] else { throw EngineError.deletedStudy }
    return state
  }
}

extension StudyState {
  /// The row of trial `number`.
  ///
  /// - Throws: when there is none.
  func row(_ number: Int) throws -> Int {
    guard let row = trials.row(ofNumber: number) else {
      throw EngineError.unknownTrial(
        study: study.name, number: number, highest: trials.numbers.last)
    }
    return row
  }

  /// The row of trial `number`, which must be waiting or running.
  func openRow(_ number: Int) throws -> Int {
    let row = try row(number)
    let state = trials.states[row]
    if state.isFinished {
      throw EngineError.finishedTrial(study: study.name, number: number, state: state)
    }
    return row
  }
}
