// What one attempt says, on its way into the store.

internal import MetricReading
internal import PlainText
internal import Supervision
internal import Foundation
internal import StudyModel

/// Takes an attempt's output, keeps it, finds metrics in it, reports them, and stops the
/// objective when it is pruned. What arrives after that decision is kept but no longer counts,
/// so that the result does not depend on how much was under way.
actor AttemptRecorder {
  private let database: StudyDatabase
  private let trial: AskedTrial
  private let control: ObjectiveControl
  private let grace: Double
  private let observe: @Sendable (RunEvent) -> Void
  private let log: AttemptLog
  private var parser: MetricParser
  private var followers: [MetricFollower]
  private var tail = OutputTail()

  /// The step at whose report it was pruned.
  private(set) var prunedStep: Int64?
  /// The highest step at which the attempt reported each metric.
  private var lastSteps: [String: Int64] = [:]
  /// What it reported by step.
  var reportedMetrics: Set<String> { Set(lastSteps.keys) }
  /// Objectives it gave a final value for; the last one counts.
  private(set) var finalValues: [String: Double] = [:]
  /// The last line that was nothing but a number.
  private(set) var bareNumber: Double?
  /// What stopped the recording; the attempt is stopped with it.
  private(set) var failure: (any Error)?
  /// The highest step it reported.
  private var lastStep: Int64?
  private let objectives: Set<String>

  init(
    _ runner: StudyRunner, _ trial: AskedTrial, files: TrialFiles, control: ObjectiveControl,
    study: StudyDefinition
  ) throws {
    database = runner.database
    self.trial = trial
    self.control = control
    grace = runner.configuration.graceSeconds
    observe = runner.observe
    objectives = Set(study.objectives.map(\.name))
    log = try files.openLog(attempt: trial.attempt)
    let rules = MetricRules(
      finals: objectives.union(study.bounds.map(\.metric)),
      patterns: try runner.configuration.metricPatterns.map { try MetricPattern(parsing: $0) },
      takesBareNumber: study.objectives == [.standard])
    parser = MetricParser(rules)
    let sources = try runner.configuration.metricSources.map { try MetricSource(parsing: $0) }
    let reports = MetricSource(.jsonl, path: files.reports(attempt: trial.attempt))
    followers = (sources + [reports]).map { source in
      MetricFollower(
        source, directory: files.directory, trial: trial.number,
        workingDirectory: runner.workingDirectory, rules: rules)
    }
  }

  /// Takes what happened to the process, in order.
  func take(_ event: ObjectiveEvent) {
    do {
      switch event {
      case .started(let process): try database.recordProcess(of: trial, process)
      case .output(let channel, let bytes):
        try log.append(bytes)
        tail.append(bytes)
        try record(parser.consume(bytes, from: channel))
      }
    } catch { stop(because: error) }
  }

  /// Looks into the files that the objective writes.
  func poll() {
    do {
      for index in followers.indices { try record(followers[index].poll()) }
    } catch { stop(because: error) }
  }

  /// Takes what is left once the process has ended.
  func finish() async {
    do {
      try record(parser.finish())
      for index in followers.indices {
        try record(followers[index].finish())
        followers[index].problems.forEach {
          observe(.warning(Explanation("trial \(trial.number): \($0)")))
        }
      }
      try log.close()
      try await database.flush()
    } catch { stop(because: error) }
  }

  /// The last lines it printed.
  var lastLines: String { tail.text }

  private func record(_ observations: [Observation]) throws {
    for observation in observations where prunedStep == nil && failure == nil {
      switch observation {
      case .intermediate(let step, let entries): try report(step: step, entries)
      case .final(let entries): try take(final: entries)
      case .bareNumber(let value): bareNumber = value
      }
    }
  }

  /// Final values of objectives are kept for the end; what else is said beside them (a latency
  /// that has a bound) is recorded as a metric at the step it has come to, or at the next one
  /// where it has a value there.
  private func take(final entries: [MetricReport.Entry]) throws {
    for entry in entries where objectives.contains(entry.metric) {
      finalValues[entry.metric] = entry.value
    }
    for entry in entries where !objectives.contains(entry.metric) {
      let free = lastSteps[entry.metric].map { $0 == .max ? $0 : $0 + 1 }
      try database.report(
        trial.study, trial: trial.number, claim: trial.claim,
        step: max(lastStep ?? 0, free ?? .min), [entry])
    }
  }

  private func report(step: Int64, _ entries: [MetricReport.Entry]) throws {
    let prune = try database.report(
      trial.study, trial: trial.number, claim: trial.claim, step: step, entries)
    lastStep = max(lastStep ?? step, step)
    for entry in entries { lastSteps[entry.metric] = max(lastSteps[entry.metric] ?? step, step) }
    observe(.reported(trial: trial.number, step: step, entries))
    if prune {
      prunedStep = step
      control.stop(grace: grace)
    }
  }

  private func stop(because error: any Error) {
    if failure == nil { failure = error }
    control.stop(grace: grace)
  }
}
