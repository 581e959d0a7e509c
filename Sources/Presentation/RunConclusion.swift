// What is said when a run has ended.

package import PlainText
package import StudyEngine
package import StudyModel

package struct RunConclusion {
  let summary: RunSummary
  let state: StudyRecord
  /// The command that goes on with the study.
  let resume: String
  /// Of this run: trials that failed, in order.
  let failures: [FailedTrial]

  package init(
    summary: RunSummary, state: StudyRecord, resume: String, failures: [FailedTrial]
  ) {
    self.summary = summary
    self.state = state
    self.resume = resume
    self.failures = failures
  }

  /// How it ended, the best trial, and how to go on if something is left to do.
  ///
  /// - Throws: when the best trial cannot be read.
  package func lines() throws -> [String] {
    var lines = ["\(state.study.name): \(reason)\(state.progressSummary)"]
    if let best = try state.bestSummary {
      lines.append("best: \(best)")
    } else if !state.study.definition.bounds.isEmpty,
      state.searchedCount(.complete) > 0
    {
      lines.append("best: none, no complete trial keeps the study's bounds")
    }
    if isUnfinished { lines.append("to go on: \(resume)") }
    return lines
  }

  private var isUnfinished: Bool {
    switch summary.reason {
    // What is hopeless is to be mended first.
    case .accomplished, .exhausted, .targetReached, .hopeless: false
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
    case .targetReached: "the target is reached, "
    case .hopeless: "gave up, "
    case .broken: "an error came, "
    }
  }

  /// Why a run was given up: the first trial that failed like the last one.
  package func explanation(of verdict: FailureRule.Verdict) throws -> Explanation {
    guard let last = failures.last,
      let failure = failures.first(where: { $0.end.resembles(last.end) })
    else {
      return Explanation(verdict.description, evidence: [verdict.lastReason])
    }
    let definition = state.study.definition
    let trial = try state.row(ofNumber: failure.trial).map { try state.trial($0) }
    let diagnosis = FailureDiagnosis(
      failure, objectives: definition.objectives, study: state.study.name,
      reported: trial?.series.map(\.metric) ?? [], sources: definition.run?.metricSources ?? [],
      hasResults: state.hasResults)
    // A command that cannot be started says itself what to try.
    let fact = failure.end.briefReason
    return Explanation(
      "trial \(failure.trial)\(fact.hasPrefix("exited") ? " " : ": ")\(fact)",
      evidence: [verdict.description] + diagnosis.evidence,
      try: failure.end.advice + diagnosis.suggestions)
  }
}

extension AttemptEnd {
  fileprivate func resembles(_ other: AttemptEnd) -> Bool {
    outcome == other.outcome && exitStatus == other.exitStatus
  }
}

/// A trial that failed in a run, and how its last attempt ended.
package struct FailedTrial: Equatable, Sendable {
  let trial: Int
  let end: AttemptEnd

  package init(trial: Int, end: AttemptEnd) {
    self.trial = trial
    self.end = end
  }
}
