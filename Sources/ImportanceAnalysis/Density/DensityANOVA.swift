// PED-ANOVA: which parameters the best trials have chosen otherwise than all trials did. It needs
// no model of the target, only the densities of both, and holds in the region of the best.
//
// The importance of a parameter is the Pearson divergence of the two densities. Where trials lack a
// parameter, or drew it from different domains, each such regime is one part, weighted by α²/β for
// its shares of the best (α) and of all (β).
//
// Source: Watanabe, Bansal & Hutter (2023), IJCAI, arXiv:2304.10255; for conditional parameters
// "Conditional PED-ANOVA" (2026), arXiv:2601.20800, theorem 4.2 and algorithm 1. The defaults are
// those of Optuna 5.

import Numerics
import StudyModel

/// Trials of one parameter, ready to be counted.
struct DensityColumn {
  /// Of trials in a regime, so many are wanted.
  private static let leastInRegime = 2

  /// By regime, which is a domain; nil: of a single value.
  private let grids: [DensityGrid?]
  /// By trial: its regime; −1 where it lacks the parameter.
  private let regimes: [Int32]
  /// By trial: its place on the regime's grid.
  private let places: [Int32]

  /// - Parameters:
  ///   - values: by trial, as kept; NaN where it lacks the parameter.
  ///   - domains: by trial, an index into `distributions`.
  init(_ values: [Double], domains: [Int], of distributions: [Distribution]) {
    let grids = distributions.map { DensityGrid($0) }
    self.grids = grids
    regimes = zip(values, domains).map { $0.isNaN ? -1 : Int32($1) }
    places = zip(values, domains).map { value, domain in
      value.isNaN ? 0 : Int32(grids[domain]?.place(of: value) ?? 0)
    }
  }

  /// The divergence of the `best` of some trials from all of them.
  ///
  /// - Parameters:
  ///   - trials: indices, of which one may stand there several times.
  ///   - isBest: by place in `trials`.
  /// - Returns: 0 where both are alike.
  func divergence(_ trials: [Int], isBest: [Bool]) -> Double {
    var all = grids.map { [Int](repeating: 0, count: $0?.count ?? 1) }
    var best = all
    for (place, trial) in trials.enumerated() where regimes[trial] >= 0 {
      let (regime, cell) = (Int(regimes[trial]), Int(places[trial]))
      all[regime][cell] += 1
      if isBest[place] { best[regime][cell] += 1 }
    }
    let bestCount = Double(isBest.count { $0 })
    return grids.indices.reduce(0) { sum, regime in
      let size = all[regime].reduce(0, +)
      let bestSize = best[regime].reduce(0, +)
      guard let grid = grids[regime], size >= Self.leastInRegime, bestSize > 0 else { return sum }
      let (alpha, beta) = (Double(bestSize) / bestCount, Double(size) / Double(trials.count))
      let divergence = zip(grid.density(best[regime]), grid.density(all[regime])).reduce(0) {
        let (top, whole) = ($1.0 + 1e-12, $1.1 + 1e-12)
        return $0 + whole * (top / whole - 1) * (top / whole - 1)
      }
      return sum + alpha * alpha / beta * divergence
    }
  }
}

/// Which parameters the best trials have chosen otherwise than all.
struct DensityANOVA {
  /// By parameter, coming to 1 unless all are 0.
  let shares: [Double]
  /// The same of bootstrap samples of the trials.
  private(set) var seeds: [[Double]] = []
  /// How many trials are the best.
  let bestCount: Int
  /// In what share of the shuffled histories the best differ at least as much from all.
  let chance: Double

  /// Shuffled histories: so many columns are made for them.
  private static let shuffledColumns = 2000

  /// - Parameters:
  ///   - losses: one a trial; less is better.
  ///   - quantile: the share of the trials that are the best, in 0 ..< 1.
  init(_ columns: [DensityColumn], losses: [Double], quantile: Double, seeds: Int) {
    let trials = Array(losses.indices)
    let isBest = Self.best(trials, losses, quantile)
    bestCount = isBest.count { $0 }
    let divergences = columns.map { $0.divergence(trials, isBest: isBest) }
    shares = Self.normalized(divergences)
    for seed in 0..<(seeds > 1 ? seeds : 0) {
      var random = RandomStream(seed: UInt64(seed), trial: 0, purpose: 0x0070_6564)
      let drawn = trials.map { _ in Int(random.integer(below: UInt64(trials.count))) }
      let isBest = Self.best(drawn, losses, quantile)
      self.seeds.append(Self.normalized(columns.map { $0.divergence(drawn, isBest: isBest) }))
    }

    let sum = divergences.reduce(0, +)
    let rounds = min(99, max(19, Self.shuffledColumns / max(1, columns.count)))
    var shuffled = isBest
    var random = RandomStream(seed: 0, trial: 1, purpose: 0x0070_6564)
    let reached = (0..<rounds).count { _ in
      for place in stride(from: shuffled.count - 1, to: 0, by: -1) {
        shuffled.swapAt(place, Int(random.integer(below: UInt64(place + 1))))
      }
      return columns.reduce(0) { $0 + $1.divergence(trials, isBest: shuffled) } >= sum
    }
    chance = Double(reached + 1) / Double(rounds + 1)
  }

  /// Those that are as good as the one at the quantile, or better.
  private static func best(
    _ trials: [Int], _ losses: [Double], _ quantile: Double
  ) -> [Bool] {
    let sorted = trials.map { losses[$0] }.sorted()
    let place = Int((quantile * Double(sorted.count)).rounded(.up)) - 1
    let limit = sorted[min(max(place, 0), sorted.count - 1)]
    return trials.map { losses[$0] <= limit }
  }

  private static func normalized(_ values: [Double]) -> [Double] {
    let sum = values.reduce(0, +)
    return sum > 0 ? values.map { $0 / sum } : values
  }
}
