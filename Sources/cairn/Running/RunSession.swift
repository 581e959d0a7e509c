// One run of a study, from its first line on standard error to its exit status.

import Presentation
import PlainText
import Foundation
import StudyEngine
import StudyModel
import StudyStorage
import Supervision

struct RunSession {
  private let plan: RunPlan
  private let study: StudyID
  private let store: WritableStore
  private let timeout: Double?
  private let quiet: Bool
  /// The trial whose reruns are run, and nothing else.
  private let rerunsOf: Int?

  init(
    _ plan: RunPlan, _ study: StudyID, in store: WritableStore, timeout: Double?, quiet: Bool,
    rerunsOf: Int? = nil
  ) {
    self.rerunsOf = rerunsOf
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
    // A panel is about the search.
    let hasPanel = rerunsOf == nil && Terminal.error.canRedraw
    let reporter = RunReporter(
      store.database, study, style: quiet ? .quiet : hasPanel ? .panel : .lines)
    reporter.say(try openingLine())
    let control = RunControl()
    let signals = watchSignals(control, reporter)
    let runner = StudyRunner(
      store.database, study, plan.configuration, executor: try await executor(),
      environment: ProcessInfo.processInfo.environment, workingDirectory: plan.workingDirectory,
      timeoutSeconds: timeout, rerunsOf: rerunsOf, observe: reporter.observe)
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

  /// This machine, with as many GPUs as the trials want.
  private func executor() async throws -> LocalExecutor {
    let gpus = plan.configuration.gpusPerTrial
    guard gpus > 0 else { return LocalExecutor(program: Self.program) }
    let inventory = await DeviceInventory.detect(environment: ProcessInfo.processInfo.environment)
    let devices = try DeviceAllocator(
      perTrial: gpus, jobs: plan.configuration.jobs, inventory: inventory)
    return LocalExecutor(program: Self.program, devices: devices)
  }

  /// This program, also when its file has been replaced by now.
  private static let program = "/proc/self/exe"

  private func openingLine() throws -> String {
    let place = "store \(store.location.explanation)"
    if let rerunsOf {
      let known = try RerunSummary(of: rerunsOf, in: store.database.state(of: study))
      return "running trial \(rerunsOf) of \(plan.study) again: "
        + "\(known.complete) of \(known.complete + known.open) reruns done, \(place)"
    }
    if let existing = plan.existing {
      let summary = store.store.releasingLost(in: existing)
        .progressSummary(target: plan.definition.targetTrials)
      return "resuming \(plan.study): \(summary), \(place)"
    }
    return "new study \(plan.study): \(plan.definition.summary), \(place)"
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
    _ summary: RunSummary, _ state: StudyRecord, _ reporter: RunReporter
  ) throws {
    let conclusion = RunConclusion(
      summary: summary, state: state, resume: resumeCommand,
      failures: reporter.failures)
    if let rerunsOf {
      let reruns = try RerunSummary(of: rerunsOf, in: state)
      reruns.lines.forEach(reporter.say)
      if reruns.open > 0 { reporter.say("to go on: \(rerunCommand(rerunsOf, reruns))") }
    } else {
      try conclusion.lines().forEach(reporter.say)
    }
    switch summary.reason {
    case .interrupted: throw ExitStatus.interrupted
    case .hopeless(let verdict): throw Diagnostic(try conclusion.explanation(of: verdict))
    case .accomplished, .exhausted, .stopRequested, .timedOut, .targetReached, .broken: return
    }
  }

  private func rerunCommand(_ number: Int, _ reruns: RerunSummary) -> String {
    let count = reruns.complete + reruns.open
    return ShellText.line(
      ["cairn", "rerun", plan.study, "\(number)", "--seeds", "\(count)"] + store.location.option)
  }

  private var resumeCommand: String {
    ShellText.line(["cairn", "resume", plan.study] + store.location.option)
  }
}
