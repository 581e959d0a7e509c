// Studies in a line, for people.

import PlainText
import Samplers
import SpaceNotation
import StudyModel
import StudySQL

extension StudyRecord {
  /// `37 of 100 done, 2 failed`
  var progressSummary: String { progressSummary(target: study.definition.targetTrials) }

  /// - Parameter lost: how many trials run by the record only, their worker having died.
  func progressSummary(target: Int?, lost: Int = 0) -> String {
    var text = "\(accomplishedCount)\(target.map { " of \($0)" } ?? "") done"
    let pruned = count(.pruned)
    if pruned > 0 { text += " (\(pruned) pruned)" }
    let counts = [
      ("failed", count(.failed)), ("running", count(.running) - lost),
      ("waiting", count(.waiting)), ("left by a dead worker", lost),
    ]
    return text + counts.filter { $0.1 > 0 }.map { ", \($0.1) \($0.0)" }.joined()
  }

  /// The best trial with its values and parameters; several objectives: how large the front is.
  var bestSummary: String? {
    get throws {
      guard let best = bestTrials.first else { return nil }
      if study.definition.objectives.count > 1 {
        return "\(bestTrials.count) trial\(bestTrials.count == 1 ? "" : "s") on the Pareto front"
      }
      let parameters = try trial(best.row).assignment.summary
      return "\(text(ofValues: best.values)) (trial \(best.number)): \(parameters)"
    }
  }

  /// The attempts that are under way, by the record, and the numbers of their trials.
  var runningAttempts: [(attempt: Attempt, trial: Int)] {
    openTrials.compactMap { trial in
      trial.state == .running ? trial.lastAttempt.map { ($0, trial.number) } : nil
    }
  }

  /// `accuracy 0.973`, all objectives.
  func text(ofValues values: [Double]) -> String {
    zip(study.definition.objectives, values).map { objective, value in
      "\(objective.name) \(value.text(significantDigits: 6))"
    }.joined(separator: ", ").neutralized
  }

}

extension Assignment {
  /// `lr=0.00123 layers=3`, numbers to four digits.
  var summary: String {
    entries.map { entry in
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
