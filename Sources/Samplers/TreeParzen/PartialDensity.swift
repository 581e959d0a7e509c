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
  /// Of continuous domains, one after the other.
  fileprivate let coordinates: [Double]
  fileprivate let codes: [Double]
  fileprivate let steps: [(low: Double, high: Double)]
  /// Of discrete domains: the parameter's value.
  fileprivate let values: [Double]
  /// ln of the prior's density here.
  let logPrior: Double

  /// - Parameter point: by domain, the parameter's value.
  init(_ point: [Double], of estimator: ParzenEstimator) {
    let (domains, blocks) = (estimator.domains, estimator.blocks)
    coordinates = blocks.continuous.map { domains[$0].coordinate(point[$0]) }
    codes = blocks.categorical.map { point[$0] }
    steps = blocks.discrete.map { domains[$0].interval(of: point[$0]) }
    values = blocks.discrete.map { point[$0] }
    var logPrior = estimator.priorConstant
    for (index, coordinate) in zip(blocks.continuous, coordinates) {
      let prior = domains[index].priorKernel
      let z = (coordinate - prior.center) / prior.deviation
      logPrior -= 0.5 * z * z
    }
    for index in blocks.discrete {
      let prior = domains[index].priorKernel
      logPrior += domains[index].logStepMass(
        at: point[index], center: prior.center, deviation: prior.deviation)
    }
    self.logPrior = logPrior
  }
}

/// The terms of the latest kernels at a point.
struct PartialDensity {
  private typealias Lanes = KernelBlocks.Lanes
  private static var margin: Double { 46 }

  private let point: KernelPoint
  /// Of the point's discrete values: where the estimator keeps their masses.
  private let massPlaces: [Int]
  private let weights: WeightRule
  /// What a kernel has for matching all categories, and loses for each that is not its own.
  private let match: Double
  private let mismatch: Double
  private var top: Double
  private var sum = 1.0
  /// A kernel below it is left out, matches aside; and the sum that it was found for.
  private var floor: Double
  private var flooredSum = 1.0
  private var blocksLeft: Int

  init(_ estimator: inout ParzenEstimator, at point: KernelPoint) {
    self.point = point
    massPlaces = point.values.indices.map {
      estimator.blocks.masses[$0].place(of: point.values[$0])
    }
    weights = estimator.weightRule
    let prior = estimator.categoryPrior
    match = estimator.domains.reduce(0) { sum, domain in
      guard case .categorical(let count) = domain else { return sum }
      return sum + log1p(prior) - log1p(prior * Double(count))
    }
    mismatch = log(prior) - log1p(prior)
    top = point.logPrior
    floor = top - Self.margin - match
    blocksLeft = estimator.blocks.blockCount
  }

  /// Whether all kernels are in it.
  var isComplete: Bool { blocksLeft == 0 }

  /// ln of the density as far as it has been summed.
  var value: Double { top + log(sum / weights.total) }

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
      floor = top + log(sum) - Self.margin - match
    }
  }

  /// Sums up to `count` further blocks of kernels.
  mutating func advance(_ estimator: inout ParzenEstimator, blocks count: Int = .max) {
    let stop = count < blocksLeft ? blocksLeft - count : 0
    while blocksLeft > stop {
      blocksLeft -= 1
      addBlock(blocksLeft, &estimator.blocks)
    }
  }

  private mutating func addBlock(_ block: Int, _ blocks: inout KernelBlocks) {
    let packed = blocks.packed
    let threshold = Lanes(repeating: floor)
    var place = block * blocks.stride
    var exact = packed[place]
    place += 1
    for coordinate in point.coordinates {
      let z = (coordinate - packed[place]) * packed[place + 1]
      exact -= z * z
      place += 2
      if !any(exact .> threshold) { return }
    }
    for code in point.codes {
      exact.replace(with: exact + mismatch, where: packed[place] .!= code)
      place += 1
    }
    var bound = exact
    for step in point.steps {
      let center = packed[place]
      let distance = pointwiseMax(pointwiseMax(step.low - center, center - step.high), .zero)
      let z = distance * packed[place + 1]
      bound -= z * z
      place += 2
      if !any(bound .> threshold) { return }
    }
    let alive = bound .> threshold
    for lane in (0..<8).reversed() where alive[lane] {
      let kernel = block * 8 + lane
      var term = exact[lane] + match
      for index in point.values.indices {
        term += blocks.masses[index].logMass(
          kernel: kernel, value: point.values[index], at: massPlaces[index])
      }
      add(term, weights[kernel])
    }
  }
}

extension ParzenEstimator {
  /// The log density at a point: a parameter's value a domain.
  mutating func logDensity(at point: [Double]) -> Double {
    logDensity(at: KernelPoint(point, of: self))
  }

  /// The log density at a point of these domains.
  mutating func logDensity(at point: KernelPoint) -> Double {
    var density = PartialDensity(&self, at: point)
    density.advance(&self)
    return density.value
  }
}
