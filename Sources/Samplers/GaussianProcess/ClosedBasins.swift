// Neighbourhoods that have nothing more to give.

import GaussianProcess

/// Where the best trial has hardly become better for ten trials, half of which lay next to it, it
/// is a local optimum that is known well enough: its neighbourhood is closed, and every other
/// proposal is sought outside.
struct ClosedBasins {
  /// Rows of the trials in the middle of each.
  private(set) var rows: [Int]
  /// Indices of the observations outside of all.
  private(set) var open: [Int]
  private var centers: [[Double]]
  private let observations: ObjectiveObservations
  private let dimensions: [InputDimension]
  private let isContinuous: Bool

  private static let window = 10
  private static let crowd = 5
  /// Root mean square distances over the dimensions.
  private static let nearness = 0.02
  private static let radius = 0.25
  private static let leastGain = 5e-5
  /// So many trials, the first, say what is ordinary.
  private static let firstCount = 6

  init(_ rows: [Int], _ observations: ObjectiveObservations, _ space: EncodedSpace) {
    self.observations = observations
    dimensions = space.dimensions
    isContinuous = space.isContinuous
    self.rows = rows
    centers = rows.compactMap { row in
      observations.rows.firstIndex(of: row).map { observations.seen.points[$0] }
    }
    open = []
    open = outside()
  }

  private func outside() -> [Int] {
    let (centers, dimensions) = (centers, dimensions)
    return observations.seen.points.indices.filter {
      !Self.isInside(observations.seen.points[$0], centers, dimensions)
    }
  }

  private static func isInside(
    _ point: [Double], _ centers: [[Double]], _ dimensions: [InputDimension]
  ) -> Bool {
    centers.contains { dimensions.distance(point, $0) < radius }
  }

  /// Whether a trial outside of all has a value to improve on.
  var hasOpenIncumbent: Bool {
    !rows.isEmpty && open.contains { observations.isFeasible[$0] }
  }

  /// Whether a point lies in one of them.
  var bars: @Sendable (_ point: [Double]) -> Bool {
    let (centers, dimensions) = (centers, dimensions)
    return { Self.isInside($0, centers, dimensions) }
  }

  /// Closes the neighbourhood of the best open trial, if it has converged there.
  mutating func closeIfConverged() {
    guard isContinuous, open.count > Self.window + Self.firstCount else { return }
    let losses = observations.seen.values
    let recent = open.suffix(Self.window)
    let before = open.dropLast(Self.window)
    guard let oldBest = before.map({ losses[$0] }).min(),
      let best = open.min(by: { losses[$0] < losses[$1] })
    else { return }
    let first = losses.prefix(Self.firstCount).sorted()
    let ordinary = first[first.count / 2]
    guard oldBest - losses[best] < Self.leastGain * (ordinary - losses[best]) else { return }
    let center = observations.seen.points[best]
    let near = recent.count {
      dimensions.distance(observations.seen.points[$0], center) < Self.nearness
    }
    guard near >= Self.crowd else { return }
    rows.append(observations.rows[best])
    centers.append(center)
    open = outside()
  }
}

extension [InputDimension] {
  /// The root mean square distance of two points over the dimensions.
  fileprivate func distance(_ a: [Double], _ b: [Double]) -> Double {
    let sum = indices.reduce(0.0) { $0 + self[$1].squaredDistance(a[$1], b[$1]) }
    return (sum / Double(Swift.max(1, count))).squareRoot()
  }
}
