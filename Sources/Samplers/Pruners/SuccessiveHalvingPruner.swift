// Asynchronous successive halving: trials meet at rungs, steps that grow by a factor, and only
// one in so many goes on from each.

internal import StudyModel

/// ASHA. Rung k lies at step `min · factor^(rate + k)`; the
/// value with which a trial first reports at or past a rung competes with those of all other
/// trials that have come as far, and the trial goes on when it is among the best
/// 1/`factor` of them.
///
/// A pure function of the reports: which rungs a trial has completed, and with which values, is
/// read off its series. When the last report of a stopped trial passed several rungs at once, the
/// lowest of them is taken for the one that stopped it. NaN ends a trial at the rung where it
/// appears, and competes with nobody.
/// Decides by the first objective's metric; with several objectives it never stops a trial.
///
/// Source: Li et al. (2020), "A system for massively parallel hyperparameter tuning"; details
/// as in Optuna's SuccessiveHalvingPruner.
struct SuccessiveHalvingPruner: PrunerKind, Pruner {
  static let name = "asha"
  static let summary = "asynchronous successive halving"

  struct Options: ComponentOptions {
    /// Steps to the first rung; nil: a hundredth of the last step that any complete trial
    /// reported, at least 1 (none is stopped before one is complete).
    var min: Int?
    var factor = 4
    var rate = 0
    var bootstrap = 0

    static let declared: [OptionDeclaration<Options>] = [
      .init(
        "min", \.min, in: 1...OptionDescription.largestWhole,
        standard: "a hundredth of the longest complete trial", "steps before the first decision"),
      .init("factor", \.factor, in: 2...1 << 31, "one of so many goes on at each rung"),
      .init("rate", \.rate, in: 0...64, "rungs left out at the bottom"),
      .init("bootstrap", \.bootstrap, "stop the first so many at each rung (needs min)"),
    ]
  }

  let options: Options

  static func make(_ options: Options) throws(SamplerError) -> any Pruner {
    if options.bootstrap > 0 && options.min == nil {
      throw .badOption(
        component: name, option: "bootstrap=\(options.bootstrap)",
        reason: "it needs min=STEPS as well")
    }
    return Self(options: options)
  }

  /// The curves of the objective.
  var needs: ColumnSet { ColumnSet(metrics: .declared) }

  func session() -> any PrunerSession { SuccessiveHalvingSession(options) }
}

private struct SuccessiveHalvingSession: PrunerSession {
  private let minimumResource: Int64?
  private let reductionFactor: Int
  private let earlyStoppingRate: Int
  private let bootstrapCount: Int

  init(_ options: SuccessiveHalvingPruner.Options) {
    minimumResource = options.min.map(Int64.init)
    reductionFactor = options.factor
    earlyStoppingRate = options.rate
    bootstrapCount = options.bootstrap
  }

  func judge(_ request: JudgementRequest) throws -> Judgement {
    try shouldStop(row: request.row, at: request.step, given: request.history) ? .stop : .goOn
  }

  private func shouldStop(row: Int, at step: Int64, given history: History) throws -> Bool {
    guard history.objectives.count == 1, let metric = history.intermediate(ofObjective: 0),
      let resource = minimumResource ?? estimatedResource(metric, history),
      let value = try metric.value(ofRow: row, atStep: step)
    else { return false }
    let direction = history.objectives[0].direction
    let earlier = try metric.series(ofRow: row).last { $0.step < step && !$0.value.isNaN }

    for rung in 0... {
      guard let promotion = promotionStep(ofRung: rung, resource), step >= promotion else {
        return false
      }
      // An earlier report already stood this rung's test.
      if let earlier, earlier.step >= promotion { continue }
      if value.isNaN { return true }
      var competing = [value]
      for other in 0..<history.trialCount where other != row {
        let isStopped = history.trials.states[other] == .pruned
        let below = isStopped && rung > 0 ? promotionStep(ofRung: rung - 1, resource) : nil
        if let met = try firstValue(ofRow: other, from: promotion, above: below, metric) {
          competing.append(met)
        }
      }
      if competing.count <= bootstrapCount { return true }
      if !isPromotable(value, among: &competing, direction) { return true }
    }
    return false
  }

  /// Nil when the rung is beyond any step.
  private func promotionStep(ofRung rung: Int, _ resource: Int64) -> Int64? {
    var step = resource
    for _ in 0..<(earlyStoppingRate + rung) {
      let (next, overflow) = step.multipliedReportingOverflow(by: Int64(reductionFactor))
      if overflow { return nil }
      step = next
    }
    return step
  }

  /// The number with which a trial came first to `step` or beyond. Nil when it never did, or
  /// did so with the last report of all, by which it came first to `lower` as well.
  private func firstValue(
    ofRow row: Int, from step: Int64, above lower: Int64?, _ metric: MetricColumn
  ) throws -> Double? {
    guard let summary = metric.summary(ofRow: row), summary.last.step >= step else { return nil }
    let numbers = try metric.series(ofRow: row).filter { !$0.value.isNaN }
    guard let index = numbers.firstIndex(where: { $0.step >= step }) else { return nil }
    if let lower, index == numbers.count - 1, index == 0 || numbers[index - 1].step < lower {
      return nil
    }
    return numbers[index].value
  }

  private func estimatedResource(_ metric: MetricColumn, _ history: History) -> Int64? {
    var last: Int64?
    for row in 0..<history.trialCount where history.trials.states[row] == .complete {
      if let step = metric.summary(ofRow: row)?.last.step { last = max(last ?? step, step) }
    }
    return last.map { max($0 / 100, 1) }
  }

  private func isPromotable(
    _ value: Double, among competing: inout [Double], _ direction: StudyDirection
  ) -> Bool {
    let place = max(competing.count / reductionFactor - 1, 0)
    competing.sort()
    return direction == .maximize
      ? value >= competing[competing.count - 1 - place] : value <= competing[place]
  }
}
