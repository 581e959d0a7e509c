// Stops a trial whose best value so far is worse than most others had at the same step.

public import StudyModel

/// Never stops a trial.
public struct NoPruner: Pruner {
  /// It has no options.
  public init() {}

  /// Nothing.
  public var needs: ColumnSet { ColumnSet() }

  /// Never.
  public func shouldPrune(row: Int, at step: Int64, given history: History) -> Bool { false }
}

/// Stops a trial whose best intermediate value so far is outside the best `percentile` percent
/// of what complete trials reported at the same step. With 50: the median rule.
///
/// Values that are not numbers count for nothing among the others; a trial that has reported
/// nothing else is stopped. Decides by the reports of the first objective's metric; with several
/// objectives it never stops a trial.
///
/// Rule and constants as in Optuna's PercentilePruner; the median rule is from Golovin et al.
/// (2017), "Google Vizier".
public struct PercentilePruner: Pruner {
  private let percentile: Double
  private let startupTrials: Int
  private let warmupSteps: Int64
  private let intervalSteps: Int64
  private let minimumTrials: Int

  /// - Parameters:
  ///   - percentile: the share to keep, 0 to 100.
  ///   - startupTrials: how many trials must be complete before any is stopped.
  ///   - warmupSteps: no trial is stopped before this step.
  ///   - intervalSteps: at least so many steps lie between two decisions about a trial.
  ///   - minimumTrials: how many complete trials must have reported at the step.
  public init(
    percentile: Double, startupTrials: Int = 5, warmupSteps: Int64 = 0, intervalSteps: Int64 = 1,
    minimumTrials: Int = 1
  ) {
    precondition((0...100).contains(percentile) && intervalSteps >= 1)
    self.percentile = percentile
    self.startupTrials = startupTrials
    self.warmupSteps = warmupSteps
    self.intervalSteps = intervalSteps
    self.minimumTrials = minimumTrials
  }

  /// The curves of the objective.
  public var needs: ColumnSet { ColumnSet(metrics: .declared) }

  /// Whether the trial's best value up to `step` is worse than that of the given share of the
  /// trials that came as far.
  ///
  /// - Complexity: O(trials).
  public func shouldPrune(row: Int, at step: Int64, given history: History) throws -> Bool {
    let complete = history.count(.complete)
    guard history.objectives.count == 1, complete > 0, complete >= startupTrials,
      step >= warmupSteps, let metric = history.intermediate(ofObjective: 0),
      let summary = metric.summary(ofRow: row),
      try isFirstInInterval(step: step, of: row, metric)
    else { return false }
    if summary.count == summary.nanCount { return true }

    var others: [Double] = []
    for other in 0..<history.trialCount where history.trials.states[other] == .complete {
      if let value = try metric.value(ofRow: other, atStep: step) { others.append(value) }
    }
    guard others.count >= minimumTrials else { return false }
    let isMinimizing = history.objectives[0].direction == .minimize
    others.removeAll(where: \.isNaN)
    guard
      let limit = quantile(&others, isMinimizing ? percentile / 100 : 1 - percentile / 100)
    else { return false }
    return isMinimizing ? summary.minimum > limit : summary.maximum < limit
  }

  /// Whether the trial has reported nothing since the decision step at or before `step`.
  private func isFirstInInterval(step: Int64, of row: Int, _ metric: MetricColumn) throws -> Bool {
    let decision = (step - warmupSteps) / intervalSteps * intervalSteps + warmupSteps
    if decision == step { return true }
    return try !metric.series(ofRow: row).contains { $0.step >= decision && $0.step != step }
  }
}

/// The `share` quantile by linear interpolation between order statistics (NumPy's default);
/// nil of none.
private func quantile(_ values: inout [Double], _ share: Double) -> Double? {
  guard !values.isEmpty else { return nil }
  values.sort()
  let position = share * Double(values.count - 1)
  let below = Int(position.rounded(.down))
  guard below + 1 < values.count else { return values[values.count - 1] }
  let fraction = position - Double(below)
  let (low, high) = (values[below], values[below + 1])
  if low == high || fraction == 0 { return low }
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction)
}
