// How noisy a trial's value is, by the trials that ran it again.

import PlainText
package import StudyModel

/// What the reruns of a trial came to.
package struct RerunSummary: Equatable, Sendable {
  /// One objective.
  package struct Value: Equatable, Sendable {
    package var objective: String
    /// What the first run came to; nil: nothing.
    package var original: Double?
    package var mean: Double
    /// The sample's standard deviation; nil of fewer than two.
    package var deviation: Double?
    package var minimum: Double
    package var maximum: Double
  }

  /// The number of the trial that was run again.
  package var original: Int
  /// How many reruns are complete, and how many ended otherwise or have not ended.
  package var complete = 0
  package var failed = 0
  package var open = 0
  /// By objective; empty where no rerun is complete.
  package var values: [Value] = []

  /// The reruns of trial `number` that were not dropped.
  ///
  /// - Throws: when trials cannot be read.
  package init(of number: Int, in state: StudyRecord) throws {
    original = number
    var found: [[Double]] = []
    for (row, marks) in state.markedRows where marks.rerunOf == number && marks.dropped == nil {
      let trial = try state.trial(row)
      switch trial.state {
      case .complete where !trial.values.isEmpty: found.append(trial.values)
      case .waiting, .running: open += 1
      default: failed += 1
      }
    }
    complete = found.count
    if found.isEmpty { return }
    let first = try state.row(ofNumber: number).map { try state.trial($0).values } ?? []
    values = state.study.definition.objectives.enumerated().map { index, objective in
      let values = found.map { $0[index] }
      let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Value(
        objective: objective.name, original: index < first.count ? first[index] : nil, mean: mean,
        deviation: values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil,
        minimum: values.min() ?? mean, maximum: values.max() ?? mean)
    }
  }

  /// `5 reruns of trial 10: loss mean 0.0041, deviation 0.0003, from 0.0037 to 0.0045; trial 10 had
  /// 0.003692`, and what is missing.
  package var lines: [String] {
    var start = "\(Measures.count(complete, "rerun")) of trial \(original)"
    if failed > 0 { start += ", \(failed) failed" }
    if open > 0 { start += ", \(open) to go" }
    if values.isEmpty { return [start] }
    var lines = values.map { value -> String in
      func text(_ number: Double) -> String { number.text(significantDigits: 6) }
      var line = "\(start): \(value.objective) mean \(text(value.mean))"
      if let deviation = value.deviation {
        line += ", deviation \(deviation.text(significantDigits: 3))"
      }
      line += ", from \(text(value.minimum)) to \(text(value.maximum))"
      if let first = value.original { line += "; trial \(original) had \(text(first))" }
      return line.neutralized
    }
    if complete > 1, values.allSatisfy({ $0.minimum == $0.maximum }) {
      lines.append(
        "all alike: where the objective takes a seed, give it one of each trial's own, as {trial}")
    }
    return lines
  }
}
