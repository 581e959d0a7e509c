// What is said when a run has ended.

import PlainText
import StudyEngine
import StudyModel
import StudySQL

struct RunConclusion {
  let summary: RunSummary
  let state: StudyState
  /// The command that goes on with the study.
  let resume: String
  /// Of this run: trials that failed, in order.
  let failures: [FailedTrial]

  /// How it ended, the best trial, and how to go on if something is left to do.
  var lines: [String] {
    var lines = ["\(state.study.name): \(reason)\(state.progressSummary)"]
    if let best = state.bestSummary {
      lines.append("best: \(best)")
    } else if !state.study.definition.bounds.isEmpty, state.trials.count(.complete) > 0 {
      lines.append("best: none, no complete trial keeps the study's bounds")
    }
    if isUnfinished { lines.append("to go on: \(resume)") }
    return lines
  }

  private var isUnfinished: Bool {
    switch summary.reason {
    // What is hopeless is to be mended first.
    case .accomplished, .exhausted, .hopeless: false
    case .interrupted, .stopRequested, .timedOut, .broken: true
    }
  }

  private var reason: String {
    switch summary.reason {
    case .accomplished(let elsewhere):
      elsewhere == 0 ? "" : "the last \(elsewhere) run elsewhere, "
    case .exhausted: "every point of the space has been tried, "
    case .interrupted: "interrupted, "
    case .stopRequested: "stopped by `cairn stop`, "
    case .timedOut: "the time is over, "
    case .hopeless: "gave up, "
    case .broken: "an error came, "
    }
  }

  /// Why a run was given up: the first trial that failed like the last one.
  func diagnostic(of verdict: FailureRule.Verdict) -> Diagnostic {
    guard let last = failures.last,
      let failure = failures.first(where: { $0.end.resembles(last.end) })
    else {
      return Diagnostic(verdict.description, evidence: [verdict.lastReason])
    }
    let definition = state.study.definition
    let row = state.trials.row(ofNumber: failure.trial)
    let reported = state.trials.metrics.filter { metric in
      row.flatMap { metric.summary(ofRow: $0) } != nil
    }
    let diagnosis = FailureDiagnosis(
      failure, objectives: definition.objectives, study: state.study.name,
      reported: reported.map(\.name), sources: definition.run?.metricSources ?? [])
    // A command that cannot be started says itself what to try.
    let reason = Diagnostic(parsing: failure.end.reason)
    let fact = reason.fact.neutralized
    return Diagnostic(
      "trial \(failure.trial)\(fact.hasPrefix("exited") ? " " : ": ")\(fact)",
      evidence: [verdict.description] + diagnosis.evidence,
      try: reason.suggestions.map(\.neutralized) + diagnosis.suggestions)
  }
}

extension AttemptEnd {
  fileprivate func resembles(_ other: AttemptEnd) -> Bool {
    outcome == other.outcome && exitStatus == other.exitStatus
  }
}

struct FailedTrial: Equatable, Sendable {
  let trial: Int
  let end: AttemptEnd
}
