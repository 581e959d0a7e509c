// From a study to its panel.

import PlainText
import StudyEngine
package import StudyModel

/// Makes panels of one study as it goes on. What takes a walk over all trials is remembered
/// until another has ended.
package struct PanelSource {
  /// When this run began; nil: the rate is of the last trials, whenever they were.
  private let since: Timestamp?
  private var finishedCount = -1
  private var best: Panel.Best?
  private var lastFailure: Panel.Failure?
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
    var panel = Panel(
      study: state.study.name, done: state.accomplishedCount,
      target: state.study.definition.targetTrials)
    panel.pruned = state.searchedCount(.pruned)
    panel.failed = state.searchedCount(.failed)
    panel.left = state.leftCount
    panel.waiting = state.searchedCount(.waiting) - panel.left
    panel.breakingBounds = breakingBounds
    panel.rate = rate(of: state, at: now)
    panel.best = best
    panel.lastFailure = lastFailure
    panel.running = try state.runningAttempts.map { attempt, number in
      try Self.running(number, attempt, of: state, at: now)
    }
    return panel
  }

  private static func running(
    _ number: Int, _ attempt: Attempt, of state: StudyRecord, at now: Timestamp
  ) throws -> Panel.Running {
    var running = Panel.Running(trial: number, seconds: max(0, now.seconds(since: attempt.started)))
    guard let row = state.row(ofNumber: number) else { return running }
    let objectives = state.study.definition.objectives.map(\.name)
    let trial = try state.trial(row)
    var series = objectives.compactMap { name in trial.series.first { $0.metric == name } }
    if series.isEmpty { series = Array(trial.series.prefix(1)) }
    running.step = series.map(\.summary.last.step).max()
    running.metrics = series.map { Panel.Metric(name: $0.metric, value: $0.summary.last.value) }
    running.parameters = parameters(trial.assignment)
    return running
  }

  private static func parameters(_ assignment: Assignment) -> [Panel.Parameter] {
    assignment.entries.map { Panel.Parameter(name: $0.name, value: $0.value.brief) }
  }

  private static func best(of state: StudyRecord) throws -> Panel.Best? {
    let front = state.bestTrials
    guard let best = front.first else { return nil }
    let values = state.text(ofValues: best.values)
    let parameters = Self.parameters(try state.trial(best.row).assignment)
    guard state.study.definition.objectives.count == 1 else {
      let place = "trial \(best.number), of \(front.count) on the Pareto front"
      return Panel.Best(
        headline: "\(values) (\(place))", parameters: parameters, history: [])
    }
    return Panel.Best(
      headline: "\(values) (trial \(best.number))", parameters: parameters,
      history: try history(of: state))
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

  private static func lastFailure(of state: StudyRecord) throws -> Panel.Failure? {
    if state.count(.failed) == 0 { return nil }
    for rows in state.blocksOfRows().reversed() {
      let trials = try state.load(ColumnSet(.attempts), rows: rows)
      guard let row = rows.last(where: { trials.states[$0] == .failed }) else { continue }
      let end = trials.lastAttempt(ofRow: row)?.end
      let reason = end?.briefReason ?? ""
      return Panel.Failure(
        headline: "trial \(trials.numbers[row])\(reason.isEmpty ? "" : ": \(reason)")",
        lastLine: end?.lastLines.split(separator: "\n").last.map(String.init) ?? "")
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
