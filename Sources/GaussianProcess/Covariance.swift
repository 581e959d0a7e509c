// Covariances between points, many at a time.

import Glibc
import Numerics

/// A kernel of given hyperparameters over points of given dimensions.
struct Covariance: Sendable {
  let dimensions: [InputDimension]
  let hyperparameters: Hyperparameters
  let signal: Double
  let noise: Double
  /// Dimensions in which distances are differences, and the others.
  private let plain: [Int]
  private let others: [Int]
  private let inverseLengths: [Double]

  init(_ dimensions: [InputDimension], _ hyperparameters: Hyperparameters) {
    precondition(hyperparameters.logLengthscales.count == dimensions.count)
    self.dimensions = dimensions
    self.hyperparameters = hyperparameters
    signal = exp(hyperparameters.logSignalVariance)
    noise = exp(hyperparameters.logNoiseVariance)
    plain = dimensions.indices.filter { dimensions[$0].isPlain }
    others = dimensions.indices.filter { !dimensions[$0].isPlain }
    inverseLengths = hyperparameters.logLengthscales.map { exp(-$0) }
  }

  /// Points made ready to be compared.
  struct Prepared: Sendable {
    /// Plain coordinates along the axes, about the middle, over their lengthscales.
    fileprivate(set) var scaled: Matrix
    fileprivate(set) var squares: [Double]
    /// The other dimensions' numbers.
    fileprivate(set) var rest: Matrix

    var count: Int { scaled.rows }

    mutating func append(_ other: Prepared) {
      scaled = Matrix(
        rows: scaled.rows + other.scaled.rows, columns: scaled.columns,
        elements: scaled.elements + other.scaled.elements)
      squares += other.squares
      rest = Matrix(
        rows: rest.rows + other.rest.rows, columns: rest.columns,
        elements: rest.elements + other.rest.elements)
    }
  }

  func prepare(_ points: Matrix) -> Prepared {
    precondition(points.columns == dimensions.count)
    var turned = points
    if let axes = hyperparameters.axes { turned = dimensions.turned(points, to: axes) }
    var scaled: [Double] = []
    var rest: [Double] = []
    var squares: [Double] = []
    scaled.reserveCapacity(points.rows * plain.count)
    rest.reserveCapacity(points.rows * others.count)
    squares.reserveCapacity(points.rows)
    for row in 0..<points.rows {
      let first = row * points.columns
      var sum = 0.0
      for column in plain {
        let value = (turned.elements[first + column] - 0.5) * inverseLengths[column]
        scaled.append(value)
        sum += value * value
      }
      squares.append(sum)
      for column in others { rest.append(points.elements[first + column]) }
    }
    return Prepared(
      scaled: Matrix(rows: points.rows, columns: plain.count, elements: scaled),
      squares: squares,
      rest: Matrix(rows: points.rows, columns: others.count, elements: rest))
  }

  /// The squared scaled distances: one row for each of `a`, one column for each of `b`.
  func squaredDistances(_ a: Prepared, _ b: Prepared) -> Matrix {
    var result = a.scaled.timesTransposed(b.scaled)
    let columns = b.count
    for row in 0..<a.count {
      setSquaredDistances(
        &result.elements, in: row * columns..<(row + 1) * columns, own: a.squares[row],
        squares: b.squares)
    }
    for (place, dimension) in others.enumerated() {
      let weight = inverseLengths[dimension] * inverseLengths[dimension]
      let kind = dimensions[dimension]
      for row in 0..<a.count {
        let own = a.rest[row, place]
        for column in 0..<columns {
          result.elements[row * columns + column] +=
            weight * kind.squaredDistance(own, b.rest[column, place])
        }
      }
    }
    return result
  }

  /// Covariances of the function: one row for each of `a`, one column for each of `b`.
  func between(_ a: Prepared, _ b: Prepared) -> Matrix {
    var result = squaredDistances(a, b)
    hyperparameters.family.evaluate(
      &result.elements, in: result.elements.indices, signal: signal)
    return result
  }

  /// The lower triangle of the covariance matrix of observations at some points.
  func ofObservations(_ points: Prepared) -> Matrix {
    var result = squaredDistances(points, points)
    let n = points.count
    for row in 0..<n {
      hyperparameters.family.evaluate(
        &result.elements, in: row * n..<row * n + row, signal: signal)
      result.elements[row * n + row] = signal + noise
    }
    return result
  }

  /// Covariances of one point with `others`, with their slopes: see ``KernelFamily``.
  func withSlopes(
    _ point: Prepared, _ others: Prepared
  ) -> (covariances: [Double], slopes: [Double]) {
    var covariances = squaredDistances(point, others).elements
    var slopes = [Double](repeating: 0, count: covariances.count)
    hyperparameters.family.evaluate(
      &covariances, slopes: &slopes, in: covariances.indices, signal: signal)
    return (covariances, slopes)
  }

  /// The gradient, over the coordinates of `point`, of the covariances' sum with `weights`; zero
  /// for categories and for what the point lacks.
  func gradient(
    _ point: Prepared, _ others: Prepared, slopes: [Double], weights: [Double]
  ) -> [Double] {
    let products = zip(slopes, weights).map { $0 * $1 }
    let sum = products.reduce(0, +)
    var result = [Double](repeating: 0, count: dimensions.count)
    // Σ w g (s − s_a), and then along the axes.
    let pull = others.scaled.transposedTimes(products)
    var along = pull.indices.map { place in
      -(sum * point.scaled[0, place] - pull[place]) * inverseLengths[plain[place]]
    }
    if let axes = hyperparameters.axes { along = axes.transposedTimes(along) }
    for (place, dimension) in plain.enumerated() { result[dimension] = along[place] }
    for (place, dimension) in self.others.enumerated() where dimensions[dimension] != .categorical {
      let own = point.rest[0, place]
      if own.isNaN { continue }
      let weight = inverseLengths[dimension] * inverseLengths[dimension]
      var slope = 0.0
      for row in products.indices {
        let other = others.rest[row, place]
        slope += products[row] * (own - (other.isNaN ? 0.5 : other))
      }
      result[dimension] = -weight * slope
    }
    return result
  }
}
