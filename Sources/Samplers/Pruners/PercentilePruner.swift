// Stops a trial whose best value so far is worse than most others had at the same step.

import Numerics
internal import StudyModel

/// When trials are compared at a step at all.
struct StepRule: ComponentOptions {
  var startup = 5
  var warmup = 0
  var interval = 1
  var trials = 1

  static let declared: [OptionDeclaration<StepRule>] = [
    .init("startup", \.startup, "complete trials before any is stopped"),
    .init("warmup", \.warmup, "no trial is stopped before this step"),
    .init(
      "interval", \.interval, in: 1...OptionDescription.largestWhole, "steps between decisions"),
    .init(
      "trials", \.trials, in: 1...OptionDescription.largestWhole, "others needed at the step"),
  ]
}

/// Stops a trial whose best intermediate value so far is outside the best `percentile` percent
/// of what complete trials reported at the same step.
///
/// Values that are not numbers count for nothing among the others; a trial that has reported
/// nothing else is stopped. Decides by the reports of the objective's metric.
///
/// Rule and constants as in Optuna's PercentilePruner.
struct PercentilePruner: PrunerKind, Pruner {
  static let name = "percentile"
  static let summary = "stops a trial outside the best PERCENTILE % at its step"
  static let guidance = Guidance(
    for: "a rule as of median, stricter or milder: it keeps the best PERCENTILE % at each step",
    needs: "reports of the objective by the same steps in all trials, and startup complete "
      + "trials first",
    otherwise: "curve, which judges a trial by where its own curve leads")

  struct Options: ComponentOptions {
    var percentile = 25.0
    var rule = StepRule()

    static let declared: [OptionDeclaration<Options>] =
      [.init("percentile", \.percentile, in: 0...100, "share to keep, in percent")]
      + StepRule.declared.map { $0.within(\.rule) }
  }

  let options: Options

  static func make(_ options: Options) -> any Pruner { Self(options: options) }

  func session() -> any PrunerSession { PercentileSession(options) }
}

/// The percentile rule with 50.
///
/// Source: Golovin et al. (2017), "Google Vizier: a service for black-box optimization".
enum MedianPruner: PrunerKind {
  static let name = "median"
  static let summary = "stops a trial worse than half of the others at its step"
  static let guidance = Guidance(
    for: "trials that report by step, most of which are visibly worse than the others early on",
    needs: "reports of the objective by the same steps in all trials, and startup complete trials "
      + "first; warmup keeps it from judging noisy beginnings",
    otherwise: "curve, which judges a trial by where its own curve leads; asha for thousands of "
      + "trials")

  typealias Options = StepRule

  static func make(_ options: StepRule) -> any Pruner {
    PercentilePruner(options: .init(percentile: 50, rule: options))
  }
}

struct PercentileSession: PrunerSession {
  private let percentile: Double
  private let rule: StepRule
  /// What complete trials had at the steps that were asked for.
  private var values: [Int64: FinishedValues] = [:]
  /// How many trials have been looked at so far: what it has cost.
  private(set) var trialsRead = 0

  init(_ options: PercentilePruner.Options) {
    percentile = options.percentile
    rule = options.rule
  }

  mutating func judge(_ request: JudgementRequest) throws -> Judgement {
    let stops = try shouldStop(row: request.row, at: request.step, given: request.history)
    return stops ? .stop : .goOn
  }

  private mutating func shouldStop(row: Int, at step: Int64, given history: History) throws -> Bool
  {
    let complete = history.count(.complete)
    guard history.objectives.count == 1, complete > 0, complete >= rule.startup,
      step >= Int64(rule.warmup), let metric = history.intermediate(ofObjective: 0),
      let summary = try metric.summary(ofRow: row),
      try isFirstInInterval(step: step, of: row, metric)
    else { return false }
    if summary.count == summary.nanCount { return true }

    let isMinimizing = history.objectives[0].direction == .minimize
    var others = values[step] ?? FinishedValues()
    values[step] = nil
    trialsRead += try others.follow(history.finishedRows) { row in
      try history.trial(row).state == .complete ? try metric.value(ofRow: row, atStep: step) : nil
    }
    defer { values[step] = others }
    guard others.count >= rule.trials,
      let limit = quantile(
        isMinimizing ? percentile / 100 : 1 - percentile / 100, ofSorted: others.sorted)
    else { return false }
    return isMinimizing ? summary.minimum > limit : summary.maximum < limit
  }

  /// Whether the trial has reported nothing since the decision step at or before `step`.
  private func isFirstInInterval(step: Int64, of row: Int, _ metric: KnownMetric) throws -> Bool {
    let (warmup, interval) = (Int64(rule.warmup), Int64(rule.interval))
    let decision = (step - warmup) / interval * interval + warmup
    if decision == step { return true }
    return try !metric.series(ofRow: row).contains { $0.step >= decision && $0.step != step }
  }
}
