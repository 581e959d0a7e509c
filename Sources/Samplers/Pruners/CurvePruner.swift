// Stops a trial whose own curve promises too little.

package import StudyModel

/// Stops a trial when the chance that it ends better than the best trial is small, judged by where
/// its own curve is going, calibrated on how wrong such expectations were of the study's finished
/// trials.
///
/// 1. Values go on a scale on which 0 is the best trial and 1 where trials begin (``CurveScale``).
/// 2. The end is extrapolated from nine shapes (``CurveExtrapolation``).
/// 3. and 4. What finished trials made of such outlooks, and what they still gained, gives the
///    chance (``CurveCalibration``).
/// 5. The trial is stopped when the chance is below 5 % at two reports in a row (at one where a
///    full trial has fewer than 20 places), never in the first twentieth of a full trial, never
///    while it is better than the best, and never before 6 trials have finished; after 3, one that
///    reports NaN is.
///
/// A pure function of the reports and of the order in which trials finished. Time as step, reports
/// at any distance and curves of different lengths are told on one axis (``CurveAxis``); a trial
/// that ended early stays where it was. An objective like `loss@min` is judged by the smallest
/// value so far.
struct CurvePruner: PrunerKind, Pruner {
  static let name = "curve"
  static let summary = "stops a trial whose own curve promises too little to be the best"
  static let guidance = Guidance(
    for: "objectives that are reported by step and level off, as losses of trained models do: it "
      + "extrapolates a trial's curve, by how wrong that was for finished ones",
    needs: "6 finished trials, and some reports before a trial has shown where it goes; "
      + "max-steps=N where full trials differ in length",
    otherwise: "asha for thousands of cheap trials; none where curves cross late and any stop "
      + "may lose the best")

  /// Below, a trial is given up.
  static let leastChance = 0.05
  /// Of a full trial's length, the share that no trial is stopped in.
  static let leastShare = 0.05
  /// Trials that must be complete before anything is expected of a curve. One is hopeless only when
  /// there are 6: see ``CurveCalibration``.
  static let leastTrials = 4
  static let leastTrialsForNaN = 3
  /// Where a full trial has fewer places, one report decides.
  static let shortLength = 20.0

  struct Options: ComponentOptions {
    /// The step at which a full trial reports last; nil: that of the longest complete trial.
    var maxSteps: Int?

    static let declared: [OptionDeclaration<Options>] = [
      .init(
        "max-steps", \.maxSteps, in: 1...OptionDescription.largestWhole,
        standard: "as long as the longest complete trial", "the last step of a full trial")
    ]
  }

  let options: Options

  static func make(_ options: Options) -> any Pruner { Self(options: options) }

  func session() -> any PrunerSession { CurveSession(options) }
}

/// What the pruner expects of a running trial, in the objective's own values.
package struct CurveForecast: Hashable, Sendable {
  /// The step of the report that it is told from.
  package let step: Int64
  /// The last step of a full trial.
  package let lastStep: Int64
  /// The objective's value now.
  package let current: Double
  /// The median of what it ends at, and between what it ends with a chance of 90 %: the better end
  /// first.
  package let expected: Double
  package let optimistic: Double
  package let pessimistic: Double
  /// What it must beat.
  package let best: Double
  /// That it does.
  package let chance: Double
}

extension History {
  /// Where the curve of the trial in `row` was going, by what the trials finished by now made of
  /// such curves; nil while too few have.
  ///
  /// - Parameter pruner: the study's; another than this one has no options to go by.
  /// - Throws: when curves cannot be read, or an option is none.
  package func curveForecast(
    ofRow row: Int, by pruner: ComponentChoice
  ) throws -> CurveForecast? {
    var session = CurveSession(
      pruner.name == CurvePruner.name ? try CurvePruner.options(pruner) : CurvePruner.Options())
    return try session.forecast(ofRow: row, given: self)
  }
}
