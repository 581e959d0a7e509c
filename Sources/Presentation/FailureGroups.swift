// Why trials of a study failed: grouped by reason, with what those of a group have in common that
// the trials that went well have not.

package import StudyModel

/// Trials that failed for the same reason.
package struct FailureGroup: Equatable, Sendable {
  package var reason: String
  /// Their numbers, ascending.
  package var trials: [Int]
  /// The last line that the last of them printed; empty: none.
  package var lastLine: String
  /// Their common parameters, as `lr 0.05..0.1` or `opt=sgd`: those whose values all of them have,
  /// or between whose values no complete trial lies.
  package var shared: [String]
}

extension StudyRecord {
  /// The failed trials by their reasons, the most frequent first. Only the last attempt of a trial
  /// counts.
  package func failureGroups() throws -> [FailureGroup] {
    var groups: [String: [TrialRecord]] = [:]
    let columns = try load(ColumnSet(parameters: .all))
    var complete: [Int] = []
    for row in 0..<trialCount {
      switch columns.states[row] {
      case .failed:
        let trial = try self.trial(row)
        groups[trial.failureReason, default: []].append(trial)
      case .complete: complete.append(row)
      default: break
      }
    }
    return groups.map { reason, trials in
      FailureGroup(
        reason: reason, trials: trials.map(\.number),
        lastLine: trials.last?.lastLine ?? "",
        shared: columns.parameters.compactMap { parameter in
          Self.common(parameter, of: trials, unlike: complete)
        })
    }.sorted {
      ($1.trials.count, $0.trials.first ?? 0) < ($0.trials.count, $1.trials.first ?? 0)
    }
  }

  /// What `trials` have in common of a parameter; nil where that says nothing.
  private static func common(
    _ parameter: ParameterColumn, of trials: [TrialRecord], unlike complete: [Int]
  ) -> String? {
    let rows = trials.map(\.row)
    let values = rows.compactMap { parameter.internalValues[$0] }
    guard trials.count > 1, values.count == rows.count, let low = values.min(),
      let high = values.max(), let distribution = parameter.distribution(ofRow: rows[0])
    else { return nil }
    let others = complete.compactMap { parameter.internalValues[$0] }
    if case .categorical = distribution {
      // What everything has in common explains nothing.
      guard low == high, others.contains(where: { $0 != low }) else { return nil }
      return "\(parameter.name)=\(distribution.text(of: low))"
    }
    guard !others.isEmpty, !others.contains(where: { low...high ~= $0 }) else { return nil }
    let ends = [low, high].map(distribution.text)
    return low == high
      ? "\(parameter.name)=\(ends[0])" : "\(parameter.name) \(ends[0])..\(ends[1])"
  }
}

extension TrialRecord {
  /// Why it failed, by its last attempt.
  fileprivate var failureReason: String {
    guard let end = attempts.last?.end else { return "no reason is recorded" }
    return end.reason.isEmpty ? end.outcome.name : end.reason
  }

  fileprivate var lastLine: String {
    let lines = attempts.last?.end?.lastLines.split(whereSeparator: \.isNewline) ?? []
    return lines.last.map(String.init) ?? ""
  }
}
