// Studies in a line, for people.

import PlainText
import Samplers
import SpaceNotation
import StudyModel
import StudySQL

extension StudyState {
  /// `37 of 100 done, 2 failed`
  var progressSummary: String { progressSummary(target: study.definition.targetTrials) }

  /// - Parameter lost: how many trials run by the record only, their worker having died.
  func progressSummary(target: Int?, lost: Int = 0) -> String {
    var text = "\(trials.accomplishedCount)\(target.map { " of \($0)" } ?? "") done"
    let pruned = trials.count(.pruned)
    if pruned > 0 { text += " (\(pruned) pruned)" }
    let counts = [
      ("failed", trials.count(.failed)), ("running", trials.count(.running) - lost),
      ("waiting", trials.count(.waiting)), ("left by a dead worker", lost),
    ]
    return text + counts.filter { $0.1 > 0 }.map { ", \($0.1) \($0.0)" }.joined()
  }

  /// The best trial with its values and parameters; several objectives: how large the front is.
  var bestSummary: String? {
    let rows = History(self).bestRows()
    guard let row = rows.first else { return nil }
    if study.definition.objectives.count > 1 {
      return "\(rows.count) trial\(rows.count == 1 ? "" : "s") on the Pareto front"
    }
    return "\(valueText(row: row)) (trial \(trials.numbers[row])): \(parameterText(row: row))"
  }

  /// The attempts that are under way, by the record.
  var runningAttempts: [Attempt] {
    trials.openRows.compactMap { row in
      trials.states[row] == .running ? trials.lastAttempt[row].map { trials.attempts[$0] } : nil
    }
  }

  /// `accuracy 0.973`, all objectives.
  func valueText(row: Int) -> String {
    let values = trials.objectiveValues(ofRow: row)
    return zip(study.definition.objectives, values).map { objective, value in
      "\(objective.name) \(value.text(significantDigits: 6))"
    }.joined(separator: ", ").neutralized
  }

  /// `lr=0.00123 layers=3`, numbers to four digits.
  func parameterText(row: Int) -> String {
    trials.assignment(ofRow: row).entries.map { entry in
      let value =
        if case .float(let number) = entry.value {
          number.text(significantDigits: 4)
        } else {
          entry.value.description
        }
      return "\(entry.name)=\(value)".neutralized
    }.joined(separator: " ")
  }
}

extension StudyDefinition {
  /// `100 trials, 5 parameters, sampler auto, seed 1`
  var summary: String {
    let parameters = space.parameters.count
    return (targetTrials.map { "\($0) trial\($0 == 1 ? "" : "s")" } ?? "trials until it is stopped")
      + ", \(parameters) parameter\(parameters == 1 ? "" : "s")"
      + ", sampler \(sampler.notation), seed \(seed)"
  }
}
