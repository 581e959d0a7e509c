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
  private var recent = Recent()
  private var breakingBounds = 0

  /// How many trials the rate is made of.
  private static let rateWindow = 32

  package init(since: Timestamp?) { self.since = since }

  /// The panel of `state`, which is a later one of the same study than the last.
  ///
  /// - Throws: when trials cannot be read.
  package mutating func panel(of state: StudyRecord, at now: Timestamp) throws -> Panel {
    let finished = state.accomplishedCount + state.count(.failed)
    if finished != finishedCount {
      finishedCount = finished
      best = try Self.best(of: state)
      lastFailure = try Self.lastFailure(of: state)
      recent = try Self.recent(of: state, since: since)
      breakingBounds = try state.countBreakingBounds()
    }
    let objective = state.study.definition.objectives[0].name
    var panel = Panel(
      study: state.study.name, done: state.accomplishedCount,
      target: state.study.definition.targetTrials)
    panel.failed = state.count(.failed)
    panel.waiting = state.count(.waiting)
    panel.breakingBounds = breakingBounds
    panel.rate = rate(of: state, at: now)
    panel.best = best
    panel.objective = objective
    panel.lastFailure = lastFailure
    panel.running = try state.openTrials.compactMap { trial in
      guard trial.state == .running, let attempt = trial.lastAttempt else { return nil }
      let point = try state.summary(of: objective, row: trial.row)?.last
      return Panel.Running(
        trial: trial.number, step: point?.step, value: point?.value,
        seconds: max(0, now.seconds(since: attempt.started)))
    }
    return panel
  }

  private static func best(of state: StudyRecord) throws -> Panel.Best? {
    let front = state.bestTrials
    guard let best = front.first else { return nil }
    let values = state.text(ofValues: best.values)
    guard state.study.definition.objectives.count == 1 else {
      let count = "\(front.count) trial\(front.count == 1 ? "" : "s") on the Pareto front"
      return Panel.Best(headline: count, parameters: "first: \(values)", history: [])
    }
    return Panel.Best(
      headline: "\(values) (trial \(best.number))",
      parameters: try state.trial(best.row).assignment.summary, history: try history(of: state))
  }

  /// The best value so far after each complete trial.
  private static func history(of state: StudyRecord) throws -> [Double] {
    let direction = state.study.definition.objectives[0].direction
    var history: [Double] = []
    for rows in state.blocksOfRows() {
      let trials = try state.load(ColumnSet(.outcomes), rows: rows)
      for row in rows where trials.states[row] == .complete {
        guard trials.isFeasible(row: row), let value = trials.values[0][row], value.isFinite,
          !state.isSetAside(row: row)
        else { continue }
        if let last = history.last, !direction.isBetter(value, than: last) {
          history.append(last)
        } else {
          history.append(value)
        }
      }
    }
    return history
  }

  private static func lastFailure(of state: StudyRecord) throws -> String? {
    if state.count(.failed) == 0 { return nil }
    for rows in state.blocksOfRows().reversed() {
      let trials = try state.load(ColumnSet(.attempts), rows: rows)
      guard let row = rows.last(where: { trials.states[$0] == .failed }) else { continue }
      let reason = trials.lastAttempt(ofRow: row)?.end?.briefReason ?? ""
      return "trial \(trials.numbers[row])\(reason.isEmpty ? "" : ": \(reason)")"
    }
    return nil
  }

  /// The last trials that were accomplished since the rate is told.
  private struct Recent {
    var count = 0
    var begun: Timestamp?
    var ended: Timestamp?
  }

  private static func recent(of state: StudyRecord, since: Timestamp?) throws -> Recent {
    var recent = Recent()
    for rows in state.blocksOfRows().reversed() {
      let trials = try state.load(ColumnSet(.times), rows: rows)
      for row in rows.reversed() where trials.states[row].isAccomplished {
        guard let end = trials.ended[row] else { continue }
        if let since, end < since { continue }
        let start = trials.started[row] ?? end
        recent.begun = min(recent.begun ?? start, start)
        recent.ended = max(recent.ended ?? end, end)
        recent.count += 1
        if recent.count == rateWindow { return recent }
      }
    }
    return recent
  }

  /// Trials a second, over the last ones that ended.
  private func rate(of state: StudyRecord, at now: Timestamp) -> Double? {
    guard let begun = recent.begun, let last = recent.ended else { return nil }
    let start = max(min(begun, now), since ?? begun)
    // While trials run, time goes on; a study at rest keeps its rate.
    let seconds = (state.count(.running) > 0 ? now : last).seconds(since: start)
    return seconds > 0 ? Double(recent.count) / seconds : nil
  }
}
