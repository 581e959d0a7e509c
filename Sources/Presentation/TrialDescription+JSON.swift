// All there is to know of a trial, for programs.

package import PlainText
import SpaceNotation
import StudyModel

extension TrialDescription {
  /// The same as one JSON object.
  package var json: JSONDocument {
    .object([
      ("study", .string(state.study.name)),
      ("number", JSONDocument(trial.number)),
      ("state", .string(trial.state.name)),
      ("values", state.json(ofValues: trial.values)),
      ("violations", violations),
      ("breaks", .array(state.boundsBroken(by: trial).map { .string($0) })),
      ("params", trial.assignment.document),
      ("command", command.map { .array($0.map { .string($0) }) } ?? .null),
      ("metrics", metrics),
      ("user_attributes", attributes(trial.userAttributes)),
      ("system_attributes", attributes(trial.systemAttributes)),
      ("sampler", JSONDocument(trial.proposer.isEmpty ? nil : trial.proposer)),
      ("retry_of", JSONDocument(trial.retryOf)),
      ("rerun_of", JSONDocument(trial.marks.rerunOf)),
      ("note", JSONDocument(trial.marks.note)),
      ("tags", .array(trial.marks.tags.map { .string($0) })),
      ("dropped", JSONDocument(trial.marks.dropped)),
      ("created", .string(clock.text(trial.created))),
      ("started", JSONDocument(trial.started.map(clock.text))),
      ("ended", JSONDocument(trial.ended.map(clock.text))),
      ("attempts", .array(attempts.map(json))),
      ("directory", JSONDocument(directory)),
    ])
  }

  private var violations: JSONDocument {
    .object(
      zip(state.study.definition.bounds, trial.violations).compactMap { bound, violation in
        violation.map { (bound.notation, .number($0)) }
      })
  }

  private var metrics: JSONDocument {
    .object(
      trial.series.map { series in
        let summary = series.summary
        let hasNumbers = summary.count > summary.nanCount
        return (
          series.metric,
          .object([
            ("steps", JSONDocument(summary.count)),
            ("first", .number(summary.first.value)),
            ("last", .number(summary.last.value)),
            ("min", hasNumbers ? .number(summary.minimum) : .null),
            ("max", hasNumbers ? .number(summary.maximum) : .null),
            ("mean", JSONDocument(summary.mean)),
          ])
        )
      })
  }

  private func attributes(_ attributes: [TrialRecord.Attribute]) -> JSONDocument {
    .object(attributes.map { ($0.key, JSONDocument(attribute: $0.json)) })
  }

  private func json(_ attempt: Attempt) -> JSONDocument {
    let end = attempt.end
    return .object([
      ("index", JSONDocument(attempt.index)),
      ("outcome", JSONDocument(end?.outcome.name)),
      ("reason", JSONDocument(end.map(\.reason))),
      ("exit_status", end?.exitStatus.map { .integer(Int64($0)) } ?? .null),
      ("started", .string(clock.text(attempt.started))),
      ("ended", JSONDocument(attempt.ended.map(clock.text))),
      ("host", .string(attempt.host)),
      ("worker", .string(attempt.worker)),
      ("wall_s", JSONDocument(end?.usage?.wallSeconds)),
      ("cpu_s", JSONDocument(end?.usage?.measuredCPUSeconds)),
      ("peak_rss", end?.usage?.measuredPeakBytes.map { .integer($0) } ?? .null),
      ("last_lines", JSONDocument(end.map(\.lastLines))),
    ])
  }
}
