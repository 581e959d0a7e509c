// What one attempt says, on its way into the store.

internal import MetricReading
internal import PlainText
internal import Supervision
internal import StudyModel

/// Takes an attempt's output, keeps it, finds metrics in it, reports them, and stops the
/// objective when it is pruned. What arrives after that decision is held back: it counts only if
/// the objective had run to its end by itself, so that the result does not depend on how much
/// was under way.
actor AttemptRecorder {
  /// Findings that are held back at most: an objective that is told to stop goes on for its
  /// grace.
  private static let heldLimit = 200_000

  private let database: StudyDatabase
  private let trial: AskedTrial
  private let control: ObjectiveControl
  private let grace: Double
  private let observe: @Sendable (RunEvent) -> Void
  private let reading: OutputReading
  private let log: AttemptLog
  private var parser: MetricParser
  private var followers: [MetricFollower]
  private var metrics: AttemptMetrics
  private var held: [HeldFinding] = []
  private var hasDroppedHeld = false
  /// Whether it has run to its end by itself, so that nothing is held back any more.
  private var isReleased = false
  private var hasEnded = false
  private var tail = OutputTail()

  /// The step at whose report the pruner gave it up. Whether that came before the objective had
  /// ended shows in how it ended: only what was running could be stopped.
  private(set) var prunedStep: Int64?
  /// What stopped the recording; the attempt is stopped with it.
  private(set) var failure: (any Error)?

  /// By objective: steps whose values were said before it went back to an earlier one, and that
  /// it has not come to again. They are no part of its result.
  private(set) var voidSteps: [String: Set<Int64>] = [:]

  private enum HeldFinding {
    case printed(Finding)
    case file(Observation)
  }

  /// What it reported by step.
  var reportedMetrics: Set<String> { metrics.series }
  /// Objectives it gave a final value for; the last one counts.
  var finalValues: [String: Double] { metrics.finalValues }
  /// The last line that was nothing but a number.
  var bareNumber: Double? { metrics.bareNumber }

  init(
    _ runner: StudyRunner, _ trial: AskedTrial, files: TrialFiles, control: ObjectiveControl,
    reading: OutputReading
  ) throws {
    database = runner.database
    self.trial = trial
    self.control = control
    grace = runner.configuration.graceSeconds
    observe = runner.observe
    self.reading = reading
    log = try files.openLog(attempt: trial.attempt)
    parser = MetricParser(reading.rules)
    metrics = AttemptMetrics(
      objectives: Set(reading.objectives.map(\.name)), bounds: reading.bounds,
      after: try Self.lastStep(of: trial, in: database))
    let reports = MetricFollower(
      jsonLines: files.reports(attempt: trial.attempt), rules: reading.rules)
    followers =
      [reports]
      + reading.sources.map { source in
        MetricFollower(
          source, directory: files.directory, trial: trial.number,
          workingDirectory: runner.workingDirectory, rules: reading.rules)
      }
  }

  /// The highest step that earlier attempts reported.
  private static func lastStep(of trial: AskedTrial, in database: StudyDatabase) throws -> Int64? {
    guard trial.attempt > 1 else { return nil }
    let state = try database.state(of: trial.study)
    let row = try state.row(trial.number)
    return try state.metricNames.compactMap { try state.summary(of: $0, row: row)?.last.step }.max()
  }

  /// Takes what happened to the process, in order.
  func take(_ event: ObjectiveEvent) {
    do {
      switch event {
      case .started(let process): try database.recordProcess(of: trial, process)
      case .output(let channel, let bytes):
        try log.append(bytes)
        tail.append(bytes)
        let found = parser.consume(bytes, from: channel)
        // What it declared in a file goes before what may be guessed from its print.
        if found.contains(where: \.isGuess) { try look() }
        try record(found.map { .printed($0) })
        for pattern in reading.rules.patterns {
          if let problem = pattern.takeProblem() { observe(.warning(problem)) }
        }
      }
    } catch { stop(because: error) }
  }

  /// Looks into the files that the objective writes.
  func poll() {
    do { try look() } catch { stop(because: error) }
  }

  private func look() throws {
    for index in followers.indices {
      try record(followers[index].poll().map { .file($0) })
    }
  }

  /// Takes what is left once the process has ended: no word of it is judged any more.
  func finish(_ end: ObjectiveEnd) async {
    hasEnded = true
    do {
      if end.cause == .exited(status: 0) { try recordHeld() }
      try record(parser.finish().map { .printed($0) })
      for index in followers.indices {
        try record(followers[index].finish().map { .file($0) })
        followers[index].problems.forEach {
          observe(.warning(Explanation("trial \(trial.number): \($0)")))
        }
      }
      if counts { try report(metrics.finish()) }
      if end.exitStatus == 0 { warn() }
      try log.close()
      try await database.flush()
    } catch { stop(because: error) }
  }

  /// The last lines it printed.
  var lastLines: String { tail.text }

  /// Why the objectives `names` may have no value, where anything is known of it.
  func account(ofMissing names: [String]) -> String? {
    let reasons = names.flatMap { name in
      [parser.account(of: name)] + followers.dropFirst().map { $0.account(of: name) }
        + [unread.byMetric[name].map { UnreadNumbers.sentence(name, $0) }]
    }
    var seen: [String] = []
    for case let reason? in reasons where !seen.contains(reason) { seen.append(reason) }
    return seen.isEmpty ? nil : seen.joined(separator: "; ")
  }

  // MARK: Recording

  private var unread: UnreadNumbers {
    followers.reduce(into: parser.unread) { $0.merge($1.unread) }
  }

  /// Whether what it says now counts, unless it is heard to have run to its end.
  private var counts: Bool { failure == nil && (prunedStep == nil || isReleased) }

  private func record(_ findings: [HeldFinding]) throws {
    var reports: [AttemptMetrics.Report] = []
    for finding in findings where failure == nil {
      guard counts else {
        hold(finding)
        continue
      }
      if case .file(.restart(let step)) = finding {
        try report(reports, isLast: false)
        reports = []
        try goBack(to: step)
      }
      reports += take(finding)
    }
    try report(reports)
  }

  private func goBack(to step: Int64) throws {
    let state = try database.state(of: trial.study)
    let row = try state.row(trial.number)
    for objective in reading.objectives.map(\.name) {
      let steps = try state.series(of: objective, row: row).map(\.step)
      voidSteps[objective, default: []].formUnion(steps.filter { $0 >= step })
    }
  }

  private func take(_ finding: HeldFinding) -> [AttemptMetrics.Report] {
    switch finding {
    case .printed(let finding): metrics.take(finding)
    case .file(let observation): metrics.take(observation)
    }
  }

  /// Records, then judges by the last of them that holds the objective: the process has gone
  /// beyond the others.
  private func report(_ reports: [AttemptMetrics.Report], isLast: Bool = true) throws {
    var last: (row: Int, report: AttemptMetrics.Report)?
    for report in reports {
      let row = try database.record(
        trial.study, trial: trial.number, claim: trial.claim, step: report.step, report.entries)
      observe(.reported(trial: trial.number, step: report.step, report.entries))
      for entry in report.entries { voidSteps[entry.metric]?.remove(report.step) }
      if report.entries.contains(where: { $0.metric == reading.objectives[0].name }) {
        last = (row, report)
      }
    }
    guard isLast, !hasEnded, let last,
      try database.judge(trial.study, row: last.row, at: last.report.step, last.report.entries)
    else { return }
    prunedStep = last.report.step
    control.stop(grace: grace)
  }

  private func hold(_ finding: HeldFinding) {
    guard held.count < Self.heldLimit else {
      hasDroppedHeld = true
      return
    }
    if case .printed(var finding) = finding {
      finding.line = []  // It would keep the whole piece of output.
      held.append(.printed(finding))
    } else {
      held.append(finding)
    }
  }

  /// It had run to its end before it could be stopped: all that it said counts.
  private func recordHeld() throws {
    isReleased = true
    let findings = held
    held = []
    if hasDroppedHeld {
      observe(
        .warning(
          Explanation(
            "trial \(trial.number): it said so much after the pruner had given it up that only its "
              + "first \(Self.heldLimit) reports since then are kept")))
    }
    try record(findings)
  }

  /// What was left out or has nothing to work on, once a run.
  private func warn() {
    for (metric, sample) in unread.byMetric.sorted(by: { $0.key < $1.key })
    where reading.isNew("unread \(metric)") {
      observe(
        .warning(
          Explanation("trial \(trial.number): \(UnreadNumbers.sentence(metric, sample))")))
    }
    let isValued = reading.objectives.allSatisfy {
      finalValues[$0.name] != nil || reportedMetrics.contains($0.name) || bareNumber != nil
    }
    if isValued,
      let warning = reading.warning(aboutSeries: reportedMetrics, ofTrial: trial.number),
      reading.isNew("series")
    {
      observe(.warning(warning))
    }
  }

  private func stop(because error: any Error) {
    if failure == nil { failure = error }
    control.stop(grace: grace)
  }
}
