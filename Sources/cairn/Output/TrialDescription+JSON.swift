// All there is to know of a trial, for programs.

import PlainText
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL

extension TrialDescription {
  var json: JSONDocument {
    .object([
      ("study", .string(state.study.name)),
      ("number", JSONDocument(trials.numbers[row])),
      ("state", .string(trials.states[row].name)),
      ("values", state.valuesJSON(ofRow: row)),
      ("violations", violations),
      ("params", trials.assignment(ofRow: row).document),
      ("command", command.map { .array($0.map { .string($0) }) } ?? .null),
      ("metrics", metrics),
      ("user_attributes", attributes(trials.userAttributes)),
      ("system_attributes", attributes(trials.systemAttributes)),
      ("sampler", JSONDocument(trials.proposers[row].isEmpty ? nil : trials.proposers[row])),
      ("retry_of", JSONDocument(trials.retryOf[row])),
      ("created", .string(clock.text(trials.created[row]))),
      ("started", JSONDocument(trials.started[row].map(clock.text))),
      ("ended", JSONDocument(trials.ended[row].map(clock.text))),
      ("attempts", .array(attempts.map(json))),
      ("directory", JSONDocument(hasFiles ? files.directory : nil)),
    ])
  }

  private var violations: JSONDocument {
    .object(
      zip(state.study.definition.bounds, trials.violations).compactMap { bound, column in
        column[row].map { (bound.notation, .number($0)) }
      })
  }

  private var metrics: JSONDocument {
    .object(
      trials.metrics.compactMap { metric in
        guard let summary = metric.summary(ofRow: row) else { return nil }
        let hasNumbers = summary.count > summary.nanCount
        return (
          metric.name,
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

  private func attributes(_ columns: [AttributeColumn]) -> JSONDocument {
    .object(
      columns.compactMap { column in
        column.json[row].map { (column.key, JSONDocument(attribute: $0)) }
      })
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
      ("cpu_s", JSONDocument(end?.usage?.cpuSeconds)),
      ("peak_rss", end?.usage?.measuredPeakBytes.map { .integer($0) } ?? .null),
      ("last_lines", JSONDocument(end.map(\.lastLines))),
    ])
  }
}
