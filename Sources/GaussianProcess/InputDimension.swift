// The points that a model compares: one number a dimension.
//
// A number is a place between 0 and 1, or the index of a category, or NaN where the point lacks
// the dimension (a parameter that does not exist beside its parents).

/// What the numbers of one dimension mean.
package enum InputDimension: Hashable, Sendable {
  /// Places, mostly from 0 to 1; `isConditional`: there are points that lack it.
  case numeric(isConditional: Bool)
  /// Indices of categories that are all equally far apart.
  case categorical

  /// Whether every point has a place in it, so that distances are differences.
  var isPlain: Bool { self == .numeric(isConditional: false) }

  /// The squared distance in this dimension, before it is divided by a lengthscale.
  ///
  /// Categories are at distance 1 from each other, and lacking the dimension is a category too. A
  /// point that lacks a numeric dimension stands over its middle, so high that its mean squared
  /// distance from the places is 1: so all distances are those of points in a Euclidean space, and
  /// covariances positive definite.
  package func squaredDistance(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .categorical:
      return a == b || (a.isNaN && b.isNaN) ? 0 : 1
    case .numeric:
      if a.isNaN {
        if b.isNaN { return 0 }
        return (b - 0.5) * (b - 0.5) + Self.absence
      }
      if b.isNaN { return (a - 0.5) * (a - 0.5) + Self.absence }
      return (a - b) * (a - b)
    }
  }

  /// 1 less the variance of a uniform place.
  private static var absence: Double { 11.0 / 12 }
}
