// What a run tells those who watch it.

package import PlainText
package import StudyModel

package enum RunEvent: Sendable {
  case started(AskedTrial)
  case reported(trial: Int, step: Int64, [MetricReport.Entry])
  /// An attempt ended without the trial's end: interrupted, or failed and run again.
  case attemptEnded(trial: Int, attempt: Int, AttemptEnd, retried: Bool)
  case finished(trial: Int, TrialState, values: [Double], AttemptEnd)
  /// Another worker's trial was found without its worker.
  case released(trial: Int, worker: String)
  case warning(Explanation)
}

/// How a run ended.
package struct RunSummary: Sendable {
  package enum Reason: Hashable, Sendable {
    /// The study has the trials it shall have; `runningElsewhere` of them still run.
    case accomplished(runningElsewhere: Int)
    case exhausted(tried: Int)
    /// By the caller's ``RunControl``.
    case interrupted
    /// By `cairn stop`.
    case stopRequested
    case timedOut
    case hopeless(FailureRule.Verdict)
    /// An error that the run throws once its trials have been stopped.
    case broken
  }

  package var reason: Reason
  package var complete = 0
  package var pruned = 0
  package var failed = 0
  package var interrupted = 0
}
