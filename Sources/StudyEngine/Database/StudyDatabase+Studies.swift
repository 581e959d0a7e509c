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
      guard let places = snapshot.firstTrials(first.count) else {
        throw EngineError.noNumbersLeft(study: name)
      }
      let trials = StudyEvent.enqueued(first, in: id, at: places, time: context.now)
      return (
        StudyEvent.sweepingDrafts(of: snapshot, context)
          + [.studyCreated(id: id, name: name, definition: definition, time: context.now)] + trials,
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
        for trial in state.openTrials { try refuseIfHeldElsewhere(trial, of: state, context) }
      }
      return [.studyDeleted(study, time: context.now)]
    }
    dropSession(of: study)
  }

  /// Asks the workers of a study to stop, or those of one trial.
  public func requestStop(_ study: StudyID, trial: Int? = nil) async throws {
    try await commit(to: study) { state, context in
      if let trial { _ = try state.openTrial(number: trial) }
      return [.stopRequested(study, trial: trial, time: context.now)]
    }
  }

  /// Makes what the definition names, to learn whether it can be made.
  @discardableResult
  func check(
    _ definition: StudyDefinition, of name: String
  ) throws -> StudySession {
    let study = Study(
      id: StudyID(rawValue: 0), name: name, definition: definition,
      created: Timestamp(rawValue: 0))
    return try makeSession(study, among: sources(of: study))
  }

  /// Commits what `decide` answers to the study's state under the lock; durable on return.
  func commit(
    to study: StudyID,
    _ decide: (StudyRecord, CommitContext) throws -> [StudyEvent]
  ) async throws {
    let (_, commit) = try store.commit(.decision) { snapshot, context in
      (try decide(try snapshot.state(of: study), context), ())
    }
    try await store.waitUntilDurable(commit)
  }
}

extension Snapshot {
  func state(of study: StudyID) throws -> StudyRecord {
    guard let state = self[study] else { throw EngineError.deletedStudy }
    return state
  }

  /// The identities and numbers of the next `count` trials of `study`.
  func places(_ count: Int, in study: StudyID) throws -> [(id: TrialID, number: Int)] {
    let name = try state(of: study).study.name
    guard let places = nextTrials(count, of: study) else {
      throw EngineError.noNumbersLeft(study: name)
    }
    return places
  }
}

extension StudyRecord {
  /// The row of trial `number`.
  ///
  /// - Throws: when there is none.
  func row(_ number: Int) throws -> Int {
    guard let row = row(ofNumber: number) else {
      throw EngineError.unknownTrial(
        study: study.name, number: number, highest: trialCount > 0 ? nextNumber - 1 : nil)
    }
    return row
  }

  /// Trial `number`, which must be waiting or running.
  func openTrial(number: Int) throws -> OpenTrial {
    let row = try row(number)
    guard let trial = openTrial(row) else {
      throw EngineError.finishedTrial(
        study: study.name, number: number, state: try state(ofRow: row))
    }
    return trial
  }
}
