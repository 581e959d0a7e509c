// A study that comes from elsewhere, as one: all of it is there in the end, or nothing.
//
// Its trials are recorded in many frames, since one would be too large and hold up others. Until
// the last of them, the study is a draft: it has its identity, and nobody sees it. A draft whose
// importer has died is taken away by whoever creates or imports a study next.
//
// Finished trials go by the thousand, as columns that become a block of the model as they are.
// Those that wait, or that reported by step, are told of one by one, as if they had been run here.

public import StudyModel
internal import StudyStorage

/// A study under way into a store. One thread at a time may use it.
public struct StudyImport: ~Copyable {
  /// So many records are one frame, and so long others wait at most.
  private static let frameRecords = 2048
  /// So many trials are a block of the model: batches end where blocks do.
  private static let blockTrials = 4096
  /// After so many trials, those that were recorded go to a checkpoint and from memory.
  private static let checkpointTrials = 131_072

  private let store: Store
  /// The identity that the study will have.
  public let study: StudyID
  private let name: String
  private let definition: StudyDefinition
  /// How many trials are recorded or on their way.
  private var count = 0
  /// What goes into the next frame: a batch, or trials one by one.
  private var batch: TrialBatch
  private var pieces: [Piece] = []
  private var records = 0
  /// The trial that came last; its reports may follow.
  private var current: ImportedTrial?
  /// Whether the current trial's beginning is among the pieces, or recorded.
  private var isBegun = false
  /// The claim of the current trial, once its beginning is recorded.
  private var claim: ClaimID?
  /// The last values of the metrics, where some are bounded.
  private var lastValues: [String: (step: Int64, value: Double)] = [:]
  /// What is said of trials.
  private var marks: [TrialMarking.Entry] = []

  private enum Piece {
    case beginning(ImportedTrial)
    case report(ImportedTrial, ImportedReport)
    case ending(ImportedTrial, violations: [Double])
  }

  fileprivate init(_ store: Store, _ study: StudyID, _ name: String, _ definition: StudyDefinition)
  {
    self.store = store
    self.study = study
    self.name = name
    self.definition = definition
    batch = Self.emptyBatch(definition)
  }

  /// Adds a trial, behind those before it. Its reports follow.
  ///
  /// - Throws: what the store throws, as do the others.
  public mutating func append(_ trial: ImportedTrial) throws {
    try endTrial()
    current = trial
  }

  /// Adds what the last trial reported.
  public mutating func append(_ report: ImportedReport) throws {
    guard let current else { preconditionFailure("a report before the first trial") }
    if !definition.bounds.isEmpty, report.step >= lastValues[report.metric]?.step ?? .min {
      lastValues[report.metric] = (report.step, report.value)
    }
    try beginTrial(current)
    try add(.report(current, report), 1)
  }

  /// Makes the study appear, whole and durable.
  ///
  /// - Throws: ``EngineError/studyExists(_:)`` where another was made under its name meanwhile,
  ///   beside what the store throws. It is taken away then.
  public consuming func publish() async throws -> StudyID {
    do {
      try endTrial()
      try flush()
      try recordMarks()
      let (store, study, name) = (store, study, name)
      let (_, commit) = try store.commit(.decision) { snapshot, context in
        guard snapshot.study(named: name) == nil else { throw EngineError.studyExists(name) }
        guard snapshot[study]?.study.isDraft == true else { throw EngineError.deletedStudy }
        return (
          [
            .studyAttributeSet(
              study, .system, key: Study.draftKey, value: nil, time: context.now)
          ], ()
        )
      }
      try await store.waitUntilDurable(commit)
      // So that the next to open the store need not read the log. The log has it all, should this
      // fail.
      _ = try? store.seal(waits: false)
      return study
    } catch {
      // What went wrong first is what is told.
      try? discard()
      throw error
    }
  }

  /// Takes away what was recorded.
  public consuming func discard() throws {
    let study = study
    _ = try store.commit(.report) { snapshot, context in
      (snapshot[study] == nil ? [] : [.studyDeleted(study, time: context.now)], ())
    }
  }

  private mutating func endTrial() throws {
    guard let trial = current else { return }
    current = nil
    let last = lastValues
    lastValues.removeAll(keepingCapacity: true)
    let violations =
      trial.state.isFinished && !definition.bounds.isEmpty
      ? definition.bounds.violations(of: trial.values, definition.objectives) { last[$0]?.value }
      : []
    if isBegun || !trial.state.isFinished {
      try beginTrial(trial)
      try add(.ending(trial, violations: violations), 1)
    } else {
      if !pieces.isEmpty || !batch.takes(trial) { try flush() }
      batch.append(trial, violations: violations)
    }
    marks += trial.marking
    isBegun = false
    count += 1
    if count % Self.blockTrials == 0 { try flush() }
    if count % Self.checkpointTrials == 0 { store.beginCheckpoint() }
  }

