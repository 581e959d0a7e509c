// Points drawn from a mixture.

import Glibc
import Numerics

extension ParzenEstimator {
  /// Draws a point: one value a domain, before it is put on the grid of its parameter.
  ///
  /// - Parameters:
  ///   - cumulative: as ``cumulativeWeights(given:)`` has it.
  ///   - given: by domain, a value that is not drawn but conditioned on, else NaN.
  func draw(_ stream: inout RandomStream, cumulative: [Double], given: [Double]) -> [Double] {
    let target = stream.uniform() * (cumulative.last ?? 0)
    var kernel = 0
    var high = cumulative.count - 1
    while kernel < high {
      let middle = (kernel + high) / 2
      if cumulative[middle] <= target { kernel = middle + 1 } else { high = middle }
    }
    var values = given
    for index in domains.indices where given[index].isNaN {
      values[index] = draw(kernel, index, &stream)
    }
    return values
  }

  /// The running sum of the kernels' weights, the prior's last, each times its density at what is
  /// given.
  func cumulativeWeights(given: [Double]) -> [Double] {
    let rule = weightRule
    var weights = rows.indices.map { rule[$0] } + [1]
    let fixed = given.indices.filter { !given[$0].isNaN }
    if !fixed.isEmpty {
      let logs = weights.indices.map { kernel in
        fixed.reduce(log(weights[kernel])) { $0 + logKernel(kernel, $1, at: given[$1]) }
      }
      let top = logs.max() ?? 0
      if top > -.infinity { weights = logs.map { exp($0 - top) } }
    }
    var sum = 0.0
    return weights.map {
      sum += $0
      return sum
    }
  }

  private func draw(_ kernel: Int, _ index: Int, _ stream: inout RandomStream) -> Double {
    let isPrior = kernel == observationCount
    guard let bounds = domains[index].bounds else {
      return drawCategory(kernel, index, stream.openUniform())
    }
    let (mean, deviation) =
      isPrior ? domains[index].priorKernel : (centers[index][kernel], deviations[index][kernel])
    let (low, high) = ((bounds.low - mean) / deviation, (bounds.high - mean) / deviation)
    let x = mean + deviation * Self.drawNormal(from: low, to: high, &stream)
    return domains[index].isLogarithmic ? exp(x) : x
  }

  /// A standard normal number between `low` and `high`: where most are, one that turns out to be
  /// is found sooner than the quantiles of the bounds.
  private static func drawNormal(
    from low: Double, to high: Double, _ stream: inout RandomStream
  ) -> Double {
    for _ in 0..<3 {
      let z = normalQuantile(stream.openUniform())
      if z >= low && z <= high { return z }
    }
    return truncatedNormalQuantile(stream.openUniform(), from: low, to: high)
  }

  private func drawCategory(_ kernel: Int, _ index: Int, _ u: Double) -> Double {
    guard case .categorical(let count) = domains[index] else { return 0 }
    let prior = categoryPrior
    let target = u * (1 + prior * Double(count))
    if kernel == observationCount { return (u * Double(count)).rounded(.down) }
    if target < 1 { return centers[index][kernel] }
    return min(((target - 1) / prior).rounded(.down), Double(count - 1))
  }
}
