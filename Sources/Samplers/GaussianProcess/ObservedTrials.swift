// What became of a study's trials, in the order in which they finished.

import GaussianProcess
import StudyModel

/// Follows a study's finished trials. What it takes of each it takes once: a finished trial never
/// changes.
struct ObservedTrials: Sendable {
  /// How a trial ended, as far as a model learns from it.
  enum Ending: Sendable {
    case complete(loss: Double)
    /// Stopped early; the last loss that it reported, if it did.
    case pruned(lastLoss: Double?)
    /// By its own fault, or with a value that is no number.
    case failed
    /// It was lost, which says nothing of its point.
    case lost
  }

  struct Trial: Sendable {
    let row: Int
    /// As the model sees it.
    let point: [Double]
    let ending: Ending
    /// By bound of the study; NaN where it is not known.
    let violations: [Double]
  }

  private(set) var trials: [Trial] = []
  private var parameters: [Parameter] = []
  /// Which trials were set aside when these were taken.
  private var setAside: UInt64 = 0

  /// Takes what has finished since it was last asked.
  ///
  /// - Throws: when trials cannot be read.
  mutating func follow(_ history: History, _ space: EncodedSpace) throws {
    let finished = history.finishedRows
    // An edited space, a store that lost its tail, or one of which trials were dropped, is another
    // history.
    if parameters != space.frame.parameters || setAside != finished.fingerprint
      || trials.count > finished.count
      || (!trials.isEmpty && finished[trials.count - 1] != trials[trials.count - 1].row)
    {
      trials = []
      parameters = space.frame.parameters
      setAside = finished.fingerprint
    }
    if trials.count == finished.count { return }
    trials += try Self.trials(finished[trials.count...], history, space)
  }

  /// The trials of `rows`, seen in `space`.
  static func trials(
    _ rows: some Sequence<Int>, _ history: History, _ space: EncodedSpace
  ) throws -> [Trial] {
    let readers = space.frame.parameters.map { ParameterReader($0, in: history) }
    return try rows.map { row in
      let cells = try history.trial(row)
      return Trial(
        row: row, point: space.encode(readers.map { $0.value(in: cells) }),
        ending: try ending(row, cells, history),
        violations: (0..<history.boundCount).map { cells.violation(ofBound: $0) ?? .nan })
    }
  }

  private static func ending(
    _ row: Int, _ trial: TrialCells, _ history: History
  ) throws -> Ending {
    let sign = history.objectives[0].direction == .minimize ? 1.0 : -1.0
    switch trial.state {
    case .complete:
      let loss = sign * (trial.value(ofObjective: 0) ?? .nan)
      return loss.isNaN || loss == .infinity ? .failed : .complete(loss: loss)
    case .pruned:
      let last = try history.intermediate(ofObjective: 0)?.summary(ofRow: row)?.last.value
      return .pruned(lastLoss: last.map { sign * $0 })
    case .failed: return trial.isFailedByObjective ? .failed : .lost
    case .running, .waiting: return .lost
    }
  }
}

/// The observations that a model of the objective is made of.
struct ObjectiveObservations: Sendable {
  var rows: [Int] = []
  /// Losses are finite. A pruned trial, of which only a beginning is known, counts as no
  /// better than the median of the complete ones and no worse than the worst.
  var seen = Observations()
  /// Whether each keeps the study's bounds, as far as is known, and ran to its end.
  var isFeasible: [Bool] = []

  init(_ trials: ArraySlice<ObservedTrials.Trial>) {
    let complete = trials.compactMap { trial -> Double? in
      guard case .complete(let loss) = trial.ending, loss.isFinite else { return nil }
      return loss
    }.sorted()
    guard let best = complete.first, let worst = complete.last else { return }
    let median = complete[complete.count / 2]
    for trial in trials {
      let loss: Double
      switch trial.ending {
      case .complete(let value): loss = max(value, best)
      case .pruned(let last?) where !last.isNaN: loss = min(max(last, median), worst)
      case .pruned: loss = worst
      case .failed, .lost: continue
      }
      var isComplete = false
      if case .complete = trial.ending { isComplete = true }
      rows.append(trial.row)
      seen.points.append(trial.point)
      seen.values.append(loss)
      isFeasible.append(isComplete && !trial.violations.contains { $0 > 0 })
    }
  }
}
