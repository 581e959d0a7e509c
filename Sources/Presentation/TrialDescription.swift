// All there is to know of a trial, for people.

package import PlainText
import SpaceNotation
package import StudyEngine
package import StudyModel

package struct TrialDescription {
  let state: StudyRecord
  let trial: TrialRecord
  let clock: ClockZone
  let files: TrialFiles
  let hasDirectory: Bool

  /// - Parameters:
  ///   - clock: by which times are told.
  ///   - files: where the trial's files would be.
  ///   - hasDirectory: whether its directory is there.
  package init(
    state: StudyRecord, trial: TrialRecord, clock: ClockZone, files: TrialFiles,
    hasDirectory: Bool
  ) {
    self.state = state
    self.trial = trial
    self.clock = clock
    self.files = files
    self.hasDirectory = hasDirectory
  }

  var directory: String? { hasDirectory ? files.directory : nil }

  /// Its command line, from what the study remembers; nil where that fits the space no more, or
  /// there is none.
  var command: [String]? {
    do {
      return try RecordedCommand(state.study)?.line(
        of: trial.assignment, trial: trial.number, files: files)
    } catch {
      return nil
    }
  }

  var attempts: [Attempt] { trial.attempts }

  /// Lines with labels, each with its end.
  ///
  /// - Throws: when the trial's curves cannot be read.
  package func text() throws -> String {
    var lines = LabelledLines()
    lines.add("dropped", trial.marks.dropped)
    lines.add("note", trial.marks.note)
    lines.add("tags", trial.marks.tags.isEmpty ? nil : trial.marks.tags.joined(separator: ", "))
    lines.add("values", values)
    lines.add("bounds", bounds)
    lines.add(
      "parameters",
      LabelledLines.aligned(
        trial.assignment.entries.map { [$0.name, $0.text] }))
    lines.add("command", command.map(ShellText.line))
    lines.add("metrics", try metrics())
    lines.add("attributes", attributes(trial.userAttributes))
    lines.add("recorded", attributes(trial.systemAttributes))
    lines.add("proposed by", trial.proposer.isEmpty ? "enqueued" : trial.proposer)
    lines.add("retry of", trial.retryOf.map { "trial \($0)" })
    lines.add("rerun of", trial.marks.rerunOf.map { "trial \($0), outside the search" })
    lines.add("reruns", try reruns())
    lines.add("created", clock.text(trial.created))
    lines.add("started", trial.started.map(clock.text))
    lines.add("ended", ended)
    for attempt in attempts { lines.add("attempt \(attempt.index)", describe(attempt)) }
    lines.add("files", directory)
    return "trial \(trial.number) of \(state.study.name.neutralized):"
      + " \(trial.state.name)\(trial.marks.dropped == nil ? "" : ", dropped")\n" + lines.text
  }

  private var values: [String] {
    LabelledLines.aligned(
      zip(state.study.definition.objectives, trial.values).map {
        [$0.name, $1.notation]
      })
  }

  /// Each bound with how the trial stands to it, once that is known.
  private var bounds: [String] {
    zip(state.study.definition.bounds, trial.violations).compactMap { bound, violation in
      violation.map { bound.notation + ($0 <= 0 ? ": kept" : ": broken") }
    }
  }

  private func reruns() throws -> [String] {
    let summary = try RerunSummary(of: trial.number, in: state)
    return summary.complete + summary.failed + summary.open > 0 ? summary.lines : []
  }

  private func metrics() throws -> [String] {
    LabelledLines.aligned(
      try trial.series.map { series in
        let summary = series.summary
        return [
          series.metric, Measures.count(summary.count, "step"),
          Sparkline.text(
            try state.series(of: series.metric, row: trial.row).map(\.value), width: 16),
          "last " + summary.last.value.text(significantDigits: 6)
            + (summary.count > summary.nanCount
              ? ", min " + summary.minimum.text(significantDigits: 6)
                + ", max " + summary.maximum.text(significantDigits: 6) : ""),
        ]
      })
  }

  private func attributes(_ attributes: [TrialRecord.Attribute]) -> [String] {
    attributes.map { "\($0.key) = \($0.json)" }
  }

  private var ended: String? {
    guard let end = trial.ended else { return nil }
    guard let start = trial.started else { return clock.text(end) }
    return clock.text(end) + ", after "
      + Measures.duration(seconds: end.seconds(since: start))
  }

  private func describe(_ attempt: Attempt) -> [String] {
    var lines = ["\(clock.text(attempt.started)) by \(attempt.worker) on \(attempt.host)"]
    guard let end = attempt.end else { return lines + ["not ended"] }
    lines.append(end.outcome.name + (end.reason.isEmpty ? "" : ": \(end.briefReason)"))
    if let usage = end.usage {
      lines.append(
        "took \(Measures.duration(seconds: usage.wallSeconds))"
          + (usage.measuredCPUSeconds.map { ", CPU \(Measures.duration(seconds: $0))" } ?? "")
          + (usage.measuredPeakBytes.map { ", memory \(Measures.size(bytes: $0))" } ?? ""))
    }
    lines += end.lastLines.split(separator: "\n").map { "| \($0)" }
    return lines
  }
}
