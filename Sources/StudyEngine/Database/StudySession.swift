// What works on a study while its database is open: a sampler and a pruner with what they keep.

package import StudyModel
package import Samplers
internal import Synchronization

/// Makes the sampler that a study names, or throws why there is none.
package typealias SamplerMaker =
  @Sendable (ComponentChoice, _ seed: UInt64) throws(SamplerError) -> any Sampler

/// Where samplers come from.
package enum SamplerMakers {
  /// From the samplers that the program knows.
  package static let catalog: SamplerMaker = { choice, seed throws(SamplerError) in
    try makeSampler(choice, seed: seed)
  }
}

/// What a study's definition names, at work: one a study and process. Several threads may use
/// it; they take turns.
final class StudySession: Sendable {
  /// How often the study had been edited when this was made.
  let edits: Int
  let space: ConstrainedSpace
  private let maker: any Sampler
  private let sampler: Mutex<any SamplerSession>
  private let sources: [SourceHistory]
  private let pruner: Mutex<any PrunerSession>

  /// - Parameter others: where the study's sources are; those that have been deleted are missing.
  init(
    _ study: Study, among others: Snapshot, makingSampler: SamplerMaker = SamplerMakers.catalog,
    compilingConstraints: StudyDatabase.ConstraintCompiler
  ) throws {
    edits = study.edits
    let definition = study.definition
    do {
      maker = try makingSampler(definition.sampler, definition.seed)
      sampler = Mutex(maker.session())
      if !definition.sources.isEmpty { try requireBorrowing(definition.sampler) }
      sources = definition.sources.compactMap { source in
        others[source.study].map { SourceHistory(source, $0) }
      }
      pruner = Mutex(
        try makePruner(definition.pruner, objectives: definition.objectives).session())
      space = ConstrainedSpace(
        definition.space, evaluator: try compilingConstraints(definition.space))
    } catch let error as SamplerError {
      throw EngineError.unusable(study: study.name, because: error.explanation)
    }
  }

  /// Whether the sources are there and have the trials that count, as they do in `others`.
  func learnsOfSame(_ others: Snapshot) -> Bool {
    sources.allSatisfy { source in
      let now = others[source.source.study].map { History($0).setAsideFingerprint }
      return now == source.history.setAsideFingerprint
    }
  }

  /// What is proposed for trial `number` of `state`.
  ///
  /// - Throws: ``SamplerError/exhausted(tried:)`` when nothing is left,
  ///   ``EngineError/unusable(study:reason:)``, or why trials cannot be read.
  func propose(
    _ number: Int, fixing fixed: Assignment = Assignment(), given state: StudyRecord
  ) throws -> Proposal {
    let request = ProposalRequest(
      number: number, in: space, fixing: fixed,
      given: History(state), borrowing: sources,
      remembering: state.samplerMemory)
    return try sampler.withLock { session in
      do {
        return try session.propose(request)
      } catch let error as SamplerError {
        if case .exhausted = error { throw error }
        throw EngineError.unusable(study: state.study.name, because: error.explanation)
      } catch {
        session = maker.session()
        throw error
      }
    }
  }

  /// Whether the trial in `row`, which reported last at `step`, shall go on.
  ///
  /// - Throws: when curves cannot be read.
  func judge(row: Int, at step: Int64, given state: StudyRecord) throws -> Judgement {
    try pruner.withLock {
      try $0.judge(JudgementRequest(row: row, at: step, given: History(state)))
    }
  }
}
