// Report and tell: what became of a trial.

public import StudyModel
internal import Samplers
internal import StudyStorage
internal import Synchronization

extension StudyDatabase {
  /// Records intermediate values of a trial, and judges whether it is worth going on.
  ///
  /// Synchronous: it takes microseconds. What it records survives a kill of this process at
  /// once, and a power failure within a second (durability `strict`: await ``flush()``).
  ///
  /// - Parameter claim: the worker's claim; nil takes whatever claim the trial runs under,
  ///   unless another living process holds it.
  /// - Returns: whether the study's pruner would stop the trial now. It judges only reports that
  ///   hold the first objective, at the highest step that this has.
  /// - Throws: ``EngineError/claimEnded(study:number:)`` when the trial is no longer the caller's.
  @discardableResult
  public func report(
    _ study: StudyID, trial number: Int, claim: ClaimID?, step: Int64,
    _ entries: [MetricReport.Entry]
  ) throws -> Bool {
    let row = try record(study, trial: number, claim: claim, step: step, entries)
    return try judge(study, row: row, at: step, entries)
  }

  /// The same without a judgement: of many reports that came at once only the last is worth one.
  ///
  /// - Returns: the trial's row.
  @discardableResult
  func record(
    _ study: StudyID, trial number: Int, claim: ClaimID?, step: Int64,
    _ entries: [MetricReport.Entry]
  ) throws -> Int {
    let (row, commit) = try store.commit(.report) { snapshot, context in
      let state = try snapshot.state(of: study)
      let trial = try state.claimedTrial(number, claim)
      if claim == nil { try refuseIfHeldElsewhere(trial, of: state, context) }
      let report = MetricReport(
        claim: trial.claim, step: step, entries: entries, time: context.now)
      return ([.metricsReported(study, trial: number, report)], trial.row)
    }
    lastReport.withLock { $0 = commit }
    return row
  }

  /// Whether the pruner would stop the trial in `row` because of the report of `entries` at
  /// `step`. One without the objective says nothing new of it, and one that the trial has gone
  /// beyond says nothing of where it is.
  func judge(
    _ study: StudyID, row: Int, at step: Int64, _ entries: [MetricReport.Entry]
  ) throws -> Bool {
    let state = try state(of: study)
    let definition = state.study.definition
    let objective = definition.objectives[0].name
    guard definition.pruner.name != NoPruner.name,
      entries.contains(where: { $0.metric == objective }),
      try state.summary(of: objective, row: row)?.last.step == step
    else { return false }
    return try shouldPrune(study, row: row, at: step)
  }

  /// Whether the pruner would stop the trial in `row`, which reported last at `step`.
  func shouldPrune(_ study: StudyID, row: Int, at step: Int64) throws -> Bool {
    let state = try state(of: study)
    // To be compared with others, a rerun has to come to its end.
    if state.isSetAside(row: row) { return false }
    return switch try session(of: state.study).judge(row: row, at: step, given: state) {
    case .goOn: false
    case .stop: true
    }
  }

  /// Waits until all reports made so far are on disk as the store's durability mode promises.
  public func flush() async throws {
    if let commit = lastReport.withLock({ $0 }) { try await store.waitUntilDurable(commit) }
  }

  /// Ends a trial. Durable when this returns.
  ///
  /// - Parameters:
  ///   - claim: the worker's claim; nil takes whatever claim the trial runs under, unless
  ///     another living process holds it.
  ///   - values: one an objective, or none: a complete trial then takes what its reports come
  ///     to, a pruned one its last intermediate value.
  public func tell(
    _ study: StudyID, trial number: Int, claim: ClaimID?, state: TrialState,
    values: [Double] = [], end: AttemptEnd? = nil
  ) async throws {
    precondition(state.isFinished)
    let (_, commit) = try store.commit(.decision) { snapshot, context in
      let study = try snapshot.state(of: study)
      let trial = try study.claimedTrial(number, claim)
      if claim == nil { try refuseIfHeldElsewhere(trial, of: study, context) }
      let told = TrialResult(
        claim: trial.claim, state: state, values: values, end: end, time: context.now)
      let result = try study.completed(told, ofRow: trial.row)
      return ([.trialFinished(study.study.id, trial: number, result)], ())
    }
    try await store.waitUntilDurable(commit)
  }

