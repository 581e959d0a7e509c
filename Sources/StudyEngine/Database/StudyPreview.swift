// What a study would do next, without doing it.

internal import PlainText
package import StudyModel
internal import Samplers

extension StudyRecord {
  /// The next trials as a single worker would be given them, each as if those before it were
  /// still running: what is proposed later may depend on results that nobody knows yet.
  ///
  /// - Parameter starting: what a study that is yet to be made will try first.
  /// - Returns: at most `count`; fewer when the space is exhausted.
  /// - Throws: ``EngineError``, or what is wrong with the constraints: whatever makes the study
  ///   unusable.
  package func preview(
    _ count: Int, starting: [Assignment] = [],
    compilingConstraints: StudyDatabase.ConstraintCompiler
  ) throws -> [(number: Int, assignment: Assignment)] {
    let components = try StudyComponents(study, compilingConstraints: compilingConstraints)
    var state = self
    let first = try starting.map { try components.space.withoutInactive($0) }
    let places = first.indices.map { (id: TrialID(rawValue: UInt64($0)), number: $0) }
    StudyEvent.enqueued(first, in: study.id, at: places, time: study.updated)
      .forEach { state.apply($0) }
    var previews: [(number: Int, assignment: Assignment)] = []
    for trial in state.openTrials.lazy.filter({ $0.state == .waiting }).prefix(count) {
      let fixed = trial.assignment(in: state)
      let proposal = try state.propose(trial.number, fixing: fixed, components)
      previews.append((trial.number, proposal?.assignment ?? fixed))
    }
    while previews.count < count {
      let number = state.nextNumber
      guard let proposal = try state.propose(number, fixing: Assignment(), components) else {
        break
      }
      let creation = TrialCreation(
        id: TrialID(rawValue: UInt64(number)), number: number, time: study.updated,
        assignment: proposal.assignment, proposer: study.definition.sampler.name,
        memory: proposal.memory)
      state.apply(.trialCreated(study.id, creation))
      previews.append((number, proposal.assignment))
    }
    return previews
  }

  /// Nil when the space is exhausted.
  private func propose(
    _ number: Int, fixing fixed: Assignment, _ components: StudyComponents
  ) throws -> Proposal? {
    let history = try History(self, loading: components.sampler.needs)
    do throws(SamplerError) {
      return try components.sampler.propose(
        trial: number, in: components.space, fixing: fixed, given: history,
        remembering: samplerMemory)
    } catch {
      if case .exhausted = error { return nil }
      throw EngineError.unusable(study: study.name, because: error.explanation)
    }
  }
}
