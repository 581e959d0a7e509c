// What a study would do next, without doing it.

internal import PlainText
package import StudyModel
internal import Samplers

extension StudyState {
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
    StudyEvent.enqueued(
      first, in: study.id, identities: TrialID(rawValue: 0), number: trials.nextNumber,
      time: study.updated
    ).forEach { state.apply($0) }
    var previews: [(number: Int, assignment: Assignment)] = []
    let waiting = state.trials.openRows.filter { state.trials.states[$0] == .waiting }
    for row in waiting.prefix(count) {
      let fixed = state.trials.assignment(ofRow: row)
      let number = state.trials.numbers[row]
      previews.append(
        (number, try state.propose(number, fixing: fixed, components)?.assignment ?? fixed))
    }
    while previews.count < count {
      let number = state.trials.nextNumber
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
    do throws(SamplerError) {
      return try components.sampler.propose(
        trial: number, in: components.space, fixing: fixed, given: History(self),
        remembering: samplerMemory)
    } catch {
      if case .exhausted = error { return nil }
      throw EngineError.unusable(study: study.name, because: error.explanation)
    }
  }
}
