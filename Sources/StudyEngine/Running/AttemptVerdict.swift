// What an attempt's end means for its trial.

internal import PlainText
internal import Supervision
internal import StudyModel

enum AttemptOutcomeKind: Sendable {
  case result(TrialState, values: [Double], AttemptEnd)
  /// The trial waits again.
  case interrupted(AttemptEnd)
  /// It may be tried again, if retries are left.
  case failed(AttemptEnd)
}

extension TrialRunner {
  /// Judges how the process ended and what was heard of it.
  func judge(
    _ end: ObjectiveEnd, _ recorder: AttemptRecorder, _ trial: AskedTrial
  ) async throws -> AttemptOutcomeKind {
    var record = AttemptEnd(
      outcome: .finished, reason: "\(end.cause)", exitStatus: end.exitStatus, usage: end.usage)
    if let step = await recorder.prunedStep {
      record.reason = "pruned at step \(step)"
      return .result(.pruned, values: [], record)
    }
    switch end.cause {
    case .exited(status: 0):
      return try await result(record, recorder, trial)
    case .stopped where control.stopsRunning:
      record.outcome = .interrupted
      record.reason = "stopped: \(control.stopping.map(\.occasion) ?? "the run ended")"
      return .interrupted(record)
    case .stopped:
      // `cairn stop STUDY TRIAL`: its owner has seen enough of it.
      record.reason = "stopped by `cairn stop`"
      let hasValue = try objectives.count == 1 && hasReported(trial)
      record.outcome = hasValue ? .finished : .interrupted
      return .result(hasValue ? .pruned : .failed, values: [], record)
    case .timedOut: record.outcome = .timedOut
    case .outOfMemory: record.outcome = .outOfMemory
    case .exited, .signalled, .launchFailed, .lost: record.outcome = .failed
    }
    record.lastLines = await recorder.lastLines
    return .failed(record)
  }

  private func hasReported(_ trial: AskedTrial) throws -> Bool {
    let state = try runner.database.state(of: trial.study)
    let row = try state.row(trial.number)
    return state.trials.metric(objectives[0].name)?.summary(ofRow: row) != nil
  }

  /// The values of an attempt that exited with 0, or why there are none.
  private func result(
    _ record: AttemptEnd, _ recorder: AttemptRecorder, _ trial: AskedTrial
  ) async throws -> AttemptOutcomeKind {
    var record = record
    let values = ObjectiveValues(
      of: objectives, finals: await recorder.finalValues, bareNumber: await recorder.bareNumber,
      series: try await series(recorder, trial))
    switch values {
    case .complete(let values):
      guard let index = values.firstIndex(where: \.isNaN) else {
        return .result(.complete, values: values, record)
      }
      record.reason = "\"\(objectives[index].name)\" is NaN"
    case .missing(let names):
      record.reason =
        "exited 0 but never reported "
        + names.map(\.jsonQuoted).joined(separator: ", ")
    }
    record.outcome = .failed
    record.lastLines = await recorder.lastLines
    return .failed(record)
  }

  /// The trial's reports, from which values may be made. Those of earlier attempts count with
  /// those of this one; alone only when the attempt before was interrupted, so that a script may
  /// find itself done when it goes on from its checkpoint, but one that failed does not lend its
  /// values.
  private func series(
    _ recorder: AttemptRecorder, _ trial: AskedTrial
  ) async throws -> (String) -> [MetricPoint] {
    let state = try runner.database.state(of: trial.study)
    let row = try state.row(trial.number)
    let before = state.trials.attempts(ofRow: row).dropLast().last?.end?.outcome
    let goesOn = before == .interrupted || before == .lost
    let reported = await recorder.reportedMetrics
    return { name in
      guard reported.contains(name) || goesOn else { return [] }
      return state.trials.metric(name)?.series(ofRow: row) ?? []
    }
  }
}

extension RunSummary.Reason {
  /// On what occasion running trials were stopped.
  var occasion: String {
    switch self {
    case .interrupted: "Ctrl-C or a signal"
    case .stopRequested: "`cairn stop`"
    case .timedOut: "the run's time was over"
    case .hopeless: "the run was hopeless"
    case .broken: "an error ended the run"
    case .accomplished, .exhausted: "the run ended"
    }
  }
}
