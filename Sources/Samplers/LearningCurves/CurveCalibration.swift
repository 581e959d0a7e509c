// How right such promises were: the finished trials of the study at the same place of their curves.

import Glibc
import Numerics

/// What is expected of a curve, calibrated.
struct CurveExpectation: Equatable, Sendable {
  /// The position at the end, by a Student distribution.
  let mean: Double
  let deviation: Double
  let degrees: Double
  /// That it ends better than the best trial.
  let chance: Double
}

/// Finished trials, by the bins of the axis.
struct CurveCalibration: Sendable {
  /// So many trials count, the latest ones.
  private static let trialLimit = 1000
  /// Of trials that gained enough, so many are taken to be there unseen: below 6 finished ones no
  /// trial is hopeless.
  private static let unseenGains = 0.3
  /// Gains that differ by less are much the same.
  private static let gainWidth = 0.06

  private struct Bin: Sendable {
    var means: [Double] = []
    var deviations: [Double] = []
    var recents: [Double] = []
  }

  private var bins: [Bin]
  private var finals: [Double] = []
  private var next = 0

  var count: Int { finals.count }

  init(_ axis: CurveAxis) {
    bins = [Bin](repeating: Bin(), count: axis.binCount)
  }

  /// Adds a finished trial.
  ///
  /// - Parameters:
  ///   - outlooks: one a bin.
  ///   - final: the position it ended at.
  mutating func add(_ outlooks: [CurveOutlook], final: Double) {
    if finals.count < Self.trialLimit {
      finals.append(final)
      for (bin, outlook) in outlooks.enumerated() {
        bins[bin].means.append(outlook.mean)
        bins[bin].deviations.append(outlook.deviation)
        bins[bin].recents.append(outlook.recent)
      }
      return
    }
    finals[next] = final
    for (bin, outlook) in outlooks.enumerated() {
      bins[bin].means[next] = outlook.mean
      bins[bin].deviations[next] = outlook.deviation
      bins[bin].recents[next] = outlook.recent
    }
    next = (next + 1) % Self.trialLimit
  }

  /// What to expect of a curve with this outlook.
  ///
  /// Residuals of finished trials at the same bin, those with like expectations counting more, move
  /// and widen what the shapes expect. Whatever they expect, the chance is no less than what
  /// finished trials still gained from there on allows.
  ///
  /// - Parameter target: the position to beat.
  /// - Complexity: O(trials).
  func expectation(of outlook: CurveOutlook, target: Double) -> CurveExpectation {
    let bin = bins[min(outlook.bin, bins.count - 1)]
    let rise = outlook.recent - outlook.mean
    var (weights, residuals, squares) = (0.0, 0.0, 0.0)
    for trial in finals.indices {
      let mean = bin.means[trial]
      let distance = (mean - outlook.mean) / (mean < outlook.mean ? 0.9 : 0.3)
      let difference = (bin.recents[trial] - mean - rise) / 0.3
      let weight = exp(-0.5 * (distance * distance + difference * difference))
      let residual = min(5, max(-8, (finals[trial] - mean) / bin.deviations[trial]))
      weights += weight
      residuals += weight * residual
      squares += weight * residual * residual
    }
    let shift = residuals / (weights + 4)
    let variance =
      (4 + max(0, squares - 2 * shift * residuals + shift * shift * weights)) / (4 + weights)
    let mean = outlook.mean + shift * outlook.deviation
    let deviation =
      variance.squareRoot() * outlook.deviation * (1 + 1 / (4 + weights)).squareRoot()
    let degrees = min(30, 3 + 0.5 * weights)
    var chance = studentCDF((target - mean) / deviation, degrees: degrees)
    if chance < CurvePruner.leastChance {
      let gained = finals.indices.reduce(0.0) { sum, trial in
        let gain = finals[trial] - bin.recents[trial]
        return sum + normalCDF((target - outlook.recent - gain) / Self.gainWidth)
      }
      chance = max(
        chance, (Self.unseenGains + gained) / (Double(finals.count) + 2 * Self.unseenGains))
    }
    return CurveExpectation(mean: mean, deviation: deviation, degrees: degrees, chance: chance)
  }
}
