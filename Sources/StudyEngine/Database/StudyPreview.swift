// What a study would do next, without doing it.

internal import PlainText
package import StudyModel
internal import Samplers

extension StudyRecord {
  /// The next trials as a single worker would be given them, each as if those before it were
  /// still running: what is proposed later may depend on results that nobody knows yet.
  ///
  /// - Parameters:
  ///   - starting: what a study that is yet to be made will try first.
  ///   - others: the studies of its store, where it learns from some.
  /// - Returns: at most `count`; fewer when the space is exhausted.
  /// - Throws: ``EngineError``, or what is wrong with the constraints: whatever makes the study
  ///   unusable.
  package func preview(
    _ count: Int, starting: [Assignment] = [], among others: Snapshot = Snapshot(),
    compilingConstraints: StudyDatabase.ConstraintCompiler
  ) throws -> [(number: Int, assignment: Assignment)] {
    let session = try StudySession(
      study, among: others, compilingConstraints: compilingConstraints)
    var state = self
    let first = try starting.map { try session.space.withoutInactive($0) }
    let places = first.indices.map { (id: TrialID(rawValue: UInt64($0)), number: $0) }
    StudyEvent.enqueued(first, in: study.id, at: places, time: study.updated)
      .forEach { state.apply($0) }
    var previews: [(number: Int, assignment: Assignment)] = []
    for trial in state.openTrials.lazy
      .filter({ [state] in $0.state == .waiting && !state.isSetAside(row: $0.row) }).prefix(count)
    {
      let fixed = trial.assignment(in: state)
      let proposal = try state.proposal(trial.number, fixing: fixed, session)
      previews.append((trial.number, proposal?.assignment ?? fixed))
    }
    while previews.count < count {
      let number = state.nextNumber
      guard let proposal = try state.proposal(number, fixing: Assignment(), session) else {
        break
      }
      let creation = TrialCreation(
        id: TrialID(rawValue: UInt64(number)), number: number, time: study.updated,
        assignment: proposal.assignment, proposer: proposal.proposer,
        memory: proposal.memory)
      state.apply(.trialCreated(study.id, creation))
      previews.append((number, proposal.assignment))
    }
    return previews
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
