// The log density of a mixture at a point, summed no further than is asked for, and without
// touching most of its kernels.
//
// The sum begins with the prior's term and goes from the latest kernels to the earliest, so what
// has been summed is a lower bound that soon is close. A kernel's term shrinks with every domain
// that is looked at: a block of eight is left as soon as none of them can reach e⁻⁴⁶ of what there
// is already; in ten dimensions and a long history that is after two or three. All that is left
// out of ten thousand kernels is below the last bit of the sum.
//
// Discrete domains need a difference of two normal masses per kernel and value. For those the
// first pass takes an upper bound, the normal's decay to the step's nearer edge, and only kernels
// that survive it are computed, once for all that share center, width and value.

import Glibc
import Numerics

/// A point as the blocks of kernels over some domains want it.
struct KernelPoint {
  /// In the order of a block's lanes: coordinates of continuous domains, codes of categorical ones,
  /// both ends of the steps of discrete ones.
  fileprivate let numbers: [Double]
  /// Of discrete domains: the parameter's value.
  fileprivate let values: [Double]
  /// ln of the prior's density here.
  let logPrior: Double

  /// - Parameter point: by domain, the parameter's value.
  init(_ point: [Double], of estimator: ParzenEstimator) {
    var numbers: [Double] = []
    numbers.reserveCapacity(estimator.blocks.stride)
    var logPrior = estimator.priorConstant
    for index in estimator.blocks.continuous {
      let coordinate = estimator.domains[index].coordinate(point[index])
      let prior = estimator.domains[index].priorKernel
      let z = (coordinate - prior.center) / prior.deviation
      logPrior -= 0.5 * z * z
      numbers.append(coordinate)
    }
    for index in estimator.blocks.categorical { numbers.append(point[index]) }
    var values: [Double] = []
    for index in estimator.blocks.discrete {
      let domain = estimator.domains[index]
      let (prior, step) = (domain.priorKernel, domain.interval(of: point[index]))
      logPrior += domain.logStepMass(
        at: point[index], center: prior.center, deviation: prior.deviation)
      numbers.append(step.low)
      numbers.append(step.high)
      values.append(point[index])
    }
    self.numbers = numbers
    self.values = values
    self.logPrior = logPrior
  }
}

/// What all sums over the kernels of an estimator have in common.
struct DensityRule {
  fileprivate let weights: WeightRule
  /// What a kernel has for matching all categories, and loses for each that is not its own.
  fileprivate let match: Double
  fileprivate let mismatch: Double

  init(_ estimator: ParzenEstimator) {
    weights = estimator.weightRule
    let prior = estimator.categoryPrior
    match = estimator.domains.reduce(0) { sum, domain in
      guard case .categorical(let count) = domain else { return sum }
      return sum + log1p(prior) - log1p(prior * Double(count))
    }
    mismatch = estimator.blocks.categorical.isEmpty ? 0 : log(prior) - log1p(prior)
  }
}

/// The terms of the latest kernels at a point.
struct PartialDensity {
  private typealias Lanes = KernelBlocks.Lanes
  private static var margin: Double { 46 }

  private let point: KernelPoint
  private let rule: DensityRule
  /// Of the point's discrete values: where the estimator keeps their masses.
  private let massPlaces: [Int]
  private var top: Double
  private var sum = 1.0
  /// A kernel below it is left out, matches aside; and the sum that it was found for.
  private var floor: Double
  private var flooredSum = 1.0
  private var blocksLeft: Int

  init(_ estimator: inout ParzenEstimator, _ rule: DensityRule, at point: KernelPoint) {
    self.point = point
    self.rule = rule
    var massPlaces: [Int] = []
    for (index, value) in point.values.enumerated() {
      massPlaces.append(estimator.blocks.masses[index].place(of: value))
    }
    self.massPlaces = massPlaces
    top = point.logPrior
    floor = top - Self.margin - rule.match
    blocksLeft = estimator.blocks.blockCount
  }

  /// Whether all kernels are in it.
  var isComplete: Bool { blocksLeft == 0 }

  /// ln of the density as far as it has been summed.
  var value: Double { top + log(sum / rule.weights.total) }

  private mutating func add(_ term: Double, _ weight: Double) {
    if term <= top {
      sum += weight * exp(term - top)
    } else {
      sum = sum * exp(top - term) + weight
      top = term
      flooredSum = 0
    }
    if sum > 2 * flooredSum {
      flooredSum = sum
      floor = top + log(sum) - Self.margin - rule.match
    }
  }

  /// Sums up to `count` further blocks of kernels.
  mutating func advance(_ estimator: inout ParzenEstimator, blocks count: Int = .max) {
    let stop = count < blocksLeft ? blocksLeft - count : 0
    while blocksLeft > stop {
      guard let (block, exact, alive) = nextBlock(estimator.blocks, stop) else { return }
      for lane in (0..<8).reversed() where alive[lane] {
        let kernel = block * 8 + lane
        var term = exact[lane] + rule.match
        for (index, value) in point.values.enumerated() {
          term += estimator.blocks.masses[index].logMass(
            kernel: kernel, value: value, at: massPlaces[index])
        }
        add(term, rule.weights[kernel])
      }
    }
  }

  /// Goes back to a block that has kernels above the floor: these, and what they have but for
  /// matches and masses. Nil where there is none down to `stop`.
  private mutating func nextBlock(
    _ blocks: KernelBlocks, _ stop: Int
  ) -> (block: Int, exact: Lanes, alive: SIMDMask<SIMD8<Int64>>)? {
    let (packed, numbers) = (blocks.packed, point.numbers)
    let (continuous, categorical) = (blocks.continuous.count, blocks.categorical.count)
    let threshold = Lanes(repeating: floor)
    search: while blocksLeft > stop {
      blocksLeft -= 1
      var place = blocksLeft * blocks.stride
      var exact = packed[place]
      place += 1
      for number in 0..<continuous {
        let z = (numbers[number] - packed[place]) * packed[place + 1]
        exact -= z * z
        place += 2
        if !any(exact .> threshold) { continue search }
      }
      for number in continuous..<continuous + categorical {
        exact.replace(with: exact + rule.mismatch, where: packed[place] .!= numbers[number])
        place += 1
      }
      var bound = exact
      for number in stride(from: continuous + categorical, to: numbers.count, by: 2) {
        let center = packed[place]
        let distance = pointwiseMax(
          pointwiseMax(numbers[number] - center, center - numbers[number + 1]), .zero)
        let z = distance * packed[place + 1]
        bound -= z * z
        place += 2
        if !any(bound .> threshold) { continue search }
      }
      let alive = bound .> threshold
      if any(alive) { return (blocksLeft, exact, alive) }
    }
    return nil
  }
}

extension ParzenEstimator {
  /// The log density at a point: a parameter's value a domain.
  mutating func logDensity(at point: [Double]) -> Double {
    logDensity(at: KernelPoint(point, of: self))
  }

  /// The log density at a point of these domains.
  mutating func logDensity(at point: KernelPoint) -> Double {
    logDensity(at: point, DensityRule(self))
  }

  /// The same, with what the sums at several points have in common.
  mutating func logDensity(at point: KernelPoint, _ rule: DensityRule) -> Double {
    var density = PartialDensity(&self, rule, at: point)
    density.advance(&self)
    return density.value
  }
}
