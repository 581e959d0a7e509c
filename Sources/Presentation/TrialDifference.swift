// Two trials side by side.

package import StudyModel
package import StudySQL

/// One thing that two trials have, or one of them.
package struct TrialDifference: Equatable, Sendable {
  package var name: String
  package var values: [SQLValue]

  package var isDifferent: Bool { values[0] != values[1] }
}

extension StudyRecord {
  /// What the trials in two rows have, each by name: state, parameters, values, metrics as they
  /// came out, attributes, time, and why one failed.
  package func differences(between row: Int, and other: Int) throws -> [TrialDifference] {
    let trials = [try trial(row), try trial(other)]
    var all: [TrialDifference] = []
    func add(_ name: String, _ value: (TrialRecord) -> SQLValue?) {
      let values = trials.map { value($0) ?? .null }
      if values.contains(where: { $0 != .null }) {
        all.append(TrialDifference(name: name, values: values))
      }
    }
    add("state") { .text($0.state.name) }
    let objectives = study.definition.objectives
    for (index, objective) in objectives.enumerated() {
      add(objective.name) { $0.values.indices.contains(index) ? .real($0.values[index]) : nil }
    }
    for name in parameterNames {
      add(name) { trial in
        trial.assignment.entries.first { $0.name == name }.map { SQLValue($0.value) }
      }
    }
    for metric in metricNames where !objectives.contains(where: { $0.name == metric }) {
      add("\(metric)_last") { trial in
        trial.series.first { $0.metric == metric }.map { .real($0.summary.last.value) }
      }
    }
    for metric in metricNames {
      add("\(metric)_steps") { trial in
        trial.series.first { $0.metric == metric }.map { .integer(Int64($0.summary.count)) }
      }
    }
    for key in attributeKeys(.user) {
      add("user_\(key)") { trial in
        trial.userAttributes.first { $0.key == key }.map { .text($0.json) }
      }
    }
    add("proposed_by") { .text($0.proposer) }
    add("attempts") { .integer(Int64($0.attempts.count)) }
    add("duration_s") { trial in
      guard let start = trial.started, let end = trial.ended else { return nil }
      return .real(Double(end.rawValue - start.rawValue) / 1e6)
    }
    add("reason") { trial in
      trial.state == .failed ? trial.attempts.last?.end.map { .text($0.reason) } : nil
    }
    return all
  }
}
