// From a study to its panel.

package import StudyModel

/// Makes panels of one study as it goes on. What takes a walk over all trials is remembered
/// until another has ended.
package struct PanelSource {
  /// When this run began; nil: the rate is of the last trials, whenever they were.
  private let since: Timestamp?
  private var finishedCount = -1
  private var best: Panel.Best?
  private var lastFailure: String?

  /// How many trials the rate is made of.
  private static let rateWindow = 32

  package init(since: Timestamp?) { self.since = since }

  /// The panel of `state`, which is a later one of the same study than the last.
  package mutating func panel(of state: StudyState, at now: Timestamp) -> Panel {
    let trials = state.trials
    let finished = trials.accomplishedCount + trials.count(.failed)
    if finished != finishedCount {
      finishedCount = finished
      best = Self.best(of: state)
      lastFailure = Self.lastFailure(of: state)
    }
    let objective = state.study.definition.objectives[0].name
    var panel = Panel(
      study: state.study.name, done: trials.accomplishedCount,
      target: state.study.definition.targetTrials)
    panel.failed = trials.count(.failed)
    panel.waiting = trials.count(.waiting)
    panel.rate = rate(of: trials, at: now)
    panel.best = best
    panel.objective = objective
    panel.lastFailure = lastFailure
    panel.running = trials.openRows.compactMap { row in
      guard trials.states[row] == .running, let last = trials.lastAttempt[row] else { return nil }
      let point = trials.metric(objective)?.summary(ofRow: row)?.last
      return Panel.Running(
        trial: trials.numbers[row], step: point?.step, value: point?.value,
        seconds: max(0, now.seconds(since: trials.attempts[last].started)))
    }
    return panel
  }

  private static func best(of state: StudyState) -> Panel.Best? {
    let rows = History(state).bestRows()
    guard let row = rows.first else { return nil }
    let objectives = state.study.definition.objectives
    guard objectives.count == 1 else {
      let count = "\(rows.count) trial\(rows.count == 1 ? "" : "s") on the Pareto front"
      return Panel.Best(
        headline: count, parameters: "first: \(state.valueText(row: row))", history: [])
    }
    return Panel.Best(
      headline: "\(state.valueText(row: row)) (trial \(state.trials.numbers[row]))",
      parameters: state.parameterText(row: row), history: history(of: state))
  }

  /// The best value so far after each complete trial.
  private static func history(of state: StudyState) -> [Double] {
    let trials = state.trials
    let direction = state.study.definition.objectives[0].direction
    var history: [Double] = []
    for row in 0..<trials.count where trials.states[row] == .complete {
      guard trials.isFeasible(row: row), let value = trials.values[0][row], value.isFinite else {
        continue
      }
      if let last = history.last, !direction.isBetter(value, than: last) {
        history.append(last)
      } else {
        history.append(value)
      }
    }
    return history
  }

  private static func lastFailure(of state: StudyState) -> String? {
    let trials = state.trials
    guard trials.count(.failed) > 0,
      let row = (0..<trials.count).last(where: { trials.states[$0] == .failed })
    else { return nil }
    let reason = trials.lastAttempt[row].flatMap { trials.attempts[$0].end?.briefReason } ?? ""
    return "trial \(trials.numbers[row])\(reason.isEmpty ? "" : ": \(reason)")"
  }

  /// Trials a second, over the last ones that ended.
  private func rate(of trials: TrialColumns, at now: Timestamp) -> Double? {
    var ended: [Timestamp] = []
    var begun = now
    for row in stride(from: trials.count - 1, through: 0, by: -1) {
      guard trials.states[row].isAccomplished, let end = trials.ended[row] else { continue }
      if let since, end < since { continue }
      ended.append(end)
      begun = min(begun, trials.started[row] ?? end)
      if ended.count == Self.rateWindow { break }
    }
    guard let last = ended.max() else { return nil }
    let start = max(begun, since ?? begun)
    // While trials run, time goes on; a study at rest keeps its rate.
    let seconds = (trials.count(.running) > 0 ? now : last).seconds(since: start)
    return seconds > 0 ? Double(ended.count) / seconds : nil
  }
}
