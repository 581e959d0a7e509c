// From observations to hyperparameters.

package import Numerics

/// Hyperparameters with the value of what was minimised for them.
package struct ModelFit: Sendable {
  package var hyperparameters: Hyperparameters
  /// −ln of the posterior density, but for a constant: lower is better, and comparable between
  /// kernels and axes.
  package var objective: Double
}

/// Finds hyperparameters by maximising their posterior density (MAP).
package struct ModelFitter {
  private let dimensions: [InputDimension]
  private let prior: HyperparameterPrior
  private let points: Matrix
  private let targets: [Double]
  private let likelihood: MarginalLikelihood

  /// - Parameters:
  ///   - points: `n × d`, as ``InputDimension`` has them.
  ///   - targets: `n` standardized values.
  package init(
    _ points: Matrix, _ targets: [Double], _ dimensions: [InputDimension],
    prior: HyperparameterPrior
  ) {
    self.points = points
    self.targets = targets
    self.dimensions = dimensions
    self.prior = prior
    likelihood = MarginalLikelihood(points, targets, dimensions)
  }

  /// The best that is found downhill from each of `starts`, all with the axes of the first.
  ///
  /// - Parameter target: an objective that only a lower one is of use for; the others are not
  ///   sought to the end.
  package func fit(
    from starts: [Hyperparameters], iterations: Int = 30, below target: Double = .infinity
  ) -> ModelFit {
    precondition(!starts.isEmpty && starts.allSatisfy { $0.axes == starts[0].axes })
    var likelihood = likelihood
    if let axes = starts[0].axes {
      likelihood = MarginalLikelihood(
        dimensions.turned(points, to: axes), targets, dimensions)
    }
    let (lower, upper) = Hyperparameters.bounds(dimensions: dimensions.count)
    var minimizer = BoxMinimizer(lower: lower, upper: upper)
    minimizer.maximumIterations = iterations
    minimizer.gradientTolerance = 1e-2
    minimizer.valueTolerance = 1e-4
    minimizer.firstStep = 0.1
    var best: ModelFit?
    for start in starts {
      minimizer.target = min(target, best?.objective ?? .infinity)
      let minimum = minimizer.minimize(from: start.vector) { vector, gradient in
        for index in gradient.indices { gradient[index] = 0 }
        return prior.penalty(vector, adding: &gradient)
          + likelihood.value(vector, family: start.family, adding: &gradient)
      }
      if minimum.value < best?.objective ?? .infinity || best == nil {
        var found = start
        found.vector = minimum.point
        best = ModelFit(hyperparameters: found, objective: minimum.value)
      }
    }
    return best ?? ModelFit(hyperparameters: starts[0], objective: .infinity)
  }
}

extension ModelFitter {
  /// By how much an objective must fall before another kernel or other axes are taken.
  private static let evidence = 0.5
  /// So many steps show whether they are.
  private static let trying = 15

  /// `fit`, or that of another kernel where the observations speak for it.
  package func tryFamilies(_ fit: ModelFit) -> ModelFit {
    var best = fit
    for family in KernelFamily.allCases where family != fit.hyperparameters.family {
      var start = fit.hyperparameters
      start.family = family
      let needed = best.hyperparameters.family == fit.hyperparameters.family ? Self.evidence : 0
      let target = best.objective - needed
      let other = self.fit(from: [start], iterations: Self.trying, below: target)
      if other.objective < target { best = other }
    }
    return best
  }

  /// `fit` with the axes along which the function varies most and least, where the observations
  /// speak for them; else along the dimensions.
  ///
  /// The axes are the eigenvectors of Σ g gᵀ/|g|, over gradients of the posterior mean at the
  /// observed points and near them.
  package func tryAxes(
    _ fit: ModelFit, _ prior: HyperparameterPrior
  ) throws(LinearAlgebraError) -> ModelFit {
    let plain = dimensions.indices.filter { dimensions[$0].isPlain }
    if plain.count < 2 { return fit }
    var straight = fit
    if fit.hyperparameters.axes != nil {
      straight = self.fit(
        from: [prior.start(fit.hyperparameters.family)], iterations: Self.trying)
    }
    let process = try GaussianProcess(points, targets, dimensions, fit.hyperparameters)
    var start = prior.start(fit.hyperparameters.family)
    start.axes = principalAxes(process, plain)
    start.logSignalVariance = fit.hyperparameters.logSignalVariance
    start.logNoiseVariance = fit.hyperparameters.logNoiseVariance
    var best = straight
    func target() -> Double {
      best.objective - (best.hyperparameters.axes == nil ? Self.evidence : 0)
    }
    if fit.hyperparameters.axes != nil && fit.objective < target() { best = fit }
    let turned = self.fit(from: [start], iterations: Self.trying, below: target())
    return turned.objective < target() ? turned : best
  }

  private func principalAxes(_ process: GaussianProcess, _ plain: [Int]) -> Matrix {
    var stream = RandomStream(seed: 0, trial: points.rows)
    var sum = Matrix(rows: plain.count, columns: plain.count)
    for row in 0..<points.rows {
      for copy in 0..<3 {
        var point = points.row(row)
        for dimension in plain where copy > 0 {
          point[dimension] += 0.15 * normalQuantile(stream.openUniform())
          point[dimension] = min(max(point[dimension], 0), 1)
        }
        let gradient = process.meanGradient(at: point)
        let length = plain.reduce(0) { $0 + gradient[$1] * gradient[$1] }.squareRoot()
        guard length > 0, length.isFinite else { continue }
        for (a, i) in plain.enumerated() {
          for (b, j) in plain.enumerated() { sum[a, b] += gradient[i] * gradient[j] / length }
        }
      }
    }
    return sum.eigenvectors()
  }
}

extension [InputDimension] {
  /// Points whose plain numeric dimensions are coordinates along `axes` about the middle.
  func turned(_ points: Matrix, to axes: Matrix) -> Matrix {
    let plain = indices.filter { self[$0].isPlain }
    precondition(axes.rows == plain.count && axes.columns == plain.count)
    var centered = Matrix(rows: points.rows, columns: plain.count)
    for row in 0..<points.rows {
      for (place, column) in plain.enumerated() {
        centered[row, place] = points[row, column] - 0.5
      }
    }
    let coordinates = centered.timesTransposed(axes)
    var turned = points
    for row in 0..<points.rows {
      for (place, column) in plain.enumerated() {
        turned[row, column] = coordinates[row, place] + 0.5
      }
    }
    return turned
  }
}
