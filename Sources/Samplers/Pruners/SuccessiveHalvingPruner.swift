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
  static let guidance = Guidance(
    for: "very many cheap trials of which few shall live long: it keeps one in factor at each "
      + "rung",
    needs: "trials whose early order foretells the late one, and steps from tens to thousands",
    otherwise: "curve or median where late bloomers must not be lost: with few trials it gives "
      + "up good ones")

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

  func session() -> any PrunerSession { SuccessiveHalvingSession(options) }
}

struct SuccessiveHalvingSession: PrunerSession {
  private let options: SuccessiveHalvingPruner.Options
  /// The last step of each complete trial, for a first rung that is not given.
  private var lastSteps = FinishedValues()
  /// The first rung that `rungs` are counted from.
  private var resource: Int64?
  /// By rung: the values with which finished trials came to it.
  private var rungs: [Int: FinishedValues] = [:]
  /// How many trials have been looked at so far: what it has cost.
  private(set) var trialsRead = 0

  init(_ options: SuccessiveHalvingPruner.Options) { self.options = options }

  mutating func judge(_ request: JudgementRequest) throws -> Judgement {
    let stops = try shouldStop(row: request.row, at: request.step, given: request.history)
    return stops ? .stop : .goOn
  }

  private mutating func shouldStop(row: Int, at step: Int64, given history: History) throws -> Bool
  {
    guard history.objectives.count == 1, let metric = history.intermediate(ofObjective: 0),
      let resource = try firstRung(metric, history),
      let value = try metric.value(ofRow: row, atStep: step)
    else { return false }
    if resource != self.resource {
      self.resource = resource
      rungs = [:]
    }
    let earlier = try metric.series(ofRow: row).last { $0.step < step && !$0.value.isNaN }

    for rung in 0... {
      guard let promotion = promotionStep(ofRung: rung, resource), step >= promotion else {
        return false
      }
      // An earlier report already stood this rung's test.
      if let earlier, earlier.step >= promotion { continue }
      if value.isNaN { return true }
      let below = rung > 0 ? promotionStep(ofRung: rung - 1, resource) : nil
      var met = rungs[rung] ?? FinishedValues()
      rungs[rung] = nil
      trialsRead += try met.follow(history.finishedRows) { row in
        let isStopped = try history.trial(row).state == .pruned
        return try firstValue(
          ofRow: row, from: promotion, above: isStopped ? below : nil, metric)
      }
      rungs[rung] = met
      var running: [Double] = []
      for other in history.openRows where other != row {
        trialsRead += 1
        if let first = try firstValue(ofRow: other, from: promotion, above: nil, metric) {
          running.append(first)
        }
      }
      let count = met.sorted.count + running.count + 1
      if count <= options.bootstrap { return true }
      let better: Int
      if history.objectives[0].direction == .minimize {
        better = met.countBelow(value) + running.count { $0 < value }
      } else {
        better =
          met.sorted.count - met.countBelow(value, orEqual: true) + running.count { $0 > value }
      }
      if better > max(count / options.factor - 1, 0) { return true }
    }
    return false
  }

  /// Nil when the rung is beyond any step.
  private func promotionStep(ofRung rung: Int, _ resource: Int64) -> Int64? {
    var step = resource
    for _ in 0..<(options.rate + rung) {
      let (next, overflow) = step.multipliedReportingOverflow(by: Int64(options.factor))
      if overflow { return nil }
      step = next
    }
    return step
  }

  /// The number with which a trial came first to `step` or beyond. Nil when it never did, or
  /// did so with the last report of all, by which it came first to `lower` as well.
  private func firstValue(
    ofRow row: Int, from step: Int64, above lower: Int64?, _ metric: KnownMetric
  ) throws -> Double? {
    guard let summary = try metric.summary(ofRow: row), summary.last.step >= step else {
      return nil
    }
    let numbers = try metric.series(ofRow: row).filter { !$0.value.isNaN }
    guard let index = numbers.firstIndex(where: { $0.step >= step }) else { return nil }
    if let lower, index == numbers.count - 1, index == 0 || numbers[index - 1].step < lower {
      return nil
    }
    return numbers[index].value
  }

  private mutating func firstRung(_ metric: KnownMetric, _ history: History) throws -> Int64? {
    if let given = options.min { return Int64(given) }
    trialsRead += try lastSteps.follow(history.finishedRows) { row in
      try history.trial(row).state == .complete
        ? metric.summary(ofRow: row).map { Double($0.last.step) } : nil
    }
    return lastSteps.sorted.last.flatMap(Int64.init(exactly:)).map { max($0 / 100, 1) }
  }
}
