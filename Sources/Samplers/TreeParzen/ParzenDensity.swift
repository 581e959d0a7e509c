// The log density of a mixture at many points, without touching most of its kernels.
//
// Kernels are laid out eight at a time: their constant, then center and inverse width for each
// domain. A point's sum over kernels always contains the prior's term, which is known first. The
// other terms shrink with every domain that is looked at, so a block of kernels is left as soon
// as none of the eight can reach e⁻⁴⁵ of it: in ten dimensions and a long history that is after
// two or three. What is left out is below the last bit of the sum.
//
// Discrete domains need a difference of two normal masses per kernel and value. For those the
// first pass takes an upper bound, the normal's decay to the step's nearer edge, and only kernels
// that survive it are computed, once for all that share center, width and value.

import Glibc
import Numerics

struct ParzenDensity {
  private typealias Lanes = SIMD8<Double>
  private static var margin: Double { 45 }

  private let estimator: ParzenEstimator
  private let continuous: [Int]
  private let categorical: [Int]
  private let discrete: [Int]
  /// What a kernel loses for each category that is not its own.
  private let mismatch: Double
  /// Block by block: constant; center and inverse width (times √½) for every continuous domain;
  /// code for every categorical; center and inverse width for every discrete.
  private let packed: [Lanes]
  private let blockCount: Int
  /// What of the prior's term does not depend on the point.
  private let priorConstant: Double

  init(_ estimator: ParzenEstimator) {
    self.estimator = estimator
    var continuous: [Int] = []
    var categorical: [Int] = []
    var discrete: [Int] = []
    for (index, domain) in estimator.domains.enumerated() {
      switch domain {
      case .continuous: continuous.append(index)
      case .categorical: categorical.append(index)
      case .discrete: discrete.append(index)
      }
    }
    self.continuous = continuous
    self.categorical = categorical
    self.discrete = discrete
    mismatch = log(estimator.categoryPrior) - log1p(estimator.categoryPrior)
    blockCount = (estimator.observationCount + 7) / 8
    let constants = Self.constants(estimator)
    // The prior matches no category; with all of them it weighs the same.
    priorConstant = categorical.reduce(constants[constants.count - 1]) { constant, index in
      guard case .categorical(let count) = estimator.domains[index] else { return constant }
      return constant - Self.matchTerm(estimator, count) - log(Double(count))
    }
    packed = Self.pack(
      estimator, constants: constants,
      lanes: continuous.flatMap { [(true, $0), (false, $0)] } + categorical.map { (true, $0) }
        + discrete.flatMap { [(true, $0), (false, $0)] })
  }

  /// Lays out one lane after the other, a center or an inverse width of a domain each. Lanes
  /// behind the last kernel are −∞, which no sum notices.
  private static func pack(
    _ estimator: ParzenEstimator, constants: [Double], lanes: [(isCenter: Bool, domain: Int)]
  ) -> [Lanes] {
    let blockCount = (estimator.observationCount + 7) / 8
    var packed: [Lanes] = []
    packed.reserveCapacity(blockCount * (1 + lanes.count))
    let end = estimator.observationCount
    for first in stride(from: 0, to: end, by: 8) {
      packed.append(Lanes(constants, from: first, below: end, -.infinity))
      for lane in lanes {
        packed.append(
          lane.isCenter
            ? Lanes(estimator.centers[lane.domain], from: first, below: end, 0)
            : 0.5.squareRoot()
              / Lanes(estimator.deviations[lane.domain], from: first, below: end, 1))
      }
    }
    return packed
  }

  /// What of a kernel's log density does not depend on the point.
  private static func constants(_ estimator: ParzenEstimator) -> [Double] {
    var constants = estimator.weights.map { log($0) }
    for (index, domain) in estimator.domains.enumerated() {
      guard let bounds = domain.bounds else {
        guard case .categorical(let count) = domain else { continue }
        let matched = matchTerm(estimator, count)
        for kernel in constants.indices { constants[kernel] += matched }
        continue
      }
      var isContinuous = false
      if case .continuous = domain { isContinuous = true }
      let centers = estimator.centers[index]
      let deviations = estimator.deviations[index]
      // Many widths are the narrowest one.
      var width = -1.0
      var offset = 0.0
      for kernel in constants.indices {
        let deviation = deviations[kernel]
        if deviation != width {
          width = deviation
          offset = isContinuous ? logNormalDensity(0) - log(deviation) : 0
        }
        let low = (bounds.low - centers[kernel]) / deviation
        let high = (bounds.high - centers[kernel]) / deviation
        constants[kernel] += offset - logMassInside(low, high)
      }
    }
    return constants
  }

  /// ln of a kernel's share for its own category, of `count`.
  private static func matchTerm(_ estimator: ParzenEstimator, _ count: Int) -> Double {
    log1p(estimator.categoryPrior) - log1p(estimator.categoryPrior * Double(count))
  }

  /// ln of the mass that a kernel keeps when it is cut. Nine deviations out it has lost nothing
  /// that a Double could tell. (A kernel may stand outside a domain that was narrowed since.)
  private static func logMassInside(_ low: Double, _ high: Double) -> Double {
    if low < -9 && high > -1 { return high > 9 ? 0 : logNormalCDF(high) }
    return low < 1 && high > 9 ? logNormalCDF(-low) : logNormalMass(low, high)
  }

