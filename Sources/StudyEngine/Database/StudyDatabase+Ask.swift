// Ask: the next trial to run.

internal import PlainText
public import StudyModel
internal import Samplers
internal import StudyStorage

/// A trial in a worker's hands.
public struct AskedTrial: Hashable, Sendable {
  public let study: StudyID
  public let number: Int
  public let claim: ClaimID
  /// 1 for its first attempt.
  public let attempt: Int
  public let assignment: Assignment
}

/// What came of asking.
public enum AskOutcome: Hashable, Sendable {
  case trial(AskedTrial)
  /// The study has its trials, or will when those that run have ended; `running` of them do.
  case noPlace(running: Int)
  /// Nothing is left to propose.
  case exhausted(tried: Int)
}

extension StudyDatabase {
  /// Claims a trial for `worker`: a waiting one (interrupted, enqueued, or left by a dead
  /// worker) before a new one. Durable when this returns.
  ///
  /// - Parameters:
  ///   - lease: what ends the claim on its own.
  ///   - keepingTarget: whether the study's number of trials is respected; people who ask by
  ///     hand may go beyond it.
  ///   - releasing: is called with each attempt whose worker has died before its trial is given
  ///     away again, to end what may still be running of it.
  /// - Throws: ``EngineError``, a sampler's error, or the store's.
  public func ask(
    _ study: StudyID, for worker: Worker, lease: Lease = .held, keepingTarget: Bool = true,
    code: String? = nil, releasing: @Sendable (Attempt, _ number: Int) async -> Void = { _, _ in }
  ) async throws -> AskOutcome {
    try await releaseLost(study, releasing: releasing)
    while true {
      let plan = try planAsk(study, keepingTarget: keepingTarget)
      switch plan {
      case .noPlace(let running): return .noPlace(running: running)
      case .exhausted(let tried): return .exhausted(tried: tried)
      case .claim(let number, let added, let creation):
        let request = ClaimRequest(
          study: study, number: number, added: added, creation: creation, lease: lease,
          worker: worker, code: code)
        let (trial, commit) = try store.commit(.decision) { snapshot, context in
          try request.decide(snapshot, context)
        }
        guard let trial else { continue }  // another worker was faster: look again
        try await store.waitUntilDurable(commit)
        return .trial(trial)
      }
    }
  }

  private enum AskPlan {
    case noPlace(running: Int)
    case exhausted(tried: Int)
    /// Claim trial `number`: a waiting one, with the parameters it lacks, or a new one.
    case claim(number: Int, added: Assignment, creation: Creation?)
  }

  /// Decides what to ask for, without a lock. The snapshot is let go on return, so that the
  /// append that follows changes its columns in place.
  private func planAsk(_ study: StudyID, keepingTarget: Bool) throws -> AskPlan {
    let state = try state(of: study)
    let components = try components(for: state.study)
    let trials = state.trials
    for row in trials.openRows where trials.states[row] == .waiting {
      // Nil: it fixes nothing, and nothing is left to try. It goes on waiting.
      guard let added = try missingParameters(ofRow: row, of: state, components) else { continue }
      return .claim(number: trials.numbers[row], added: added, creation: nil)
    }
    if keepingTarget, let target = state.study.definition.targetTrials,
      trials.accomplishedCount + trials.openRows.count >= target
    {
      return .noPlace(running: trials.openRows.count)
    }
    let number = trials.nextNumber
    do throws(SamplerError) {
      let proposal = try components.sampler.propose(
        trial: number, in: components.space, fixing: Assignment(), given: History(state),
        remembering: state.samplerMemory)
      return .claim(
        number: number, added: Assignment(),
        creation: Creation(proposal: proposal, proposer: components.sampler.name))
    } catch {
      if case .exhausted(let tried) = error { return .exhausted(tried: tried) }
      throw EngineError.unusable(study: state.study.name, because: error.explanation)
    }
  }

  /// The parameters that a waiting trial needs and lacks: an enqueued one may fix only some.
  private func missingParameters(
    ofRow row: Int, of state: StudyState, _ components: StudyComponents
  ) throws -> Assignment? {
    let fixed = state.trials.assignment(ofRow: row)
    let isComplete = try components.space.space.parameters.allSatisfy { parameter in
      try fixed.entry(parameter.name) != nil
        || !components.space.isActive(parameter, in: fixed)
    }
    if isComplete { return Assignment() }
    do throws(SamplerError) {
      let proposal = try components.sampler.propose(
        trial: state.trials.numbers[row], in: components.space, fixing: fixed,
        given: History(state), remembering: state.samplerMemory)
      return Assignment(proposal.assignment.entries.filter { fixed.entry($0.name) == nil })
    } catch {
      if case .exhausted = error { return nil }
      throw EngineError.unusable(study: state.study.name, because: error.explanation)
    }
  }
}

/// What a sampler proposed, and which one it was.
private struct Creation {
  let proposal: Proposal
  let proposer: String
}

/// What is decided under the append lock: whether the plan still holds, and the events of it.
private struct ClaimRequest {
  let study: StudyID
  let number: Int
  let added: Assignment
  let creation: Creation?
  let lease: Lease
  let worker: Worker
  let code: String?

  func decide(
    _ snapshot: Snapshot, _ context: CommitContext
  ) throws -> (events: [StudyEvent], result: AskedTrial?) {
    let state = try snapshot.state(of: study)
    var events: [StudyEvent] = []
    var assignment: Assignment
    var attempt = 1
    if let creation {
      guard state.trials.nextNumber == number else { return ([], nil) }
      assignment = creation.proposal.assignment
      events.append(
        .trialCreated(
          study,
          TrialCreation(
            id: snapshot.nextTrialID, number: number, time: context.now,
            assignment: assignment, proposer: creation.proposer,
            memory: creation.proposal.memory)))
    } else {
      guard let row = state.trials.row(ofNumber: number), state.trials.states[row] == .waiting
      else { return ([], nil) }
      assignment = state.trials.assignment(ofRow: row)
      attempt = state.trials.attemptCount(ofRow: row) + 1
      for entry in added.entries {
        assignment.set(entry.name, entry.distribution, entry.internalValue)
        events.append(
          .parameterSet(
            study, trial: number, name: entry.name, entry.distribution,
            internalValue: entry.internalValue))
      }
    }
    events.append(
      .trialClaimed(
        study, trial: number,
        TrialClaim(
          claim: context.claim, lease: lease, host: worker.host, worker: worker.name,
          time: context.now)))
    if let code {
      events.append(
        .trialAttributeSet(
          study, trial: number, .system, key: "code", value: code.jsonQuoted))
    }
    let trial = AskedTrial(
      study: study, number: number, claim: context.claim, attempt: attempt,
      assignment: assignment)
    return (events, trial)
  }
}
