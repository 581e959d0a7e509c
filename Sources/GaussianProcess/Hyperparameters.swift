// What is learned of a function before it is interpolated.

package import Numerics

/// A kernel with its scales. Variances are in units of the targets' own, which are standardized.
package struct Hyperparameters: Hashable, Sendable {
  package var family: KernelFamily
  /// ln of the lengthscale of each dimension.
  package var logLengthscales: [Double]
  /// ln of the variance of the function.
  package var logSignalVariance: Double
  /// ln of the variance of what is added to each observation.
  package var logNoiseVariance: Double
  /// Axes of the plain numeric dimensions, one a row, in whose coordinates lengthscales are
  /// meant; nil: the dimensions' own.
  package var axes: Matrix?

  /// A kernel along the dimensions themselves, unless `axes` are given.
  package init(
    family: KernelFamily, logLengthscales: [Double], logSignalVariance: Double,
    logNoiseVariance: Double, axes: Matrix? = nil
  ) {
    self.family = family
    self.logLengthscales = logLengthscales
    self.logSignalVariance = logSignalVariance
    self.logNoiseVariance = logNoiseVariance
    self.axes = axes
  }

  /// ln ℓ, ln σ_f², ln σ_n², as they are searched.
  var vector: [Double] {
    get { logLengthscales + [logSignalVariance, logNoiseVariance] }
    set {
      logLengthscales = Array(newValue.dropLast(2))
      logSignalVariance = newValue[newValue.count - 2]
      logNoiseVariance = newValue[newValue.count - 1]
    }
  }

  /// Where each of ``vector`` may lie, however many dimensions there are.
  static func bounds(dimensions: Int) -> (lower: [Double], upper: [Double]) {
    (
      [Double](repeating: -4.5, count: dimensions) + [-4.6, -13.8],
      [Double](repeating: 4.6, count: dimensions) + [4.6, 0]
    )
  }

  /// Whether they are within the bounds that a fit has, so that a model can be made of them.
  package var isSane: Bool {
    let (lower, upper) = Self.bounds(dimensions: logLengthscales.count)
    return zip(vector, zip(lower, upper)).allSatisfy { $0 >= $1.0 && $0 <= $1.1 }
      && axes?.elements.allSatisfy { abs($0) <= 1 } ?? true
  }
}