  /// The log density at each of `points`: parameters' values, by domain.
  func logDensities(at points: [[Double]]) -> [Double] {
    var masses = discrete.map { StepMasses(estimator, domain: $0, points: points) }
    return points.indices.map { logDensity(at: points[$0], number: $0, &masses) }
  }

  /// The prior's weight times its density.
  private func priorTerm(at point: [Double]) -> Double {
    let prior = estimator.observationCount
    var term = priorConstant
    for index in continuous {
      let z =
        (estimator.domains[index].coordinate(point[index]) - estimator.centers[index][prior])
        / estimator.deviations[index][prior]
      term -= 0.5 * z * z
    }
    for index in discrete {
      let interval = estimator.domains[index].interval(of: point[index])
      let center = estimator.centers[index][prior]
      let deviation = estimator.deviations[index][prior]
      term += logNormalMass(
        (interval.low - center) / deviation, (interval.high - center) / deviation)
    }
    return term
  }

  private func logDensity(
    at point: [Double], number: Int, _ masses: inout [StepMasses]
  ) -> Double {
    let x = continuous.map { estimator.domains[$0].coordinate(point[$0]) }
    let codes = categorical.map { point[$0] }
    let steps = discrete.map { estimator.domains[$0].interval(of: point[$0]) }
    let priorTerm = self.priorTerm(at: point)
    let threshold = Lanes(repeating: priorTerm - Self.margin)
    var sum = RunningLogSum(first: priorTerm)

    let stride = 1 + 2 * continuous.count + categorical.count + 2 * discrete.count
    var place = 0
    blocks: for block in 0..<blockCount {
      place = block * stride
      var exact = packed[place]
      place += 1
      for coordinate in x {
        let z = (coordinate - packed[place]) * packed[place + 1]
        exact -= z * z
        place += 2
        if !any(exact .> threshold) { continue blocks }
      }
      for code in codes {
        exact.replace(with: exact + mismatch, where: packed[place] .!= code)
        place += 1
      }
      var bound = exact
      for step in steps {
        let center = packed[place]
        let distance = pointwiseMax(pointwiseMax(step.low - center, center - step.high), .zero)
        let z = distance * packed[place + 1]
        bound -= z * z
        place += 2
        if !any(bound .> threshold) { continue blocks }
      }
      let alive = bound .> threshold
      for lane in 0..<8 where alive[lane] {
        var term = exact[lane]
        for index in masses.indices {
          term += masses[index].logMass(kernel: block * 8 + lane, point: number)
        }
        sum.add(term)
      }
    }
    return sum.value
  }
}

extension SIMD8<Double> {
  /// Eight elements of `source`, `padding` from the index `end` on.
  fileprivate init(_ source: [Double], from first: Int, below end: Int, _ padding: Double) {
    if first + 8 <= end {
      self.init(
        source[first], source[first + 1], source[first + 2], source[first + 3],
        source[first + 4], source[first + 5], source[first + 6], source[first + 7])
    } else {
      self.init(repeating: padding)
      for index in first..<end { self[index - first] = source[index] }
    }
  }
}

/// ln Σ exp, one term at a time.
private struct RunningLogSum {
  private var top: Double
  private var sum = 1.0

  init(first: Double) { top = first }

  mutating func add(_ term: Double) {
    if term <= top {
      sum += exp(term - top)
    } else {
      sum = sum * exp(top - term) + 1
      top = term
    }
  }

  var value: Double { top + log(sum) }
}

/// The logarithms of a discrete domain's step masses, each computed when it is first asked for.
private struct StepMasses {
  private let estimator: ParzenEstimator
  private let domain: Int
  /// By kernel: which kernels are alike.
  private var classes: [Int32]
  private var classCount: Int32 = 0
  /// By point: the place of its value among the distinct values.
  private var valueIndices: [Int] = []
  private var intervals: [(low: Double, high: Double)] = []
  /// By value and class; NaN: not yet.
  private var known: [Double]

  init(_ estimator: ParzenEstimator, domain: Int, points: [[Double]]) {
    self.estimator = estimator
    self.domain = domain
    classes = [Int32](repeating: 0, count: estimator.observationCount)
    let centers = estimator.centers[domain]
    let deviations = estimator.deviations[domain]
    var last = -1
    for kernel in estimator.ascending[domain].lazy.map(Int.init) {
      if last < 0 || centers[kernel] != centers[last] || deviations[kernel] != deviations[last] {
        classCount += 1
      }
      classes[kernel] = classCount - 1
      last = kernel
    }
    var distinct: [Double: Int] = [:]
    for point in points {
      let value = point[domain]
      if distinct[value] == nil {
        distinct[value] = intervals.count
        intervals.append(estimator.domains[domain].interval(of: value))
      }
      valueIndices.append(distinct[value] ?? 0)
    }
    known = [Double](repeating: .nan, count: intervals.count * Int(classCount))
  }

  /// ln of the mass that `kernel`, before it is cut to the domain, has over a point's step.
  mutating func logMass(kernel: Int, point: Int) -> Double {
    let value = valueIndices[point]
    let place = value * Int(classCount) + Int(classes[kernel])
    if known[place].isNaN {
      let center = estimator.centers[domain][kernel]
      let deviation = estimator.deviations[domain][kernel]
      known[place] = logNormalMass(
        (intervals[value].low - center) / deviation, (intervals[value].high - center) / deviation)
    }
    return known[place]
  }
}
