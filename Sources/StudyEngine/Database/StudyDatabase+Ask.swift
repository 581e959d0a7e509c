// Ask: the next trial to run.

internal import PlainText
public import StudyModel
internal import Samplers
internal import StudyStorage

/// A trial in a worker's hands.
public struct AskedTrial: Hashable, Sendable {
  /// Whose trial it is.
  public let study: StudyID
  /// The trial's number in its study, from 0.
  public let number: Int
  /// What reports and results must show, so that a worker believed dead changes nothing.
  public let claim: ClaimID
  /// 1 for its first attempt.
  public let attempt: Int
  /// The parameters to run with.
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
  ///   - rerunsOf: the trial whose waiting reruns are asked for, and nothing else; nil: the search
  ///     is, and no rerun.
  ///   - releasing: is called with each attempt whose worker has died before its trial is given
  ///     away again, to end what may still be running of it.
  /// - Throws: ``EngineError``, a sampler's error, or the store's.
  public func ask(
    _ study: StudyID, for worker: Worker, lease: Lease = .held, keepingTarget: Bool = true,
    code: String? = nil, rerunsOf original: Int? = nil,
    releasing: @Sendable (Attempt, _ number: Int) async -> Void = { _, _ in }
  ) async throws -> AskOutcome {
    try await releaseLost(study, releasing: releasing)
    while true {
      let plan =
        if let original {
          try planRerun(of: original, in: study)
        } else {
          try planAsk(study, keepingTarget: keepingTarget)
        }
      switch plan {
      case .noPlace(let running): return .noPlace(running: running)
      case .exhausted(let tried): return .exhausted(tried: tried)
      case .claim(let planned):
        let request = ClaimRequest(
          study: study, planned: planned, lease: lease, worker: worker, code: code)
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
    case claim(PlannedClaim)
  }

  /// Decides what to ask for, without a lock. The snapshot is let go on return, so that the
  /// append that follows changes its columns in place.
  private func planAsk(_ study: StudyID, keepingTarget: Bool) throws -> AskPlan {
    let state = try state(of: study)
    let session = try session(of: state.study)
    if keepingTarget, state.hasReachedTarget {
      return .noPlace(running: state.searchedOpenCount)
    }
    for trial in state.openTrials
    where trial.state == .waiting && !state.isSetAside(row: trial.row) {
      // Nil: it fixes nothing, and nothing is left to try. It goes on waiting.
      guard let claim = try claim(of: trial, in: state, session) else { continue }
      return .claim(claim)
    }
    if keepingTarget, let target = state.study.definition.targetTrials,
      state.accomplishedCount + state.searchedOpenCount >= target
    {
      return .noPlace(running: state.searchedOpenCount)
    }
    do {
      let number = state.nextNumber
      return .claim(
        PlannedClaim(
          number: number, isNew: true, proposal: try session.propose(number, given: state)))
    } catch SamplerError.exhausted(let tried) {
      return .exhausted(tried: tried)
    }
  }

  private func planRerun(of original: Int, in study: StudyID) throws -> AskPlan {
    let state = try state(of: study)
    let session = try session(of: state.study)
    let reruns = state.openTrials.filter { state.marks(ofRow: $0.row).rerunOf == original }
    for trial in reruns where trial.state == .waiting {
      if let claim = try claim(of: trial, in: state, session) { return .claim(claim) }
    }
    return .noPlace(running: reruns.count { $0.state == .running })
  }

  /// How a waiting trial is claimed: an enqueued one may fix only some of its parameters.
  private func claim(
    of trial: OpenTrial, in state: StudyRecord, _ session: StudySession
  ) throws -> PlannedClaim? {
    let fixed = trial.assignment(in: state)
    let isComplete = try session.space.space.parameters.allSatisfy { parameter in
      try fixed.entry(parameter.name) != nil || !session.space.isActive(parameter, in: fixed)
    }
    if isComplete { return PlannedClaim(number: trial.number, isNew: false, proposal: nil) }
    do {
      let proposal = try session.propose(trial.number, fixing: fixed, given: state)
      return PlannedClaim(number: trial.number, isNew: false, proposal: proposal)
    } catch SamplerError.exhausted {
      return nil
    }
  }
}

/// A trial to be claimed, as the state was when it was looked at.
private struct PlannedClaim {
  let number: Int
  /// Whether it is to be created first, or waits.
  let isNew: Bool
  /// All its parameters; nil for a waiting trial that has them.
  let proposal: Proposal?
}

/// What is decided under the append lock: whether the plan still holds, and the events of it.
private struct ClaimRequest {
  let study: StudyID
  let planned: PlannedClaim
  let lease: Lease
  let worker: Worker
  let code: String?

  func decide(
    _ snapshot: Snapshot, _ context: CommitContext
  ) throws -> (events: [StudyEvent], result: AskedTrial?) {
    let state = try snapshot.state(of: study)
    var events: [StudyEvent] = []
    let number = planned.number
    var assignment = planned.proposal?.assignment ?? Assignment()
    var attempt = 1
    if planned.isNew {
      guard state.nextNumber == number else { return ([], nil) }
      let place = try snapshot.places(1, in: study)[0]
      events.append(
        .trialCreated(
          study,
          TrialCreation(
            id: place.id, number: place.number, time: context.now,
            assignment: assignment, proposer: planned.proposal?.proposer ?? "",
            memory: planned.proposal?.memory)))
    } else {
      guard let trial = state.row(ofNumber: number).flatMap(state.openTrial),
        trial.state == .waiting
      else { return ([], nil) }
      let fixed = trial.assignment(in: state)
      attempt = trial.attemptCount + 1
      let added = assignment.entries.filter { fixed.entry($0.name) == nil }
      assignment = Assignment(fixed.entries + added)
      for entry in added {
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
          time: context.now, memory: planned.isNew ? nil : planned.proposal?.memory)))
    if let forecast = planned.proposal?.forecast {
      events.append(
        .trialAttributeSet(
          study, trial: number, .system, key: Forecast.attribute, value: forecast.json))
    }
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
