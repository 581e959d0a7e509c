// What a study would do next, without doing it.

internal import PlainText
package import StudyModel
internal import Samplers

extension StudyRecord {
  /// The next trials as a single worker would be given them, each as if those before it were
  /// still running: what is proposed later may depend on results that nobody knows yet.
  ///
  /// - Returns: at most `count`; fewer when the space is exhausted.
  /// - Throws: ``EngineError``, or what is wrong with the constraints: whatever makes the study
  ///   unusable.
  package func preview(
    _ count: Int, compilingConstraints: StudyDatabase.ConstraintCompiler
  ) throws -> [(number: Int, assignment: Assignment)] {
    let session = try StudySession(study, compilingConstraints: compilingConstraints)
    var state = self
    var trials: [(number: Int, assignment: Assignment)] = []
    for trial in state.openTrials.lazy.filter({ $0.state == .waiting }).prefix(count) {
      let fixed = trial.assignment(in: state)
      let proposal = try state.proposal(trial.number, fixing: fixed, session)
      trials.append((trial.number, proposal?.assignment ?? fixed))
    }
    while trials.count < count {
      let number = state.nextNumber
      guard let proposal = try state.proposal(number, fixing: Assignment(), session) else {
        break
      }
      let creation = TrialCreation(
        id: TrialID(rawValue: UInt64(number)), number: number, time: study.updated,
        assignment: proposal.assignment, proposer: proposal.proposer,
        memory: proposal.memory)
      state.apply(.trialCreated(study.id, creation))
      trials.append((number, proposal.assignment))
    }
    return trials
  }

  /// Nil when the space is exhausted.
  private func proposal(
    _ number: Int, fixing fixed: Assignment, _ session: StudySession
  ) throws -> Proposal? {
    do {
      return try session.propose(number, fixing: fixed, given: self)
    } catch SamplerError.exhausted {
      return nil
    }
  }
}