  /// Throws when another process that lives holds `trial`.
  func refuseIfHeldElsewhere(
    _ trial: OpenTrial, of state: StudyRecord, _ context: CommitContext
  ) throws {
    guard trial.state == .running, let attempt = trial.lastAttempt else { return }
    guard attempt.lease == .held, attempt.claim.epoch != context.claim.epoch,
      context.liveness.isAlive(epoch: attempt.claim.epoch)
    else { return }
    throw EngineError.heldElsewhere(
      study: state.study.name, number: trial.number,
      worker: "\(attempt.worker) on \(attempt.host)")
  }

  /// Ends an attempt without a result: its trial waits again. Durable when this returns.
  public func endAttempt(
    _ study: StudyID, trial number: Int, claim: ClaimID, _ end: AttemptEnd
  ) async throws {
    try await commit(to: study) { state, context in
      _ = try state.claimedTrial(number, claim)
      return [.attemptEnded(study, trial: number, claim: claim, end, time: context.now)]
    }
  }

  /// Ends a failed attempt and begins the next under a new claim, in one step, so that no
  /// other worker takes the trial in between.
  public func retryAttempt(
    of trial: AskedTrial, after end: AttemptEnd, by worker: Worker
  ) async throws -> AskedTrial {
    let study = trial.study
    let (next, commit) = try store.commit(.decision) { snapshot, context in
      _ = try snapshot.state(of: study).claimedTrial(trial.number, trial.claim)
      let claim = TrialClaim(
        claim: context.claim, lease: .held, host: worker.host, worker: worker.name,
        time: context.now)
      let next = AskedTrial(
        study: study, number: trial.number, claim: context.claim, attempt: trial.attempt + 1,
        assignment: trial.assignment)
      let events: [StudyEvent] = [
        .attemptEnded(
          study, trial: trial.number, claim: trial.claim, end, time: context.now),
        .trialClaimed(study, trial: trial.number, claim),
      ]
      return (events, next)
    }
    try await store.waitUntilDurable(commit)
    return next
  }

  /// Records which process runs an attempt, so that it can be ended should this one be killed.
  func recordProcess(of trial: AskedTrial, _ process: ProcessIdentity) throws {
    _ = try store.commit(.report) { snapshot, _ in
      _ = try snapshot.state(of: trial.study).claimedTrial(trial.number, trial.claim)
      return (
        [.processStarted(trial.study, trial: trial.number, claim: trial.claim, process)], ()
      )
    }
  }

  /// Sets an attribute of a trial that is not finished. `json` is JSON text; nil removes it.
  public func setAttribute(
    _ study: StudyID, trial number: Int, _ scope: AttributeScope, _ key: String, json: String?
  ) async throws {
    try await commit(to: study) { state, _ in
      _ = try state.openTrial(number: number)
      return [.trialAttributeSet(study, trial: number, scope, key: key, value: json)]
    }
  }
}

extension StudyRecord {
  /// Trial `number`, which must run under `claim` (nil: under any).
  func claimedTrial(_ number: Int, _ claim: ClaimID?) throws -> OpenTrial {
    let trial = try openTrial(number: number)
    if trial.state == .waiting {
      throw claim == nil
        ? EngineError.waitingTrial(study: study.name, number: number)
        : EngineError.claimEnded(study: study.name, number: number)
    }
    if let claim, trial.claim != claim {
      throw EngineError.claimEnded(study: study.name, number: number)
    }
    return trial
  }
}
