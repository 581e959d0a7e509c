// A density over some parameters: a mixture of kernels, one around each observed trial and one,
// the prior, over the whole domain. A kernel is a product over the parameters: normal, cut to
// the domain; a normal's mass per step where the domain is discrete; a share for each category.
//
// Source: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization"; the
// multivariate form is Falkner et al. (2018), BOHB. Bandwidths and weights as in Optuna 5. Where a
// domain has a normal prior, that is the prior's kernel, and its deviation stands for the width of
// the domain in the limits of the others, as in hyperopt: the bounds of such a domain are far out,
// and kernels as wide as they would propose what the prior rules out.

import Glibc
import Numerics

struct ParzenEstimator: Sendable {
  let domains: [KernelDomain]
  /// By kernel, summing to 1; the prior is the last.
  let weights: [Double]
  /// By domain and kernel: where the kernel stands (a category's index); the prior is the last.
  let centers: [[Double]]
  /// By domain and kernel: the standard deviation; empty for categories.
  let deviations: [[Double]]
  /// By domain: the observed kernels by ascending center; empty for categories.
  let ascending: [[Int32]]

  /// - Parameters:
  ///   - observations: by domain, the coordinates of the observed trials in the order of their
  ///     numbers, as ``KernelDomain/coordinate(_:)`` gives them.
  ///   - ascending: by domain, the observations' indices by ascending coordinate, if known.
  ///   - isUniform: whether all trials weigh the same; else later ones more, beyond the 25th.
  init(
    _ domains: [KernelDomain], observations: [[Double]], ascending: [[Int32]]? = nil,
    isUniform: Bool = false
  ) {
    let count = observations.first?.count ?? 0
    self.domains = domains
    weights = Self.weights(count, isUniform: isUniform)
    var orders: [[Int32]] = []
    var deviations: [[Double]] = []
    var centers = observations
    for (index, domain) in domains.enumerated() {
      guard let bounds = domain.bounds else {
        orders.append([])
        deviations.append([])
        centers[index].append(-1)
        continue
      }
      let order = ascending?[index] ?? Self.order(observations[index])
      let prior = domain.priorKernel
      let range = min(prior.deviation, bounds.high - bounds.low)
      deviations.append(
        Self.bandwidths(observations[index], order, bounds, range) + [prior.deviation])
      centers[index].append(prior.center)
      orders.append(order)
    }
    self.ascending = orders
    self.centers = centers
    self.deviations = deviations
  }

  /// How many trials it was made from.
  var observationCount: Int { weights.count - 1 }

  /// The last 25 trials and the prior weigh the same, those before less the older they are.
  static func weights(_ count: Int, isUniform: Bool) -> [Double] {
    var weights = [Double](repeating: 1, count: count + 1)
    if !isUniform && count > 25 {
      let ramp = count - 25
      let first = 1 / Double(count)
      for index in 0..<ramp {
        weights[index] =
          ramp == 1 ? first : first + (1 - first) * Double(index) / Double(ramp - 1)
      }
    }
    let total = weights.reduce(0, +)
    for index in weights.indices { weights[index] /= total }
    return weights
  }

  private static func order(_ x: [Double]) -> [Int32] {
    x.indices.map(Int32.init).sorted {
      x[Int($0)] == x[Int($1)] ? $0 < $1 : x[Int($0)] < x[Int($1)]
    }
  }

  /// By observed kernel: as wide as the larger gap to its neighbours, within limits: `range`, and
  /// that over the number of kernels, at most a hundredth of it ("magic clip").
  private static func bandwidths(
    _ x: [Double], _ order: [Int32], _ bounds: (low: Double, high: Double), _ range: Double
  ) -> [Double] {
    let narrowest = range / min(100, 2 + Double(x.count))
    var result = [Double](repeating: range, count: x.count)
    let last = order.count - 1
    var before = bounds.low
    for place in order.indices {
      let kernel = Int(order[place])
      let here = x[kernel]
      let after = place == last ? bounds.high : x[Int(order[place + 1])]
      var width = max(here - before, after - here)
      // With neighbours to go by, the ends of the domain are not taken for trials.
      if last > 0 && place == 0 { width = after - here }
      if last > 0 && place == last { width = here - before }
      result[kernel] = min(max(width, narrowest), range)
      before = here
    }
    return result
  }

  /// The weight of a category that a kernel was not observed with, where the observed one
  /// weighs this plus one.
  var categoryPrior: Double { 1 / Double(observationCount + 1) }

  /// ln of kernel `kernel`'s density along domain `index` at a parameter's value.
  func logKernel(_ kernel: Int, _ index: Int, at value: Double) -> Double {
    let isPrior = kernel == observationCount
    switch domains[index] {
    case .categorical(let count):
      if isPrior { return -log(Double(count)) }
      let prior = categoryPrior
      let share = prior + (centers[index][kernel] == value ? 1 : 0)
      return log(share) - log1p(prior * Double(count))
    case .continuous(let low, let high, _, _):
      let (mean, deviation) = (centers[index][kernel], deviations[index][kernel])
      let z = (domains[index].coordinate(value) - mean) / deviation
      return logNormalDensity(z) - log(deviation)
        - logNormalMass((low - mean) / deviation, (high - mean) / deviation)
    case .discrete(let low, let high, _, _, _):
      let (mean, deviation) = (centers[index][kernel], deviations[index][kernel])
      let interval = domains[index].interval(of: value)
      return logNormalMass((interval.low - mean) / deviation, (interval.high - mean) / deviation)
        - logNormalMass((low - mean) / deviation, (high - mean) / deviation)
    }
  }
}

extension ParzenEstimator {
  /// Draws a point: one value a domain, before it is put on the grid of its parameter.
  ///
  /// - Parameter given: by domain, a value that is not drawn but conditioned on, else NaN.
  func draw(_ stream: inout RandomStream, cumulative: [Double], given: [Double]) -> [Double] {
    let target = stream.uniform() * (cumulative.last ?? 0)
    var kernel = 0
    var high = cumulative.count - 1
    while kernel < high {
      let middle = (kernel + high) / 2
      if cumulative[middle] <= target { kernel = middle + 1 } else { high = middle }
    }
    return domains.indices.map { index in
      let u = stream.openUniform()
      return given[index].isNaN ? draw(kernel, index, u) : given[index]
    }
  }

  /// The running sum of the kernels' weights, each times its density at what is given.
  func cumulativeWeights(given: [Double]) -> [Double] {
    var weights = weights
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

  private func draw(_ kernel: Int, _ index: Int, _ u: Double) -> Double {
    switch domains[index] {
    case .categorical(let count):
      let prior = categoryPrior
      let target = u * (1 + prior * Double(count))
      if kernel == observationCount { return (u * Double(count)).rounded(.down) }
      if target < 1 { return centers[index][kernel] }
      return min(((target - 1) / prior).rounded(.down), Double(count - 1))
    case .continuous(let low, let high, let isLogarithmic, _),
      .discrete(let low, let high, _, let isLogarithmic, _):
      let (mean, deviation) = (centers[index][kernel], deviations[index][kernel])
      let z = truncatedNormalQuantile(
        u, from: (low - mean) / deviation, to: (high - mean) / deviation)
      let x = mean + deviation * z
      return isLogarithmic ? exp(x) : x
    }
  }
}