  /// Says of trials what is said of them: once all are there, since it is then that the best are
  /// known of those that are left.
  private mutating func recordMarks() throws {
    let study = study
    while !marks.isEmpty {
      let entries = Array(marks.prefix(Self.frameRecords))
      marks.removeFirst(entries.count)
      _ = try store.commit(.report) { snapshot, context in
        guard let state = snapshot[study], state.study.isDraft else {
          throw EngineError.deletedStudy
        }
        let marking = try state.marking(entries, time: context.now)
        return (marking.entries.isEmpty ? [] : [.trialsMarked(study, marking)], ())
      }
    }
  }

  private mutating func beginTrial(_ trial: ImportedTrial) throws {
    if isBegun { return }
    if batch.count > 0 { try flush() }
    isBegun = true
    try add(.beginning(trial), 1 + trial.assignment.entries.count + trial.attributes.count)
  }

  private mutating func add(_ piece: Piece, _ count: Int) throws {
    pieces.append(piece)
    records += count
    if records >= Self.frameRecords { try flush() }
  }

  private mutating func flush() throws {
    if batch.count > 0 {
      batch.finish()
      let (study, batch) = (study, batch)
      _ = try store.commit(.report) { snapshot, context in
        guard snapshot[study]?.study.isDraft == true else { throw EngineError.deletedStudy }
        guard snapshot.firstTrials(batch.count) != nil else {
          throw EngineError.noNumbersLeft(study: "the import")
        }
        var recorded = batch
        recorded.firstID = snapshot.nextTrialID
        recorded.claim = context.claim
        return ([.trialsImported(study, recorded)], ())
      }
      self.batch = Self.emptyBatch(definition)
    }
    if pieces.isEmpty { return }
    let (study, pieces, known) = (study, pieces, claim)
    let (claim, _) = try store.commit(.report) { snapshot, context in
      guard snapshot[study]?.study.isDraft == true else { throw EngineError.deletedStudy }
      return try Self.events(
        pieces, of: study, id: snapshot.nextTrialID, claim: known, new: context.claim)
    }
    // A trial whose reports go on in the next frame keeps the claim that it was given.
    self.claim = claim
    self.pieces.removeAll(keepingCapacity: true)
    records = 0
  }

  private static func emptyBatch(_ definition: StudyDefinition) -> TrialBatch {
    TrialBatch(
      firstID: TrialID(rawValue: 0), claim: ClaimID(epoch: 0, sequence: 0),
      objectives: definition.objectives.count, bounds: definition.bounds.count)
  }

  /// - Returns: and the claim of the trial that is not at its end yet.
  private static func events(
    _ pieces: [Piece], of study: StudyID, id: TrialID, claim known: ClaimID?, new: ClaimID
  ) throws -> (events: [StudyEvent], result: ClaimID?) {
    var events: [StudyEvent] = []
    events.reserveCapacity(3 * pieces.count)
    var claim = known
    var id = id.rawValue
    for piece in pieces {
      switch piece {
      case .beginning(let trial):
        claim = new
        events += trial.beginning(of: study, id: TrialID(rawValue: id), claim: new)
        let (next, overflow) = id.addingReportingOverflow(1)
        if overflow { throw EngineError.noNumbersLeft(study: "the import") }
        id = next
      case .report(let trial, let report):
        events.append(trial.event(report, of: study, claim: claim ?? new))
      case .ending(let trial, let violations):
        if let event = trial.ending(of: study, claim: claim ?? new, violations: violations) {
          events.append(event)
        }
      }
    }
    return (events, claim)
  }
}

extension StudyDatabase {
  /// Begins a study that others see when ``StudyImport/publish()`` has returned, and never when
  /// this process dies before.
  ///
  /// - Throws: ``EngineError/studyExists(_:)``, and whatever makes `definition` unusable.
  public func importStudy(
    _ name: String, _ definition: StudyDefinition
  ) throws -> StudyImport {
    try check(definition, of: name)
    let (study, _) = try store.commit(.report) { snapshot, context in
      guard snapshot.study(named: name) == nil else { throw EngineError.studyExists(name) }
      let id = snapshot.nextStudyID
      guard id.rawValue < .max else {
        throw StorageError.exhausted(path: store.path, what: "studies' numbers")
      }
      return (
        StudyEvent.sweepingDrafts(of: snapshot, context) + [
          .studyCreated(id: id, name: name, definition: definition, time: context.now),
          .studyAttributeSet(
            id, .system, key: Study.draftKey, value: String(context.claim.epoch),
            time: context.now),
        ], id
      )
    }
    return StudyImport(store, study, name, definition)
  }
}

extension StudyEvent {
  /// Takes away the drafts whose importers have died.
  static func sweepingDrafts(of snapshot: Snapshot, _ context: CommitContext) -> [StudyEvent] {
    snapshot.drafts.filter { draft in
      draft.study.draftOwner.map { !context.liveness.isAlive(epoch: $0) } ?? true
    }.map { .studyDeleted($0.study.id, time: context.now) }
  }
}
