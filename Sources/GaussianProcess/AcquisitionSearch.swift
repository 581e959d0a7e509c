// Where an acquisition function is largest.

import Glibc
import Numerics

/// The points among which a maximum is sought. A *place* has a number in each dimension, also in
/// those that the point it stands for lacks, so that they come back when they exist again.
package protocol AcquisitionDomain {
  var dimensions: [InputDimension] { get }
  /// The dimensions that are a continuum, and those of finitely many numbers.
  var continuous: [Int] { get }
  var discrete: [Int] { get }
  /// The number at a quantile, 0 to 1, of a dimension.
  func number(atQuantile u: Double, of dimension: Int) -> Double
  /// The point that a place stands for: the nearest that exists, NaN where it lacks a dimension.
  func point(at place: [Double]) -> [Double]
  /// Other numbers that a discrete dimension may have: all, or if they are many, near ones and
  /// some farther away.
  func alternatives(to number: Double, of dimension: Int) -> [Double]
  /// Whether a point may be proposed.
  func allows(_ point: [Double]) -> Bool
}

/// A place with the acquisition function's value at its point.
package struct RankedPlace: Sendable {
  package var place: [Double]
  package var value: Double
}

/// Compares many candidates and climbs from the best of them: with the gradient over continuous
/// dimensions, alternating with an exact search over one discrete dimension at a time.
package struct AcquisitionSearch {
  /// How many candidates are spread over the whole domain.
  package var spread = 400
  /// How many are taken from around good points.
  package var near = 200
  /// From how many of them it climbs.
  package var climbs = 5
  /// How many of the best are judged by a second acquisition function.
  package var judged = 20

  /// With these numbers of candidates and climbs, unless they are changed.
  package init() {}

  /// Candidates: points of a Sobol sequence, shifted at random, and perturbations of `good`
  /// places.
  package func candidates<Domain: AcquisitionDomain>(
    _ domain: Domain, good: [[Double]], seed: UInt64
  ) -> [[Double]] {
    let count = domain.dimensions.count
    let sobol = SobolSequence(dimensions: min(count, SobolSequence.maximumDimensions))
    var stream = RandomStream(seed: seed, trial: 0)
    let shifts = (0..<count).map { _ in stream.uniform() }
    var places: [[Double]] = (0..<spread).map { index in
      (0..<count).map { dimension in
        var u =
          dimension < sobol.dimensions
          ? shifts[dimension] + sobol.coordinate(point: UInt64(index), dimension: dimension)
          : stream.uniform()
        if u >= 1 { u -= 1 }
        return domain.number(atQuantile: u, of: dimension)
      }
    }
    if good.isEmpty { return places }
    places += good
    for index in 0..<near {
      places.append(Self.perturb(good[index % good.count], domain, &stream))
    }
    return places
  }

  /// Moves some coordinates of a place, by anything from hardly to far.
  private static func perturb<Domain: AcquisitionDomain>(
    _ place: [Double], _ domain: Domain, _ stream: inout RandomStream
  ) -> [Double] {
    let count = place.count
    let scale = 0.3 * exp(-4.6 * stream.uniform())
    let share = max(stream.uniform(), 1 / Double(count))
    let certain = Int(stream.integer(below: UInt64(count)))
    return (0..<count).map { dimension in
      let (u, quantile, fresh) = (stream.uniform(), stream.openUniform(), stream.uniform())
      guard u < share || dimension == certain else { return place[dimension] }
      if domain.dimensions[dimension] == .categorical {
        return fresh < 0.5
          ? place[dimension] : domain.number(atQuantile: 2 * fresh - 1, of: dimension)
      }
      return min(max(place[dimension] + scale * normalQuantile(quantile), 0), 1)
    }
  }

  /// The best places that are allowed, best first: what the climbs found, then the candidates.
  ///
  /// - Parameter judge: what is to be maximized in truth, if `acquisition` stands for something
  ///   that takes longer: it decides between the best.
  package func maximize<Domain: AcquisitionDomain>(
    _ acquisition: Acquisition, over domain: Domain, from candidates: [[Double]],
    judgedBy judge: Acquisition? = nil
  ) -> [RankedPlace] {
    let screened = Self.rank(candidates, acquisition, domain)
    var found: [RankedPlace] = []
    var starts: [[Double]] = []
    for candidate in screened {
      if starts.count == climbs { break }
      let point = domain.point(at: candidate.place)
      if starts.contains(where: { isSamePoint($0, point) }) { continue }
      starts.append(point)
      let best = found.reduce(-.infinity) { max($0, $1.value) }
      found.append(Self.climb(candidate, acquisition, domain, above: best))
    }
    if let judge {
      found += screened.prefix(max(0, judged - found.count))
      let points = found.map { domain.point(at: $0.place) }
      let values = judge.values(at: Matrix(points, columns: domain.dimensions.count))
      for index in found.indices { found[index].value = values[index] }
    }
    let best = found.enumerated().sorted {
      $0.element.value == $1.element.value
        ? $0.offset < $1.offset : $0.element.value > $1.element.value
    }
    return best.map(\.element) + screened
  }

  /// So many places are valued at once: their covariances stay near the processor.
  private static let batch = 64

  /// The places whose points are allowed, by descending value, earlier ones first among equals.
  private static func rank<Domain: AcquisitionDomain>(
    _ places: [[Double]], _ acquisition: Acquisition, _ domain: Domain
  ) -> [RankedPlace] {
    var allowed: [(place: [Double], point: [Double])] = []
    for place in places {
      let point = domain.point(at: place)
      if domain.allows(point) { allowed.append((place, point)) }
    }
    let values = stride(from: 0, to: allowed.count, by: batch).flatMap { first in
      let points = allowed[first..<min(first + batch, allowed.count)].map(\.point)
      return acquisition.values(at: Matrix(points, columns: domain.dimensions.count))
    }
    let order = values.indices.filter { !values[$0].isNaN }.sorted {
      values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1]
    }
    return order.map { RankedPlace(place: allowed[$0].place, value: values[$0]) }
  }

  /// - Parameter best: what only more than it is of use.
  private static func climb<Domain: AcquisitionDomain>(
    _ start: RankedPlace, _ acquisition: Acquisition, _ domain: Domain, above best: Double
  ) -> RankedPlace {
    var current = start
    for _ in 0..<4 {
      let before = current.value
      // What a discrete dimension may still add is not known.
      let best = domain.discrete.isEmpty ? best : -.infinity
      climbContinuous(&current, acquisition, domain, above: best)
      if domain.discrete.isEmpty { break }
      let between = current.value
      climbDiscrete(&current, acquisition, domain)
      if domain.continuous.isEmpty ? current.value <= before : current.value <= between { break }
    }
    return current
  }

  private static func climbContinuous<Domain: AcquisitionDomain>(
    _ current: inout RankedPlace, _ acquisition: Acquisition, _ domain: Domain, above best: Double
  ) {
    let point = domain.point(at: current.place)
    let moving = domain.continuous.filter { !point[$0].isNaN }
    if moving.isEmpty { return }
    var minimizer = BoxMinimizer(
      lower: [Double](repeating: 0, count: moving.count),
      upper: [Double](repeating: 1, count: moving.count))
    minimizer.maximumIterations = 30
    minimizer.gradientTolerance = 1e-3
    minimizer.valueTolerance = 1e-6
    minimizer.firstStep = 0.1
    minimizer.target = -best
    var full = [Double](repeating: 0, count: point.count)
    let minimum = minimizer.minimize(from: moving.map { point[$0] }) { numbers, gradient in
      var moved = point
      for (place, dimension) in moving.enumerated() { moved[dimension] = numbers[place] }
      for index in full.indices { full[index] = 0 }
      let value = acquisition.value(at: moved, adding: &full)
      for (place, dimension) in moving.enumerated() { gradient[place] = -full[dimension] }
      return -value
    }
    // Constraints may cut the way off: go back to where it was still open.
    var share = 1.0
    for _ in 0..<12 {
      var place = current.place
      for (index, dimension) in moving.enumerated() {
        place[dimension] = point[dimension] * (1 - share) + minimum.point[index] * share
      }
      let moved = domain.point(at: place)
      if domain.allows(moved) {
        let value = acquisition.values(at: Matrix([moved], columns: moved.count))[0]
        if value > current.value { current = RankedPlace(place: place, value: value) }
        return
      }
      share /= 2
    }
  }

  private static func climbDiscrete<Domain: AcquisitionDomain>(
    _ current: inout RankedPlace, _ acquisition: Acquisition, _ domain: Domain
  ) {
    for dimension in domain.discrete {
      let point = domain.point(at: current.place)
      if point[dimension].isNaN { continue }
      let places = domain.alternatives(to: point[dimension], of: dimension).map { number in
        var place = current.place
        place[dimension] = number
        return place
      }
      if let best = rank(places, acquisition, domain).first, best.value > current.value {
        current = best
      }
    }
  }
}

/// Whether two points are one, NaN being like NaN.
package func isSamePoint(_ a: [Double], _ b: [Double]) -> Bool {
  zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}
