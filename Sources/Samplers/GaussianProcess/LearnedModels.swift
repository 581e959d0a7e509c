// What the Gaussian process sampler makes of a history.

import GaussianProcess
import Numerics
import StudyModel

/// Models of the objective, of failing and of the study's bounds, joined in an acquisition
/// function.
struct LearnedModels {
  let acquisition: Acquisition
  /// Which way the objective is to go.
  let direction: StudyDirection
  /// Nil where no trial has a value that keeps the bounds.
  let objective: (process: ProcessMixture, transform: OutputTransform)?
  /// The best trials, to look for candidates around.
  let bestPoints: [[Double]]
  let bestRows: [Int]
  /// Where this proposal shall not go.
  let bars: (@Sendable (_ point: [Double]) -> Bool)?

  /// What is expected at a point, for the record.
  func forecast(at point: [Double], _ sources: [Forecast.Source]) -> Forecast? {
    guard let objective else { return nil }
    let place = Matrix([point], columns: point.count)
    let (means, variances) = objective.process.posterior(at: place)
    return Forecast(
      mean: means[0], deviation: variances[0].squareRoot(), objective.transform, direction,
      acquisition: acquisition.values(at: place)[0], sources: sources)
  }
}

extension Forecast {
  /// - Parameters:
  ///   - mean, deviation: of the function, as a transformed value to be minimized.
  ///   - direction: which way the objective itself is to go.
  init(
    mean: Double, deviation: Double, _ transform: OutputTransform, _ direction: StudyDirection,
    acquisition: Double, sources: [Source] = []
  ) {
    let sign = direction == .minimize ? 1.0 : -1.0
    func value(_ transformed: Double) -> Double { sign * transform.invert(transformed) }
    self.init(
      median: value(mean), between: value(mean - deviation), and: value(mean + deviation),
      acquisition: acquisition, sources: sources)
  }
}

extension GaussianProcessSampler {
  /// So many draws of what running trials may bring.
  private static let pendingDraws = 16
  /// So many of the best trials are looked around.
  private static let goodCount = 10

  /// Fits models, beginning where `memory` ended, and leaves there where they ended now; nil where
  /// there is too little to learn from.
  func learn(
    _ trials: [ObservedTrials.Trial], _ borrowed: BorrowedModels, _ space: EncodedSpace,
    _ request: ProposalRequest, _ memory: inout GaussianProcessMemory
  ) throws(SamplerError) -> LearnedModels? {
    let observations = ObjectiveObservations(trials)
    guard observations.losses.count >= 2, !space.dimensions.isEmpty else { return nil }
    memory.coreName = LinearAlgebra.coreName
    let learner = ModelLearner(space, number: request.number)
    do {
      let transform = OutputTransform(fitting: observations.losses)
      let targets = observations.losses.map(transform.apply)
      let own = try learner.learnObjective(observations.points, targets, &memory.fits, at: 0)
      var stream = RandomStream(
        seed: seed, trial: request.number, purpose: SamplingPurpose.bootstrap)
      let objective = borrowed.mixture(
        own, observations.points, targets, stream: &stream, &memory)
      let feasibilities = try learner.learnFeasibilities(trials, &memory.fits)

      var basins = ClosedBasins(memory.closedRows, observations, space)
      basins.closeIfConverged()
      memory.closedRows = basins.rows
      let avoids = request.number % 2 == 1 && basins.hasOpenIncumbent
      let candidates = avoids ? basins.open : Array(targets.indices)
      // What others expect is compared with what they expect, not with what was observed.
      let levels =
        objective.lenders.isEmpty
        ? targets
        : objective.posterior(
          at: Matrix(observations.points, columns: space.dimensions.count)
        ).means
      let incumbent = candidates.filter { observations.isFeasible[$0] }.map { levels[$0] }.min()

      var improvement: ExpectedImprovement?
      if let incumbent {
        improvement = try self.improvement(objective, on: incumbent, space, request)
      }
      let order = candidates.sorted { a, b in
        let (x, y) = (observations.isFeasible[a], observations.isFeasible[b])
        if x != y { return x }
        return targets[a] == targets[b] ? a < b : targets[a] < targets[b]
      }.prefix(Self.goodCount)
      return LearnedModels(
        acquisition: Acquisition(improvement: improvement, feasibilities: feasibilities),
        direction: request.history.objectives[0].direction,
        objective: (objective, transform), bestPoints: order.map { observations.points[$0] },
        bestRows: order.map { observations.rows[$0] }, bars: avoids ? basins.bars : nil)
    } catch {
      // Noise keeps covariance matrices far from singular; numbers that do it all the same are
      // no ground for a model.
      return nil
    }
  }

  private func improvement(
    _ process: ProcessMixture, on incumbent: Double, _ space: EncodedSpace,
    _ request: ProposalRequest
  ) throws(LinearAlgebraError) -> ExpectedImprovement {
    let pending = runningPoints(space, request)
    if pending.isEmpty { return ExpectedImprovement(process, incumbent: incumbent) }
    let key = RandomStream.fold(seed, SamplingPurpose.pending, UInt64(request.number))
    let sobol = SobolSequence(
      dimensions: min(pending.count, SobolSequence.maximumDimensions))
    var normals = Matrix(rows: Self.pendingDraws, columns: pending.count)
    var stream = RandomStream(seed: key, trial: request.number)
    for draw in 0..<normals.rows {
      for column in 0..<normals.columns {
        let u =
          column < sobol.dimensions
          ? sobol.scrambledCoordinate(point: UInt64(draw), dimension: column, seed: key)
          : stream.uniform()
        normals[draw, column] = normalQuantile(max(u, 0x1p-53))
      }
    }
    return try ExpectedImprovement(
      process, incumbent: incumbent, pending: pending, normals: normals)
  }

