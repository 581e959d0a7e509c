// What everything that an attempt said comes to.

package import StudyModel

/// Turns findings, in the order in which they came, into reports by step and final values.
///
/// Values without a step are final while there is one of them; from the second on they are a
/// series that is numbered in the order of the lines, from 0 or from where earlier attempts
/// stopped. What the objective declares (JSON, patterns, files) goes before what was guessed from
/// its print.
package struct AttemptMetrics: Sendable {
  /// Values to record at a step.
  package struct Report: Hashable, Sendable {
    package var step: Int64
    package var entries: [MetricReport.Entry]
    /// The line they are from; nil: a file.
    package var source: Finding?
  }

  private let objectives: Set<String>
  private let awaited: Set<String>
  /// The step of the first value without one.
  private let firstStep: Int64
  /// Metrics that the objective declared itself.
  private var declared: Set<String> = []
  /// The highest step of each metric, and its value there.
  private var lastPoints: [String: (step: Int64, value: Double)] = [:]
  /// The highest step of any.
  private var lastStep: Int64?
  /// Metrics that have steps of their own.
  private var stepped: Set<String> = []
  /// By metric: how many lines without a step named it.
  private var counts: [String: Int64] = [:]
  /// The only line without a step so far, by each awaited metric it names.
  private var single: [String: Report] = [:]
  /// What a line that is written over said last.
  private var provisional: Report?

  /// Final values of objectives, and where they are from.
  package private(set) var finals: [String: (value: Double, source: Finding?)] = [:]
  package private(set) var bareNumber: Double?

  /// - Parameter lastStep: the highest step that earlier attempts at the trial reported; nil when
  ///   they reported none.
  package init(objectives: Set<String>, bounds: Set<String> = [], after lastStep: Int64? = nil) {
    self.objectives = objectives
    awaited = objectives.union(bounds)
    firstStep = lastStep.map { $0 == .max ? $0 : $0 + 1 } ?? 0
  }

  package var finalValues: [String: Double] { finals.mapValues(\.value) }
  /// Metrics with values by step.
  package var series: Set<String> { Set(lastPoints.keys) }

  /// What is to be recorded now that `finding` was made.
  package mutating func take(_ finding: Finding) -> [Report] {
    take(finding.observation, from: finding)
  }

  /// The same of a file, whose values are declared.
  package mutating func take(_ observation: Observation) -> [Report] {
    take(observation, from: nil)
  }

  /// What is to be recorded at the end: what is said beside final values (a latency that has a
  /// bound) at the step it has come to, or at the next where it has a value there.
  package mutating func finish() -> [Report] {
    var reports = flush()
    var lines: [Report] = []
    for report in single.values where !lines.contains(report) { lines.append(report) }
    single = [:]
    for line in lines.sorted(by: { ($0.source?.number ?? 0) < ($1.source?.number ?? 0) }) {
      reports += besideFinal(line.entries, line.source)
    }
    return reports
  }

  // MARK: Rules

  private mutating func take(_ observation: Observation, from source: Finding?) -> [Report] {
    switch observation {
    case .bareNumber(let value):
      bareNumber = value
      return []
    case .restart: return []
    case .intermediate(let step, let entries):
      guard let source, source.isGuess else {
        declare(entries)
        return record(step, entries, source)
      }
      let entries = undeclared(entries)
      guard !entries.isEmpty else { return [] }
      for entry in entries where finals[entry.metric]?.source?.isGuess == true {
        finals[entry.metric] = nil
        single[entry.metric] = nil
      }
      let report = Report(step: step, entries: entries, source: source)
      let before =
        provisional.map { $0.step == step && $0.names == report.names } == true
        ? [] : flush()
      if source.isProvisional {
        provisional = report
        return before
      }
      provisional = nil
      return before + record(step, changed(entries, at: step), source)
    case .stepless(let entries):
      guard let source, source.isGuess else {
        declare(entries)
        return takeStepless(entries, source)
      }
      let entries = undeclared(entries)
      return entries.isEmpty ? [] : flush() + takeStepless(entries, source)
    }
  }

  private mutating func takeStepless(
    _ entries: [MetricReport.Entry], _ source: Finding?
  ) -> [Report] {
    let names = entries.map(\.metric).filter(awaited.contains)
    guard !names.isEmpty else {
      // Beside the objective, by a pattern: a series from the first on.
      let count = entries.compactMap { counts[$0.metric] }.max() ?? 0
      for entry in entries { counts[entry.metric] = count + 1 }
      return record(numbered(count), entries, source, isOwnStep: false)
    }
    if names.contains(where: stepped.contains) {
      setFinals(entries, source)
      return besideFinal(entries, source)
    }
    let count = names.compactMap { counts[$0] }.max() ?? 0
    for name in names { counts[name] = count + 1 }
    if count == 0 {
      setFinals(entries, source)
      let report = Report(step: firstStep, entries: entries, source: source)
      for name in names { single[name] = report }
      return []
    }
    var reports: [Report] = []
    for name in names {
      guard let first = single[name] else { continue }
      for entry in first.entries {
        single[entry.metric] = nil
        finals[entry.metric] = nil
      }
      reports += record(first.step, first.entries, first.source, isOwnStep: false)
    }
    return reports + record(numbered(count), entries, source, isOwnStep: false)
  }

  private func numbered(_ count: Int64) -> Int64 {
    firstStep.addingReportingOverflow(count).overflow ? .max : firstStep + count
  }

  private mutating func setFinals(_ entries: [MetricReport.Entry], _ source: Finding?) {
    for entry in entries where objectives.contains(entry.metric) {
      finals[entry.metric] = (entry.value, source)
    }
  }

  private mutating func besideFinal(
    _ entries: [MetricReport.Entry], _ source: Finding?
  ) -> [Report] {
    entries.filter { !objectives.contains($0.metric) }.flatMap { entry in
      let free = lastPoints[entry.metric].map { $0.step == .max ? $0.step : $0.step + 1 }
      return record(max(lastStep ?? firstStep, free ?? .min), [entry], source, isOwnStep: false)
    }
  }

  private mutating func record(
    _ step: Int64, _ entries: [MetricReport.Entry], _ source: Finding?, isOwnStep: Bool = true
  ) -> [Report] {
    guard !entries.isEmpty else { return [] }
    lastStep = max(lastStep ?? step, step)
    for entry in entries {
      if isOwnStep { stepped.insert(entry.metric) }
      if lastPoints[entry.metric].map({ $0.step <= step }) ?? true {
        lastPoints[entry.metric] = (step, entry.value)
      }
    }
    return [Report(step: step, entries: entries, source: source)]
  }

  private mutating func flush() -> [Report] {
    guard let report = provisional else { return [] }
    provisional = nil
    return record(report.step, changed(report.entries, at: report.step), report.source)
  }

  private mutating func declare(_ entries: [MetricReport.Entry]) {
    for entry in entries where declared.insert(entry.metric).inserted {
      guard finals[entry.metric]?.source?.isGuess == true else { continue }
      finals[entry.metric] = nil
      single[entry.metric] = nil
      counts[entry.metric] = nil
    }
  }

  private func undeclared(_ entries: [MetricReport.Entry]) -> [MetricReport.Entry] {
    let left = entries.filter { !declared.contains($0.metric) }
    // What stands beside the objective counts with it.
    return left.contains { awaited.contains($0.metric) } ? left : []
  }

  /// Without what was said of this step already.
  private func changed(_ entries: [MetricReport.Entry], at step: Int64) -> [MetricReport.Entry] {
    entries.filter { entry in
      guard let last = lastPoints[entry.metric] else { return true }
      return last.step != step || last.value.bitPattern != entry.value.bitPattern
    }
  }
}

extension AttemptMetrics.Report {
  fileprivate var names: [String] { entries.map(\.metric) }
}
