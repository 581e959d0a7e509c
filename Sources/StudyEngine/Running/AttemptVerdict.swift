// What an attempt's end means for its trial.

internal import Foundation
internal import PlainText
internal import Supervision
internal import StudyModel

enum AttemptOutcomeKind: Sendable {
  case result(TrialState, values: [Double], AttemptEnd)
  /// The trial waits again.
  case interrupted(AttemptEnd)
  /// It ended without a fault of its own that is known, while the run goes on.
  case lost(AttemptEnd)
  /// It may be tried again, if retries are left.
  case failed(AttemptEnd)
}

extension TrialRunner {
  /// Seconds in which the signal that ended an objective reaches this process too, when the whole
  /// job was told to end.
  private static let signalDelay = 1.0

  /// Judges how the process ended and what was heard of it.
  ///
  /// What ran to its end has its result, whatever was ordered meanwhile. What was ended from
  /// outside is no failure of the trial: it is interrupted if the run is being stopped, or else
  /// lost.
  func judge(
    _ end: ObjectiveEnd, _ recorder: AttemptRecorder, _ trial: AskedTrial
  ) async throws -> AttemptOutcomeKind {
    var record = AttemptEnd(
      outcome: .finished, reason: "\(end.cause)", exitStatus: end.exitStatus, usage: end.usage)
    let prunedStep = await recorder.prunedStep
    if let values = try await answeredValues(end, recorder), prunedStep == nil {
      return .result(.complete, values: values, record)
    }
    if end.cause == .exited(status: 0), prunedStep != nil || !control.stopsRunning {
      let outcome = try await result(record, recorder, trial)
      // Without a value, the verdict on what it reported is what is left of it.
      guard case .failed = outcome, prunedStep != nil else { return outcome }
    }
    if let prunedStep {
      record.reason = "pruned at step \(prunedStep)"
      return .result(.pruned, values: [], record)
    }
    switch end.cause {
    case .stopped where control.stopsRunning: return .interrupted(interrupted(record))
    case .stopped:
      // `cairn stop STUDY TRIAL`: its owner has seen enough of it.
      record.reason = "stopped by `cairn stop`"
      let hasValue = try objectives.count == 1 && hasReported(trial)
      record.outcome = hasValue ? .finished : .interrupted
      return .result(hasValue ? .pruned : .failed, values: [], record)
    case .lost, .endedFromOutside, .signalled(SIGTERM), .signalled(SIGHUP), .signalled(SIGINT):
      if await control.stopsRunning(within: Self.signalDelay) {
        return .interrupted(interrupted(record))
      }
      record.outcome = .lost
      record.lastLines = await recorder.lastLines
      return .lost(record)
    case .exited(let status) where Self.speaksOfSignal(status):
      if await control.stopsRunning(within: Self.signalDelay) {
        return .interrupted(interrupted(record))
      }
      record.outcome = .failed
    case .exited where control.stopsRunning: return .interrupted(interrupted(record))
    case .timedOut: record.outcome = .timedOut
    case .outOfMemory: record.outcome = .outOfMemory
    case .exited, .signalled, .launchFailed: record.outcome = .failed
    }
    record.lastLines = await recorder.lastLines
    return .failed(record)
  }

  /// How a shell says that its command was ended by one of the signals that end a job.
  private static func speaksOfSignal(_ status: Int32) -> Bool {
    [SIGTERM, SIGHUP, SIGINT].contains { status == 128 + $0 }
  }

  private func interrupted(_ record: AttemptEnd) -> AttemptEnd {
    var record = record
    record.outcome = .interrupted
    record.reason = "stopped: \(control.stopping.map(\.occasion) ?? "the run ended")"
    return record
  }

  /// The values of an objective that answered the request to end by finishing: it exited with 0
  /// and named them all. Its reports by step would not do, for it may only have saved them. (The
  /// request may have come from outside, of which only the run's own end is a sign.)
  private func answeredValues(
    _ end: ObjectiveEnd, _ recorder: AttemptRecorder
  ) async throws -> [Double]? {
    switch end.cause {
    case .stopped, .endedFromOutside: break
    case .exited where control.stopsRunning: break
    default: return nil
    }
    guard end.exitStatus == 0 else { return nil }
    let values = ObjectiveValues(
      of: objectives, finals: await recorder.finalValues, bareNumber: await recorder.bareNumber
    ) { _ in [] }
    guard case .complete(let values) = values, !values.contains(where: \.isNaN) else { return nil }
    return values
  }

  private func hasReported(_ trial: AskedTrial) throws -> Bool {
    let state = try runner.database.state(of: trial.study)
    let row = try state.row(trial.number)
    return try state.summary(of: objectives[0].name, row: row) != nil
  }

  /// The values of an attempt that exited with 0, or why there are none.
  private func result(
    _ record: AttemptEnd, _ recorder: AttemptRecorder, _ trial: AskedTrial
  ) async throws -> AttemptOutcomeKind {
    var record = record
    let values = try ObjectiveValues(
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
      if let account = await recorder.account(ofMissing: names) { record.reason += ": \(account)" }
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
  ) async throws -> (String) throws -> [MetricPoint] {
    let state = try runner.database.state(of: trial.study)
    let row = try state.row(trial.number)
    let before = try state.trial(row).attempts.dropLast().last?.end?.outcome
    let goesOn = before == .interrupted || before == .lost
    let reported = await recorder.reportedMetrics
    let voidSteps = await recorder.voidSteps
    return { name in
      guard reported.contains(name) || goesOn else { return [] }
      let series = try state.series(of: name, row: row)
      guard let void = voidSteps[name], !void.isEmpty else { return series }
      return series.filter { !void.contains($0.step) }
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
    case .targetReached: "the study's target was reached"
    case .hopeless: "the run was hopeless"
    case .broken: "an error ended the run"
    case .accomplished, .exhausted: "the run ended"
    }
  }
}
