// All there is to know of a trial, for people.

import PlainText
import Foundation
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL

struct TrialDescription {
  let state: StudyState
  let row: Int
  let clock: ClockZone
  let files: TrialFiles

  var trials: TrialColumns { state.trials }
  var attempts: [Attempt] { trials.attempts(ofRow: row) }

  var text: String {
    var lines = LabelledLines()
    lines.add("values", values)
    lines.add("bounds", bounds)
    lines.add(
      "parameters",
      LabelledLines.aligned(
        trials.assignment(ofRow: row).entries.map { [$0.name, $0.text] }))
    lines.add("command", command.map(ShellText.line))
    lines.add("metrics", metrics)
    lines.add("attributes", attributes(trials.userAttributes))
    lines.add("recorded", attributes(trials.systemAttributes))
    lines.add("proposed by", trials.proposers[row].isEmpty ? "enqueued" : trials.proposers[row])
    lines.add("retry of", trials.retryOf[row].map { "trial \($0)" })
    lines.add("created", clock.text(trials.created[row]))
    lines.add("started", trials.started[row].map(clock.text))
    lines.add("ended", ended)
    for attempt in attempts { lines.add("attempt \(attempt.index)", describe(attempt)) }
    if hasFiles { lines.add("files", files.directory) }
    return "trial \(trials.numbers[row]) of \(state.study.name.neutralized):"
      + " \(trials.states[row].name)\n" + lines.text
  }

  /// Its command line, from what the study remembers; nil where that fits the space no more, or
  /// there is none.
  var command: [String]? {
    let assignment = trials.assignment(ofRow: row)
    do {
      return try RecordedCommand(state.study)?.line(
        of: assignment, trial: trials.numbers[row], files: files)
    } catch {
      return nil
    }
  }

  var hasFiles: Bool { FileManager.default.fileExists(atPath: files.directory) }

  private var values: [String] {
    LabelledLines.aligned(
      zip(state.study.definition.objectives, trials.objectiveValues(ofRow: row)).map {
        [$0.name, $1.notation]
      })
  }

  /// Each bound with how the trial stands to it, once that is known.
  private var bounds: [String] {
    zip(state.study.definition.bounds, trials.violations).compactMap { bound, column in
      column[row].map { bound.notation + ($0 <= 0 ? ": kept" : ": broken") }
    }
  }

  private var metrics: [String] {
    LabelledLines.aligned(
      trials.metrics.compactMap { metric in
        guard let summary = metric.summary(ofRow: row) else { return nil }
        return [
          metric.name, Measures.count(summary.count, "step"),
          Sparkline.text(metric.series(ofRow: row).map(\.value), width: 16),
          "last " + summary.last.value.text(significantDigits: 6)
            + (summary.count > summary.nanCount
              ? ", min " + summary.minimum.text(significantDigits: 6)
                + ", max " + summary.maximum.text(significantDigits: 6) : ""),
        ]
      })
  }

  private func attributes(_ columns: [AttributeColumn]) -> [String] {
    columns.compactMap { column in column.json[row].map { "\(column.key) = \($0)" } }
  }

  private var ended: String? {
    guard let end = trials.ended[row] else { return nil }
    guard let start = trials.started[row] else { return clock.text(end) }
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
          + ", CPU \(Measures.duration(seconds: usage.cpuSeconds))"
          + (usage.measuredPeakBytes.map { ", memory \(Measures.size(bytes: $0))" } ?? ""))
    }
    lines += end.lastLines.split(separator: "\n").map { "| \($0)" }
    return lines
  }
}
