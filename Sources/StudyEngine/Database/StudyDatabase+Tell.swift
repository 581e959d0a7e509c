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
  /// - Returns: whether the study's pruner would stop the trial now.
  /// - Throws: ``EngineError/claimEnded(study:number:)`` when the trial is no longer the caller's.
  @discardableResult
  public func report(
    _ study: StudyID, trial number: Int, claim: ClaimID?, step: Int64,
    _ entries: [MetricReport.Entry]
  ) throws -> Bool {
    let (judged, commit) = try store.commit(.report) { snapshot, context in
      let state = try snapshot.state(of: study)
      let row = try state.claimedRow(number, claim)
      if claim == nil { try refuseIfHeldElsewhere(row, of: state, context) }
      let report = MetricReport(
        claim: state.trials.claim(ofRow: row), step: step, entries: entries, time: context.now)
      let hasPruner = state.study.definition.pruner.name != "none"
      return ([.metricsReported(study, trial: number, report)], hasPruner ? row : nil)
    }
    lastReport.withLock { $0 = commit }
    return try judged.map { try shouldPrune(study, row: $0, at: step) } ?? false
  }

  /// Whether the pruner would stop the trial in `row`, which reported last at `step`.
  func shouldPrune(_ study: StudyID, row: Int, at step: Int64) throws -> Bool {
    let state = try state(of: study)
    let components = try components(for: state.study)
    return components.pruner.shouldPrune(row: row, at: step, given: History(state))
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
      let row = try study.claimedRow(number, claim)
      if claim == nil { try refuseIfHeldElsewhere(row, of: study, context) }
      var result = TrialResult(
        claim: study.trials.claim(ofRow: row), state: state, values: values, end: end,
        time: context.now)
      try study.complete(&result, row: row)
      return ([.trialFinished(study.study.id, trial: number, result)], ())
    }
    try await store.waitUntilDurable(commit)
  }

  /// Throws when another process that lives holds the trial in `row`.
  func refuseIfHeldElsewhere(
    _ row: Int, of state: StudyState, _ context: CommitContext
  ) throws {
    guard state.trials.states[row] == .running, let last = state.trials.lastAttempt[row] else {
      return
    }
    let attempt = state.trials.attempts[last]
    guard attempt.lease == .held, attempt.claim.epoch != context.claim.epoch,
      context.liveness.isAlive(epoch: attempt.claim.epoch)
    else { return }
    throw EngineError.heldElsewhere(
      study: state.study.name, number: state.trials.numbers[row],
      worker: "\(attempt.worker) on \(attempt.host)")
  }

  /// Ends an attempt without a result: its trial waits again. Durable when this returns.
  public func endAttempt(
    _ study: StudyID, trial number: Int, claim: ClaimID, _ end: AttemptEnd
  ) async throws {
    try await commit(to: study) { state, context in
      _ = try state.claimedRow(number, claim)
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
      _ = try snapshot.state(of: study).claimedRow(trial.number, trial.claim)
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
      _ = try snapshot.state(of: trial.study).claimedRow(trial.number, trial.claim)
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
      _ = try state.openRow(number)
      return [.trialAttributeSet(study, trial: number, scope, key: key, value: json)]
    }
  }
}

extension StudyState {
  /// The row of trial `number`, which must run under `claim` (nil: under any).
  func claimedRow(_ number: Int, _ claim: ClaimID?) throws -> Int {
    let row = try openRow(number)
    if trials.states[row] == .waiting {
      throw claim == nil
        ? EngineError.waitingTrial(study: study.name, number: number)
        : EngineError.claimEnded(study: study.name, number: number)
    }
    if let claim, trials.claim(ofRow: row) != claim {
      throw EngineError.claimEnded(study: study.name, number: number)
    }
    return row
  }

  /// Checks a result's values and adds what follows from the trial's reports: a pruned
  /// trial's value, and how it stands to the study's bounds.
  func complete(_ result: inout TrialResult, row: Int) throws {
    let objectives = study.definition.objectives
    let number = trials.numbers[row]
    if result.values.isEmpty, result.state == .complete {
      result.values = try reportedValues(ofRow: row)
    }
    if result.values.isEmpty, result.state == .pruned, objectives.count == 1,
      let last = trials.metric(objectives[0].name)?.summary(ofRow: row)?.last.value, !last.isNaN
    {
      result.values = [last]
    }
    if result.state == .complete || !result.values.isEmpty {
      guard result.values.count == objectives.count else {
        throw EngineError.wrongValueCount(
          study: study.name, expected: objectives.map(\.name), given: result.values.count)
      }
      guard !result.values.contains(where: \.isNaN) else {
        throw EngineError.notANumber(study: study.name, number: number)
      }
    }
    result.violations = violations(of: result.values, row: row)
  }

  /// What the trial's reports come to, one value an objective.
  private func reportedValues(ofRow row: Int) throws -> [Double] {
    let values = ObjectiveValues(of: study.definition.objectives, finals: [:]) { name in
      trials.metric(name)?.series(ofRow: row) ?? []
    }
    switch values {
    case .complete(let values): return values
    case .missing(let names):
      throw EngineError.neverReported(
        study: study.name, number: trials.numbers[row], objectives: names)
    }
  }

  /// By how much the trial breaks each bound. A bounded metric that was never reported cannot
  /// be called kept: it counts as broken without limit.
  private func violations(of values: [Double], row: Int) -> [Double] {
    study.definition.bounds.map { bound in
      if let index = study.definition.objectives.firstIndex(where: { $0.name == bound.metric }),
        values.indices.contains(index)
      {
        return bound.violation(of: values[index])
      }
      guard let last = trials.metric(bound.metric)?.summary(ofRow: row)?.last.value, !last.isNaN
      else { return .infinity }
      return bound.violation(of: last)
    }
  }
}
