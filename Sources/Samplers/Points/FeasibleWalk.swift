// From one point that satisfies the constraints to others, however little of the space they leave.

import Numerics
import StudyModel

/// A random walk over the feasible points of a frame that favours none of them.
///
/// Each move takes one parameter, or a random line through the point, and draws along it; a draw
/// that breaks a constraint cuts off what lies behind it, and the next comes from the rest, which
/// still holds the point itself. So a move costs about log₂ of how narrow the constraints are, and
/// needs no scale to be chosen.
///
/// Source: Neal (2003), "Slice sampling", sections 4 and 5, over the uniform distribution.
struct FeasibleWalk {
  /// A slice is halved about so often before the point stays where it is.
  private static let cutLimit = 50
  /// How often a category is drawn before it stays.
  private static let categoryLimit = 4

  let frame: ProposalFrame
  var stream: RandomStream
  /// The free parameters whose values have an order.
  private let ordered: [Int]
  private let categories: [Int]

  init(_ frame: ProposalFrame, stream: RandomStream) {
    self.frame = frame
    self.stream = stream
    let free = frame.parameters.indices.filter {
      frame.given[$0] == nil && frame.parameters[$0].distribution.cardinality != 1
    }
    ordered = free.filter { frame.parameters[$0].distribution.isOrdered }
    categories = free.filter { !frame.parameters[$0].distribution.isOrdered }
  }

  /// Walks away from `start`, which is feasible, about two moves a parameter.
  mutating func point(
    from start: [Double], isFeasible: ([Double]) throws -> Bool
  ) throws -> [Double] {
    var point = start
    for _ in 0..<2 {
      for index in ordered where !point[index].isNaN {
        var direction = [Double](repeating: 0, count: frame.count)
        direction[index] = 1
        point = try move(point, along: direction, isFeasible)
      }
      for index in categories where !point[index].isNaN {
        point = try redraw(point, index, isFeasible)
      }
      let direction = frame.parameters.indices.map { _ in normalQuantile(stream.openUniform()) }
      point = try move(point, along: direction, isFeasible)
    }
    return point
  }

  /// Draws along a line through the quantiles of the ordered parameters.
  private mutating func move(
    _ point: [Double], along direction: [Double],
    _ isFeasible: ([Double]) throws -> Bool
  ) throws -> [Double] {
    let moving = ordered.filter { !point[$0].isNaN && direction[$0] != 0 }
    if moving.isEmpty { return point }
    var quantiles = [Double](repeating: 0, count: frame.count)
    var low = -Double.infinity
    var high = Double.infinity
    for index in moving {
      let range = frame.parameters[index].distribution.quantiles(of: point[index])
      let quantile = range.lowerBound + stream.uniform() * (range.upperBound - range.lowerBound)
      quantiles[index] = quantile
      let (one, other) = (-quantile / direction[index], (1 - quantile) / direction[index])
      low = max(low, min(one, other))
      high = min(high, max(one, other))
    }
    let frame = frame
    for _ in 0..<Self.cutLimit {
      let t = low + stream.uniform() * (high - low)
      let next = fill(point) { index in
        guard moving.contains(index) else { return nil }
        let quantile = min(max(quantiles[index] + t * direction[index], 0), 1 - 0x1p-53)
        return frame.parameters[index].distribution.internalValue(atQuantile: quantile)
      }
      if next == point { return next }
      if try isFeasible(next) { return next }
      if t < 0 { low = t } else { high = t }
    }
    return point
  }

  private mutating func redraw(
    _ point: [Double], _ category: Int, _ isFeasible: ([Double]) throws -> Bool
  ) throws -> [Double] {
    let frame = frame
    for _ in 0..<Self.categoryLimit {
      let u = stream.uniform()
      let next = fill(point) { index in
        index == category
          ? frame.parameters[index].distribution.internalValue(atQuantile: u) : nil
      }
      if try isFeasible(next) { return next }
    }
    return point
  }

  /// `point` with the values that `change` gives; parameters that only now exist are drawn.
  private mutating func fill(_ point: [Double], _ change: (Int) -> Double?) -> [Double] {
    var stream = stream
    let result = frame.point { index in
      if let value = change(index) { return value }
      if !point[index].isNaN { return point[index] }
      return frame.parameters[index].distribution.internalValue(atQuantile: stream.uniform())
    }
    self.stream = stream
    return result
  }
}