  /// Where other trials are running.
  private func runningPoints(_ space: EncodedSpace, _ request: ProposalRequest) -> [[Double]] {
    let history = request.history
    let own = history.row(ofNumber: request.number)
    let rows = history.openRows.filter { $0 != own && history.trials.states[$0] == .running }
    if rows.isEmpty { return [] }
    let readers = space.frame.parameters.map { ParameterReader($0, in: history) }
    return rows.map { row in space.encode(readers.map { $0[row] }) }
  }
}

/// Fits models and keeps their fits.
struct ModelLearner {
  private let space: EncodedSpace
  private let number: Int
  private let prior: HyperparameterPrior

  init(_ space: EncodedSpace, number: Int) {
    self.space = space
    self.number = number
    prior = HyperparameterPrior(space.dimensions, isContinuous: space.isContinuous)
  }

  /// What was fitted last, if it fits the space.
  private func last(_ fits: [GaussianProcessMemory.Fit?], _ index: Int) -> Hyperparameters? {
    guard index < fits.count, let found = fits[index]?.hyperparameters,
      found.logLengthscales.count == space.dimensions.count
    else { return nil }
    let plainCount = space.dimensions.count { $0 == .numeric(isConditional: false) }
    return (found.axes?.rows ?? plainCount) == plainCount ? found : nil
  }

  private func keep(
    _ fit: ModelFit, _ count: Int, _ fits: inout [GaussianProcessMemory.Fit?], _ index: Int
  ) {
    while fits.count <= index { fits.append(nil) }
    fits[index] = GaussianProcessMemory.Fit(hyperparameters: fit.hyperparameters, count: count)
  }

  /// The model of the objective: now and then other kernels and other axes are tried, too.
  func learnObjective(
    _ points: [[Double]], _ targets: [Double], _ fits: inout [GaussianProcessMemory.Fit?],
    at index: Int
  ) throws(LinearAlgebraError) -> GaussianProcess {
    let matrix = Matrix(points, columns: space.dimensions.count)
    let fitter = ModelFitter(matrix, targets, space.dimensions, prior: prior)
    let last = last(fits, index)
    var fit = fitter.fit(from: starts(last, points.count))
    if space.isContinuous {
      if number % 5 == 0 { fit = fitter.tryFamilies(fit) }
      if number % 4 == 0 && 2 * points.count >= 3 * space.dimensions.count {
        fit = try fitter.tryAxes(fit, prior)
      }
    }
    keep(fit, points.count, &fits, index)
    return try GaussianProcess(matrix, targets, space.dimensions, fit.hyperparameters)
  }

  private func starts(_ last: Hyperparameters?, _ count: Int) -> [Hyperparameters] {
    guard let last else { return [prior.start(.maternFiveHalves)] }
    guard count < 30 || number % 10 == 0 else { return [last] }
    var cold = prior.start(last.family)
    cold.axes = last.axes
    return [last, cold]
  }

  /// Models of what a trial must not be: failed, or beyond a bound.
  func learnFeasibilities(
    _ trials: [ObservedTrials.Trial], _ fits: inout [GaussianProcessMemory.Fit?]
  ) throws(LinearAlgebraError) -> [Feasibility] {
    var found: [Feasibility] = []
    let ended = trials.filter { if case .lost = $0.ending { false } else { true } }
    let labels = ended.map { if case .failed = $0.ending { 1.0 } else { -1.0 } }
    if labels.contains(1) && labels.contains(-1) {
      let mean = labels.reduce(0, +) / Double(labels.count)
      let deviation = (1 - mean * mean).squareRoot()
      let process = try learn(
        ended.map(\.point), labels.map { ($0 - mean) / deviation }, &fits, at: 1)
      found.append(Feasibility(process, atMost: -mean / deviation))
    }
    for bound in trials.first?.violations.indices ?? 0..<0 {
      let known = trials.filter { $0.violations[bound].isFinite }
      let violations = known.map { $0.violations[bound] }
      guard violations.contains(where: { $0 > 0 }), violations.count >= 2 else { continue }
      let transform = OutputTransform(fitting: violations)
      let process = try learn(
        known.map(\.point), violations.map(transform.apply), &fits, at: 2 + bound)
      found.append(Feasibility(process, atMost: transform.apply(0)))
    }
    return found
  }

  private func learn(
    _ points: [[Double]], _ targets: [Double], _ fits: inout [GaussianProcessMemory.Fit?],
    at index: Int
  ) throws(LinearAlgebraError) -> GaussianProcess {
    let matrix = Matrix(points, columns: space.dimensions.count)
    let fitter = ModelFitter(matrix, targets, space.dimensions, prior: prior)
    let fit = fitter.fit(from: starts(last(fits, index), points.count))
    keep(fit, points.count, &fits, index)
    return try GaussianProcess(matrix, targets, space.dimensions, fit.hyperparameters)
  }
}
