// A Parzen estimator of one parameter on a grid, as PED-ANOVA wants it: many trials, few places.
//
// Grid, bandwidth and prior are those of Optuna 5 (`optuna.importance._ped_anova`), so that figures
// can be compared; domains with a prior, which Optuna lacks, are divided where equal shares end.

import Glibc
import Numerics
import StudyModel

/// How a domain is divided into places.
struct DensityGrid {
  /// Numeric domains have at most so many places.
  private static let placeLimit = 50

  let count: Int
  /// Whether neighbouring places are alike.
  let isOrdered: Bool
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool
  private let measure: DomainMeasure?

  /// Nil when the domain has a single value.
  init?(_ distribution: Distribution) {
    guard distribution.cardinality ?? 2 > 1 else { return nil }
    var (isLogarithmic, hasPrior) = (false, false)
    switch distribution {
    case .categorical(let choices):
      count = choices.isOrdered ? min(Self.placeLimit, choices.count) : choices.count
      (low, high) = (0, Double(choices.count - 1))
      isOrdered = choices.isOrdered
    case .integer(let domain):
      (low, high) = (Double(domain.low), Double(domain.low + domain.stepCount * domain.step))
      let places =
        domain.isLogarithmic
        ? Int(log2(high - low + 1).rounded(.up)) + 1
        : Int(min(((high - low) / Double(domain.step)).rounded(), 1e6)) + 1
      count = min(Self.placeLimit, places)
      isOrdered = true
      (isLogarithmic, hasPrior) = (domain.isLogarithmic, domain.prior != nil)
    case .float(let domain):
      (low, high) = (domain.low, domain.stepCount.map(domain.member) ?? domain.high)
      count = min(Self.placeLimit, domain.stepCount.map { $0 + 1 } ?? Self.placeLimit)
      isOrdered = true
      (isLogarithmic, hasPrior) = (domain.isLogarithmic, domain.prior != nil)
    }
    measure = hasPrior ? DomainMeasure(distribution) : nil
    self.isLogarithmic = isLogarithmic
  }

  /// The place of a value; what is outside of the domain is at its end.
  func place(of value: Double) -> Int {
    let place: Double
    if !isOrdered {
      place = value
    } else if let measure {
      place = (measure.share(below: value) * Double(count)).rounded(.down)
    } else {
      let (x, start, end) =
        isLogarithmic ? (log(max(value, low)), log(low), log(high)) : (value, low, high)
      // Halves, lest differences overflow. Of two places that are equally near, the lower one.
      let share = (x / 2 - start / 2) / (end / 2 - start / 2)
      place = (share * Double(count - 1) - 0.5).rounded(.up)
    }
    return Int(min(max(place, 0), Double(count - 1)))
  }

  /// The density over the places of a sample that has `counts` at each; it comes to 1.
  ///
  /// Source: Watanabe, Bansal & Hutter (2023), "PED-ANOVA: efficiently quantifying hyperparameter
  /// importance in arbitrary subspaces", with the bandwidth by Scott's rule and one kernel, as wide
  /// as the domain, for a prior.
  func density(_ counts: [Int]) -> [Double] {
    let total = counts.reduce(0, +)
    guard total > 0 else { return counts.map { _ in 1 / Double(count) } }
    return isOrdered ? orderedDensity(counts, total) : nominalDensity(counts, total)
  }

  private func nominalDensity(_ counts: [Int], _ total: Int) -> [Double] {
    let kernels = Double(counts.count { $0 > 0 } + 1)
    // Each kernel has 1/kernels everywhere and 1 more at its own place.
    let scale = 1 / (1 + Double(count) / kernels)
    let weights = Double(total + 1)
    return counts.map { own in
      (Double(total) * scale / kernels + Double(own) * scale + 1 / Double(count)) / weights
    }
  }

  private func orderedDensity(_ counts: [Int], _ total: Int) -> [Double] {
    let places = counts.indices.filter { counts[$0] > 0 }
    let deviation = max(Self.bandwidth(counts, places, total), 0.5 / 1.64)
    // Places are whole numbers, so a kernel's distribution is wanted at half ones only.
    let cumulative = (0...2 * count).map { normalCDF((Double($0 - count) - 0.5) / deviation) }
    var density = [Double](repeating: 0, count: count)
    for center in places {
      let start = cumulative[count - center]
      let weight = Double(counts[center]) / (cumulative[2 * count - center] - start)
      for place in 0..<count {
        let index = place - center + count
        density[place] += weight * (cumulative[index + 1] - cumulative[index])
      }
    }
    let middle = 0.5 * Double(count - 1)
    let edges = (0...count).map { normalCDF((Double($0) - 0.5 - middle) / Double(count)) }
    let all = edges[count] - edges[0]
    return density.indices.map { place in
      (density[place] + (edges[place + 1] - edges[place]) / all) / Double(total + 1)
    }
  }

  private static func bandwidth(_ counts: [Int], _ places: [Int], _ total: Int) -> Double {
    let size = Double(total)
    let mean = places.reduce(0.0) { $0 + Double($1 * counts[$1]) } / size
    let square = places.reduce(0.0) { sum, place in
      sum + Double(counts[place]) * (Double(place) - mean) * (Double(place) - mean)
    }
    let deviation = (square / max(1, size - 1)).squareRoot()
    var cumulative: [Int] = []
    for place in places { cumulative.append((cumulative.last ?? 0) + counts[place]) }
    // The first that reaches a quarter, and the first beyond three quarters.
    let first = cumulative.firstIndex { $0 >= total / 4 } ?? 0
    let third = cumulative.firstIndex { $0 > total * 3 / 4 } ?? places.count - 1
    let range = Double(places[third] - places[first])
    return 1.059 * min(range / 1.34, deviation) * pow(size, -0.2)
  }
}
