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
  private let components = Mutex<[StudyID: StudyComponents]>([:])
  /// The last report, for those who want to wait until it is on disk.
  let lastReport = Mutex<Commit?>(nil)

  /// Makes an evaluator for a space's constraints, or throws what is wrong with them.
  public typealias ConstraintCompiler =
    @Sendable (SearchSpace) throws -> (any ConstraintEvaluator)?

  package init(_ store: Store, compilingConstraints: @escaping ConstraintCompiler) {
    self.store = store
    compileConstraints = compilingConstraints
  }

  /// Everything recorded up to now, by all processes.
  package func snapshot() throws -> Snapshot { try store.snapshot() }

  /// The study called `name` as it stands.
  ///
  /// - Throws: ``EngineError/unknownStudy(_:nearest:)`` with the names that look like it.
  public func study(named name: String) throws -> StudyState {
    let snapshot = try store.snapshot()
    if let state = snapshot.study(named: name) { return state }
    throw EngineError.unknownStudy(
      name, nearest: nearestNames(to: name, among: snapshot.studies.map(\.study.name)))
  }

  public func state(of study: StudyID) throws -> StudyState {
    guard let state = try store.snapshot()[study] else {
      throw EngineError.unknownStudy("#\(study.rawValue)", nearest: [])
    }
    return state
  }

  /// Sampler, pruner and constraints of a study, made anew when its definition has changed.
  func components(for study: Study) throws -> StudyComponents {
    try components.withLock { cache in
      if let known = cache[study.id], known.edits == study.edits { return known }
      let fresh = try makeComponents(study)
      cache[study.id] = fresh
      return fresh
    }
  }

  func makeComponents(_ study: Study) throws -> StudyComponents {
    try StudyComponents(study, compilingConstraints: compileConstraints)
  }
}

/// What a study's definition names, made.
struct StudyComponents: Sendable {
  let edits: Int
  let sampler: any Sampler
  let pruner: any Pruner
  let space: ConstrainedSpace

  init(
    _ study: Study, compilingConstraints: StudyDatabase.ConstraintCompiler
  ) throws {
    edits = study.edits
    let definition = study.definition
    do {
      sampler = try makeSampler(definition.sampler, seed: definition.seed)
      pruner = try makePruner(definition.pruner, objectives: definition.objectives)
      space = ConstrainedSpace(
        definition.space, evaluator: try compilingConstraints(definition.space))
    } catch let error as SamplerError {
      throw EngineError.unusable(study: study.name, because: error.explanation)
    }
  }
}
