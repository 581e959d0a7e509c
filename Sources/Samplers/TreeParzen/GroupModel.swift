// The densities over parameters that occur together, and the candidates that they are compared at.

import Glibc
import Numerics
import StudyModel

/// The densities over one group of parameters.
struct GroupModel: Sendable {
  let parameters: [Int]
  /// Of the good trials.
  fileprivate(set) var below: ParzenEstimator
  /// Of the others.
  fileprivate(set) var above: ParzenEstimator
  /// Of those of the others that failed.
  private(set) var failed: ParzenEstimator

  private static var surestFailure: Double { 0.98 }

  init(_ parameters: [Int], _ table: ObservationTable, isUniformBelow: Bool) {
    self.parameters = parameters
    let domains = parameters.map { table.domains[$0] }
    below = ParzenEstimator(domains, isUniform: isUniformBelow)
    above = ParzenEstimator(domains)
    failed = ParzenEstimator(domains)
  }

  /// Brings the trials in `rows`, ascending, up to date.
  mutating func update(_ rows: [Int], of table: ObservationTable) {
    let good = Set(table.good)
    var changes: (below: [Change], above: [Change], failed: [Change]) = ([], [], [])
    for row in rows {
      var point: [Double]?
      if let all = table.point(row), !all[parameters[0]].isNaN {
        point = parameters.map { all[$0] }
      }
      let isGood = good.contains(row)
      changes.below.append((row, isGood ? point : nil))
      changes.above.append((row, isGood ? nil : point))
      changes.failed.append((row, table.role(row) == .failed ? point : nil))
    }
    below.update(changes.below)
    above.update(changes.above)
    failed.update(changes.failed)
  }

  private typealias Change = (row: Int, point: [Double]?)

  /// How good a point, values of the group, promises to be: ln of the good density over the bad
  /// one, and of the probability that a trial there does not fail.
  mutating func score(at point: [Double]) -> Double {
    let point = KernelPoint(point, of: below)
    return score(
      at: point, good: below.logDensity(at: point), bad: above.logDensity(at: point))
  }

  /// The same, with both densities known.
  fileprivate mutating func score(at point: KernelPoint, good: Double, bad: Double) -> Double {
    if failed.observationCount == 0 { return good - bad }
    // The share of failed trials among all that the densities put at a point. Where it seems to
    // be one, densities of so few trials may be wrong.
    let failing = failed.logDensity(at: point)
    let all =
      Double(below.observationCount) * exp(good - failing)
      + Double(above.observationCount) * exp(bad - failing)
    let share = Double(failed.observationCount) / all
    return good - bad + log(1 - min(share, Self.surestFailure))
  }
}

/// The candidates of one group for one proposal, best first, each scored no further than it takes
/// to know that another is better.
struct GroupCandidates {
  /// So many blocks of kernels are summed before candidates are compared again.
  private static let stride = 32

  private enum Grid {
    case continuum(low: Double, high: Double)
    case members(Distribution)

    init(_ distribution: Distribution) {
      if case .float(let domain) = distribution, domain.step == nil {
        self = .continuum(low: domain.low, high: domain.high)
      } else {
        self = .members(distribution)
      }
    }

    func nearest(to value: Double) -> Double {
      switch self {
      case .continuum(let low, let high): min(max(value, low), high)
      case .members(let distribution): distribution.nearestMember(to: value)
      }
    }
  }

  private struct Candidate {
    let values: [Double]
    let point: KernelPoint
    let good: Double
    var bad: PartialDensity
    /// Its score, or while that is not known what it is not above.
    var bound: Double
    var isScored = false
  }

  private let batch: Int
  /// By parameter of the group: what puts a value on its grid.
  private let grids: [Grid]
  /// By parameter of the group: the value that is given, else NaN.
  private let given: [Double]
  private let cumulative: [Double]
  private let rules: (good: DensityRule, bad: DensityRule)
  private var stream: RandomStream
  /// Of the current batch, those that were not given out yet.
  private var waiting: [Candidate] = []
  private var ranked: [[Double]] = []

  init(_ group: GroupModel, _ frame: ProposalFrame, batch: Int, stream: RandomStream) {
    self.batch = batch
    self.stream = stream
    let domains = group.below.domains
    grids = group.parameters.map { Grid(frame.parameters[$0].distribution) }
    rules = (DensityRule(group.below), DensityRule(group.above))
    given = zip(group.parameters, domains).map { parameter, domain in
      let value = frame.given[parameter] ?? .nan
      return domain.interval(of: value).low.isNaN ? .nan : value
    }
    cumulative = group.below.cumulativeWeights(given: given)
  }

  /// Candidate `rank` of the batches one after the other: by parameter of the group, its value.
  mutating func candidate(_ rank: Int, of group: inout GroupModel) -> [Double] {
    while ranked.count <= rank {
      if waiting.isEmpty { draw(&group) }
      ranked.append(next(&group))
    }
    return ranked[rank]
  }

  private mutating func draw(_ group: inout GroupModel) {
    waiting.reserveCapacity(batch)
    for _ in 0..<batch {
      var values = group.below.draw(&stream, cumulative: cumulative, given: given)
      for index in values.indices where given[index].isNaN {
        values[index] = grids[index].nearest(to: values[index])
      }
      let point = KernelPoint(values, of: group.below)
      let good = group.below.logDensity(at: point, rules.good)
      let bad = PartialDensity(&group.above, rules.bad, at: point)
      waiting.append(
        Candidate(values: values, point: point, good: good, bad: bad, bound: good - bad.value))
    }
  }

  /// Takes the best of those that wait, the first of equals.
  private mutating func next(_ group: inout GroupModel) -> [Double] {
    while true {
      var best = 0
      for index in waiting.indices where waiting[index].bound > waiting[best].bound { best = index }
      if waiting[best].isScored { return waiting.remove(at: best).values }
      // More kernels of the bad density only take from the score, and so does what may fail.
      waiting[best].bad.advance(&group.above, blocks: Self.stride)
      let bad = waiting[best].bad.value
      waiting[best].bound = waiting[best].good - bad
      if waiting[best].bad.isComplete {
        waiting[best].bound = group.score(
          at: waiting[best].point, good: waiting[best].good, bad: bad)
        waiting[best].isScored = true
      }
    }
  }
}
