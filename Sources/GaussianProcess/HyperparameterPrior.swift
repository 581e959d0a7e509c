// What lengthscales, signal and noise are likely before anything is observed. It decides more
// than the kernel does.

import Glibc

/// Densities in the logarithms: MAP estimates maximise the posterior density of ln ℓ, ln σ_f² and
/// ln σ_n², not of ℓ.
///
/// A lengthscale is likely around 0.5 d^¼. Those of numeric dimensions are *pooled*: they
/// scatter by a Cauchy-like 0.3 about a common level m, for which N(0, 1) holds above and, tighter,
/// N(0, ½) below: on functions with many optima a fit would else fall to scales so short that it
/// sees nothing between its points. Those of categories are independent, N(0, 1). ln σ_n² is
/// N(−5, 1.5).
package struct HyperparameterPrior: Sendable {
  private let isPooled: [Bool]
  private let center: Double
  /// The variance of the common level where it is below its mean.
  private let varianceBelow: Double

  /// - Parameter isContinuous: whether one of the dimensions is a continuum.
  package init(_ dimensions: [InputDimension], isContinuous: Bool) {
    isPooled = dimensions.map { $0 != .categorical }
    center = log(0.5) + 0.25 * log(Double(max(1, dimensions.count)))
    varianceBelow = isContinuous ? 0.25 : 1
  }

  private static let width = 0.3
  private static let noise = (mean: -5.0, deviation: 1.5)
  private static let signalDeviation = 2.0

  /// Where a fit begins that knows nothing.
  package func start(_ family: KernelFamily) -> Hyperparameters {
    Hyperparameters(
      family: family, logLengthscales: [Double](repeating: center, count: isPooled.count),
      logSignalVariance: 0, logNoiseVariance: Self.noise.mean)
  }

  /// −ln of the density, but for a constant; adds its gradient over ln ℓ…, ln σ_f², ln σ_n².
  func penalty(_ vector: [Double], adding gradient: inout [Double]) -> Double {
    let count = isPooled.count
    var sum = 0.0
    let pooled = (0..<count).filter { isPooled[$0] }.map { vector[$0] - center }
    let level = commonLevel(pooled)
    if !pooled.isEmpty { sum += level * level / (2 * variance(level)) }
    for index in 0..<count {
      let u = vector[index] - center
      if isPooled[index] {
        // The level is where the sum is smallest, so its own change changes nothing.
        let t = (u - level) / Self.width
        sum += log1p(t * t)
        gradient[index] += 2 * t / (1 + t * t) / Self.width
      } else {
        sum += 0.5 * u * u
        gradient[index] += u
      }
    }
    let signal = vector[count] / Self.signalDeviation
    sum += 0.5 * signal * signal
    gradient[count] += signal / Self.signalDeviation
    let noise = (vector[count + 1] - Self.noise.mean) / Self.noise.deviation
    sum += 0.5 * noise * noise
    gradient[count + 1] += noise / Self.noise.deviation
    return sum
  }

  private func variance(_ level: Double) -> Double { level < 0 ? varianceBelow : 1 }

  /// The m that minimises m²/2v + Σ ln(1 + ((u − m)/w)²), by reweighting from the median.
  private func commonLevel(_ u: [Double]) -> Double {
    if u.isEmpty { return 0 }
    let sorted = u.sorted()
    var level = 0.5 * (sorted[(u.count - 1) / 2] + sorted[u.count / 2])
    for _ in 0..<100 {
      var (weights, sum) = (0.5 * Self.width * Self.width / variance(level), 0.0)
      for value in u {
        let t = (value - level) / Self.width
        let weight = 1 / (1 + t * t)
        weights += weight
        sum += weight * value
      }
      let next = sum / weights
      if abs(next - level) < 1e-9 { return next }
      level = next
    }
    return level
  }
}
