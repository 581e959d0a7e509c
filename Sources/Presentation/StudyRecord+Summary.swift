// Studies in a line, for people.

import PlainText
import Samplers
import SpaceNotation
package import StudyModel

extension StudyRecord {
  /// `37 of 100 done, 2 failed`
  package var progressSummary: String { progressSummary(target: study.definition.targetTrials) }

  /// The same with another number of trials to reach.
  package func progressSummary(target: Int?) -> String {
    let left = leftCount
    var text = "\(accomplishedCount)\(target.map { " of \($0)" } ?? "") done"
    let pruned = searchedCount(.pruned)
    if pruned > 0 { text += " (\(pruned) pruned)" }
    let counts = [
      ("failed", searchedCount(.failed)), ("running", count(.running)),
      ("waiting", searchedCount(.waiting) - left), ("left by a dead worker", left),
      ("dropped", setAsideCounts.dropped), ("reruns", setAsideCounts.reruns),
    ]
    return text + counts.filter { $0.1 > 0 }.map { ", \($0.1) \($0.0)" }.joined()
  }

  /// How many trials of the search wait because their worker died.
  package var leftCount: Int {
    openTrials.count {
      $0.state == .waiting && $0.lastAttempt?.end?.outcome == .lost && !isSetAside(row: $0.row)
    }
  }

  /// How many trials were dropped, and how many others are reruns.
  package var setAsideCounts: (dropped: Int, reruns: Int) {
    if setAsideCount == 0 { return (0, 0) }
    let dropped = markedRows.count { $0.marks.dropped != nil }
    return (dropped, setAsideCount - dropped)
  }

  /// The best trial with its values and parameters; several objectives: how large the front is.
  package var bestSummary: String? {
    get throws {
      guard let best = bestTrials.first else { return nil }
      if study.definition.objectives.count > 1 {
        return Measures.count(bestTrials.count, "trial") + " on the Pareto front: "
          + ShellText.line(["cairn", "best", study.name])
      }
      let parameters = try trial(best.row).assignment.summary
      return "\(text(ofValues: best.values)) (trial \(best.number)): \(parameters)"
    }
  }

  /// `accuracy 0.973`, all objectives.
  package func text(ofValues values: [Double]) -> String {
    zip(study.definition.objectives, values).map { objective, value in
      "\(objective.name) \(value.text(significantDigits: 6))"
    }.joined(separator: ", ").neutralized
  }

  /// The bounds that `trial` breaks, as far as known: `latency <= 50`.
  package func boundsBroken(by trial: TrialRecord) -> [String] {
    zip(study.definition.bounds, trial.violations).compactMap { bound, violation in
      (violation ?? 0) > 0 ? bound.notation : nil
    }
  }

  /// How many complete trials break a bound, and so are no candidates for the best.
  ///
  /// - Throws: when trials cannot be read.
  /// - Complexity: O(trials) where there are bounds.
  package func countBreakingBounds() throws -> Int {
    if study.definition.bounds.isEmpty { return 0 }
    var count = 0
    for rows in blocksOfRows() {
      let trials = try load(ColumnSet(.outcomes), rows: rows)
      count += rows.count { trials.states[$0] == .complete && !trials.isFeasible(row: $0) }
    }
    return count
  }
}

extension Assignment {
  /// `lr=0.00123 layers=3`, numbers to four digits.
  package var summary: String {
    entries.map { "\($0.name)=\($0.value.brief)".neutralized }.joined(separator: " ")
  }
}

extension ParameterValue {
  /// Numbers to four digits.
  var brief: String {
    if case .float(let number) = self { number.text(significantDigits: 4) } else { description }
  }
}

extension StudyDefinition {
  /// `100 trials, 5 parameters, sampler auto, seed 1`
  package var summary: String {
    let parameters = space.parameters.count
    return (targetTrials.map { "\($0) trial\($0 == 1 ? "" : "s")" } ?? "trials until it is stopped")
      + ", \(parameters) parameter\(parameters == 1 ? "" : "s")"
      + ", sampler \(sampler.notation), seed \(seed)"
  }
}
