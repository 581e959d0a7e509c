// Studies on disk: create, ask, report, tell. The one place where storage and samplers meet.
//
// `ask` looks at a snapshot, proposes without a lock, and then appends only if the trial number
// it proposed for is still free; otherwise it looks again. Every decision that depends on the
// state (which number, is this claim still mine) is made inside `Store.commit`, under the
// store's append lock, so that any number of processes may do the same at once.

internal import PlainText
public import StudyModel
package import StudyStorage
internal import Samplers
internal import Synchronization

/// A store together with what makes trials of it. Any number of threads may call it.
public final class StudyDatabase: Sendable {
  package let store: Store
  private let compileConstraints: ConstraintCompiler
  private let makeSampler: SamplerMaker
  private let sessions = Mutex<[StudyID: StudySession]>([:])
  /// The last report, for those who want to wait until it is on disk.
  let lastReport = Mutex<Commit?>(nil)

  /// Makes an evaluator for a space's constraints, or throws what is wrong with them.
  public typealias ConstraintCompiler =
    @Sendable (SearchSpace) throws -> (any ConstraintEvaluator)?

  package init(
    _ store: Store, makingSamplers: @escaping SamplerMaker = SamplerMakers.catalog,
    compilingConstraints: @escaping ConstraintCompiler
  ) {
    self.store = store
    makeSampler = makingSamplers
    compileConstraints = compilingConstraints
  }

  /// Everything recorded up to now, by all processes: a value that never changes, for tables,
  /// StudySQL's queries, and whoever shows something.
  ///
  /// - Throws: why the store cannot be read.
  /// - Complexity: O(what was recorded since the last one).
  public func snapshot() throws -> Snapshot { try store.snapshot() }

  /// The study called `name` as it stands.
  ///
  /// - Throws: ``EngineError/unknownStudy(_:nearest:)`` with the names that look like it.
  public func study(named name: String) throws -> StudyRecord {
    let snapshot = try store.snapshot()
    if let state = snapshot.study(named: name) { return state }
    throw EngineError.unknownStudy(
      name, nearest: nearestNames(to: name, among: snapshot.studies.map(\.study.name)))
  }

  /// The study as it is now, records of other processes included.
  ///
  /// - Throws: ``EngineError/deletedStudy``, and the store's errors.
  public func state(of study: StudyID) throws -> StudyRecord {
    guard let state = try store.snapshot()[study] else {
      dropSession(of: study)
      throw EngineError.unknownStudy("#\(study.rawValue)", nearest: [])
    }
    return state
  }

  /// The one session of a study, begun anew when its definition has changed, or which trials of its
  /// sources count.
  func session(of study: Study) throws -> StudySession {
    let others = try sources(of: study)
    return try sessions.withLock { sessions in
      if let known = sessions[study.id], known.edits == study.edits, known.learnsOfSame(others) {
        return known
      }
      let fresh = try makeSession(study, among: others)
      sessions[study.id] = fresh
      return fresh
    }
  }

  /// Lets go of a study that is no more.
  func dropSession(of study: StudyID) {
    sessions.withLock { _ = $0.removeValue(forKey: study) }
  }

  /// A store that has the study's sources.
  func sources(of study: Study) throws -> Snapshot {
    study.definition.sources.isEmpty ? Snapshot() : try store.snapshot()
  }

  func makeSession(_ study: Study, among others: Snapshot) throws -> StudySession {
    try StudySession(
      study, among: others, makingSampler: makeSampler, compilingConstraints: compileConstraints)
  }
}
