// One trial as processes: its attempts, and what they come to.

internal import Supervision
internal import Foundation
internal import StudyModel
internal import StudyStorage

/// What became of a trial that was run.
enum TrialConclusion: Sendable {
  case finished(TrialState, AttemptEnd)
  /// It waits again.
  case interrupted
}

/// Runs trials one attempt after another, until each has a result or is interrupted.
struct TrialRunner: Sendable {
  let runner: StudyRunner
  let control: RunControl
  private let definition: StudyDefinition
  private let processes: ObjectiveRunner
  private let command: TrialCommand
  private let devices: DeviceAllocator?

  /// - Throws: what is wrong with the command, the metric rules or the number of GPUs.
  init(_ runner: StudyRunner, _ control: RunControl) async throws {
    self.runner = runner
    self.control = control
    let study = try runner.database.state(of: runner.study).study
    definition = study.definition
    processes = ObjectiveRunner(supervisor: runner.supervisor)
    command = try TrialCommand(runner, study)
    let gpus = runner.configuration.gpusPerTrial
    devices =
      gpus == 0
      ? nil
      : try DeviceAllocator(
        perTrial: gpus, jobs: runner.configuration.jobs,
        inventory: await .detect(environment: runner.environment))
  }

  var objectives: [Objective] { definition.objectives }

  func run(_ trial: AskedTrial) async throws -> TrialConclusion {
    let objective = control.begin(trial: trial.number)
    defer { control.end(trial: trial.number) }
    if let conclusion = try await pruneBeforeRunning(trial) { return conclusion }
    var current = trial
    while true {
      let outcome: AttemptOutcomeKind
      do {
        outcome = try await attempt(current, objective)
      } catch {
        await giveBack(current, because: error)
        throw error
      }
      switch outcome {
      case .result(let state, let values, let end):
        return try await finish(current, state, values, end)
      case .interrupted(let end):
        try await runner.database.endAttempt(
          current.study, trial: current.number, claim: current.claim, end)
        announce(current, end, retried: false)
        return .interrupted
      case .failed(let end):
        guard try failedAttempts(of: current) < runner.configuration.retries else {
          return try await finish(current, .failed, [], end)
        }
        if control.stopping != nil {
          // Its next attempt is for whoever goes on with the study.
          try await runner.database.endAttempt(
            current.study, trial: current.number, claim: current.claim, end)
          announce(current, end, retried: false)
          return .interrupted
        }
        announce(current, end, retried: true)
        current = try await runner.database.retryAttempt(of: current, after: end, by: .current)
      }
    }
  }

  /// An attempt that could not be recorded waits to run again. Where not even that can be
  /// recorded it is found to be nobody's once this process has ended.
  private func giveBack(_ trial: AskedTrial, because error: any Error) async {
    let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
    let end = AttemptEnd(outcome: .interrupted, reason: reason)
    try? await runner.database.endAttempt(
      trial.study, trial: trial.number, claim: trial.claim, end)
  }

  /// A trial whose last attempt was ended between a report and the pruner's verdict on it is
  /// judged by that report first: a script that goes on from its checkpoint would never repeat
  /// it.
  private func pruneBeforeRunning(_ trial: AskedTrial) async throws -> TrialConclusion? {
    guard trial.attempt > 1 else { return nil }
    let state = try runner.database.state(of: trial.study)
    let row = try state.row(trial.number)
    guard let last = state.trials.metric(objectives[0].name)?.summary(ofRow: row)?.last,
      try runner.database.shouldPrune(trial.study, row: row, at: last.step)
    else { return nil }
    let end = AttemptEnd(outcome: .finished, reason: "pruned at step \(last.step)")
    return try await finish(trial, .pruned, [], end)
  }

  private func attempt(
    _ trial: AskedTrial, _ objective: ObjectiveControl
  ) async throws -> AttemptOutcomeKind {
    let files = TrialFiles(
      store: runner.database.store.path, study: trial.study, trial: trial.number)
    try files.create(attempt: trial.attempt)
    let recorder = try AttemptRecorder(
      runner, trial, files: files, control: objective, study: definition)
    let gpus = devices?.take()
    defer { if let gpus { devices?.giveBack(gpus) } }
    let launch = try command.launch(trial, files: files, gpus: gpus)
    let polling = Task {
      while !Task.isCancelled {
        do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
        await recorder.poll()
      }
    }
    let end: ObjectiveEnd
    do {
      end = try await processes.run(launch, control: objective) { await recorder.take($0) }
    } catch {
      polling.cancel()
      throw error
    }
    polling.cancel()
    await polling.value
    await recorder.finish()
    if let failure = await recorder.failure { throw failure }
    return try await judge(end, recorder, trial)
  }

  private func failedAttempts(of trial: AskedTrial) throws -> Int {
    let state = try runner.database.state(of: trial.study)
    return state.trials.attempts(ofRow: try state.row(trial.number)).count {
      switch $0.end?.outcome {
      case .failed, .timedOut, .outOfMemory: true
      default: false
      }
    }
  }

  private func finish(
    _ trial: AskedTrial, _ state: TrialState, _ values: [Double], _ end: AttemptEnd
  ) async throws -> TrialConclusion {
    try await runner.database.tell(
      trial.study, trial: trial.number, claim: trial.claim, state: state, values: values,
      end: end)
    let recorded = try runner.database.state(of: trial.study)
    let final = recorded.trials.objectiveValues(ofRow: try recorded.row(trial.number))
    runner.observe(.finished(trial: trial.number, state, values: final, end))
    return .finished(state, end)
  }

  private func announce(_ trial: AskedTrial, _ end: AttemptEnd, retried: Bool) {
    runner.observe(
      .attemptEnded(trial: trial.number, attempt: trial.attempt, end, retried: retried))
  }
}
