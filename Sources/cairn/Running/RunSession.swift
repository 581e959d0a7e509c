// One run of a study, from its first line on standard error to its exit status.

import PlainText
import Foundation
import StudyEngine
import StudyModel
import StudyStorage

struct RunSession {
  private let plan: RunPlan
  private let study: StudyID
  private let store: WritableStore
  private let timeout: Double?
  private let quiet: Bool

  init(_ plan: RunPlan, _ study: StudyID, in store: WritableStore, timeout: Double?, quiet: Bool) {
    self.plan = plan
    self.study = study
    self.store = store
    self.timeout = timeout
    self.quiet = quiet
  }

  /// Runs trials until the study is accomplished or something stops it.
  ///
  /// - Throws: ``ExitStatus`` when it was interrupted, ``Diagnostic`` when it is hopeless, and
  ///   what goes wrong in the store.
  func run() async throws {
    plan.warnings.forEach { $0.print(as: .warning) }
    let reporter = RunReporter(
      store.database, study, style: quiet ? .quiet : Terminal.error.isTerminal ? .panel : .lines)
    reporter.say(openingLine)
    let control = RunControl()
    let signals = watchSignals(control, reporter)
    let runner = StudyRunner(
      store.database, study, plan.configuration, supervisor: ["/proc/self/exe", "supervise"],
      environment: ProcessInfo.processInfo.environment, workingDirectory: plan.workingDirectory,
      timeoutSeconds: timeout, observe: reporter.observe)
    reporter.begin()
    let summary: RunSummary
    do {
      summary = try await runner.run(control: control)
    } catch {
      await reporter.end()
      // What went wrong first is what is told.
      try? store.close()
      throw error
    }
    await reporter.end()
    withExtendedLifetime(signals) {}
    let state = try store.database.state(of: study)
    try store.close()
    try conclude(summary, state, reporter)
  }

  private var openingLine: String {
    let place = "store \(store.location.explanation)"
    if let existing = plan.existing {
      let summary = existing.progressSummary(
        target: plan.definition.targetTrials, lost: lostTrials(of: existing))
      return "resuming \(plan.study): \(summary), \(place)"
    }
    return "new study \(plan.study): \(plan.definition.summary), \(place)"
  }

  private func lostTrials(of state: StudyState) -> Int {
    let workers = state.runningAttempts.filter { $0.lease == .held }
    return workers.count { !store.store.isAlive(epoch: $0.claim.epoch) }
  }

  private func watchSignals(_ control: RunControl, _ reporter: RunReporter) -> SignalWatch {
    let grace = plan.configuration.graceSeconds
    return SignalWatch { count in
      control.stop(because: .interrupted, grace: count == 1 ? grace : 0)
      switch count {
      case 1:
        let limit = Measures.duration(seconds: grace)
        reporter.say(
          "stopping: running trials have \(limit) to end; once more stops them at once")
      case 2: reporter.say("stopping at once")
      default: break
      }
    }
  }

  private func conclude(
    _ summary: RunSummary, _ state: StudyState, _ reporter: RunReporter
  ) throws {
    let conclusion = RunConclusion(
      summary: summary, state: state, resume: resumeCommand,
      failures: reporter.failures)
    conclusion.lines.forEach(reporter.say)
    switch summary.reason {
    case .interrupted: throw ExitStatus.interrupted
    case .hopeless(let verdict): throw conclusion.diagnostic(of: verdict)
    case .accomplished, .exhausted, .stopRequested, .timedOut, .broken: return
    }
  }

  private var resumeCommand: String {
    ShellText.line(["cairn", "resume", plan.study] + store.location.option)
  }
}
