// What the Gaussian process sampler makes of a history.

import GaussianProcess
import Numerics
import StudyModel

/// Models of the objective, of failing and of the study's bounds, joined in an acquisition
/// function.
struct LearnedModels {
  /// As it judges points.
  let acquisition: Acquisition
  /// As it is searched, of few observations; nil where there are only few.
  let quick: Acquisition?
  /// Nil where no trial has a value that keeps the bounds.
  let objective: (process: ProcessMixture, transform: OutputTransform)?
  /// Which way the objective is to go.
  let direction: StudyDirection
  /// The best trials, to look for candidates around.
  let bestPoints: [[Double]]
  let bestRows: [Int]
  /// Where this proposal shall not go.
  let bars: (@Sendable (_ point: [Double]) -> Bool)?

  /// Points that trials have had, and those where they run.
  let known: [[Double]]

  /// Whether a trial has had exactly this point.
  func isKnown(_ point: [Double]) -> Bool { known.contains { isSamePoint($0, point) } }

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
    _ request: ProposalRequest, _ memory: inout GaussianProcessMemory, _ cache: inout ProcessCache
  ) throws -> LearnedModels? {
    let observations = ObjectiveObservations(trials[...])
    guard observations.seen.values.count >= 2, !space.dimensions.isEmpty else { return nil }
    memory.coreName = LinearAlgebra.coreName
    let pending = try runningPoints(space, request)
    do {
      let transform = OutputTransform(fitting: observations.seen.values)
      let targets = observations.seen.values.map(transform.apply)
      let learner = ModelLearner(space, trials, number: request.number)
      let own = try learner.learn(
        0, targets: { $0.map(transform.apply) }, searching: true, &memory.fits, &cache
      ) { ObjectiveObservations($0).seen }
      var stream = RandomStream(
        seed: seed, trial: request.number, purpose: SamplingPurpose.bootstrap)
      let objective = borrowed.mixture(
        own.full, observations.seen.points, targets, stream: &stream, &memory)
      let feasibilities = try learner.learnFeasibilities(&memory.fits, &cache)

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
          at: Matrix(observations.seen.points, columns: space.dimensions.count)
        ).means
      let incumbent = candidates.filter { observations.isFeasible[$0] }.map { levels[$0] }.min()

      func join(
        _ process: ProcessMixture, _ feasibilities: [Feasibility]
      ) throws(LinearAlgebraError) -> Acquisition {
        var improvement: ExpectedImprovement?
        if let incumbent {
          improvement = try self.improvement(process, on: incumbent, beside: pending, request)
        }
        return Acquisition(improvement: improvement, feasibilities: feasibilities)
      }
      let order = candidates.sorted { a, b in
        let (x, y) = (observations.isFeasible[a], observations.isFeasible[b])
        if x != y { return x }
        return targets[a] == targets[b] ? a < b : targets[a] < targets[b]
      }.prefix(Self.goodCount)
      return LearnedModels(
        acquisition: try join(objective, feasibilities.map { $0.of($0.model.full) }),
        quick: feasibilities.allSatisfy { $0.model.quick == nil } && own.quick == nil
          ? nil
          : try join(
            ProcessMixture(
              own.quick ?? own.full, weight: objective.ownWeight, lenders: objective.lenders),
            feasibilities.map { $0.of($0.model.quick ?? $0.model.full) }),
        objective: (objective, transform), direction: request.history.objectives[0].direction,
        bestPoints: order.map { observations.seen.points[$0] },
        bestRows: order.map { observations.rows[$0] }, bars: avoids ? basins.bars : nil,
        known: trials.map(\.point) + pending)
    } catch {
      // Noise keeps covariance matrices far from singular; numbers that do it all the same are
      // no ground for a model.
      return nil
    }
  }

  private func improvement(
    _ process: ProcessMixture, on incumbent: Double, beside pending: [[Double]],
    _ request: ProposalRequest
  ) throws(LinearAlgebraError) -> ExpectedImprovement {
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
  ///
  /// - Throws: when trials cannot be read.
  func runningPoints(_ space: EncodedSpace, _ request: ProposalRequest) throws -> [[Double]] {
    let history = request.history
    let own = history.row(ofNumber: request.number)
    let running = try history.openRows.filter { $0 != own }.map(history.trial)
      .filter { $0.state == .running }
    if running.isEmpty { return [] }
    let readers = space.frame.parameters.map { ParameterReader($0, in: history) }
    return running.map { trial in space.encode(readers.map { $0.value(in: trial) }) }
  }
}

/// A model of what must stay below a threshold, which is as the model's targets are.
struct LearnedLimit {
  let model: LearnedProcess
  let threshold: Double
  /// See ``Feasibility/init(_:atMost:isBarrier:)``.
  let isBarrier: Bool

  func of(_ process: GaussianProcess) -> Feasibility {
    Feasibility(process, atMost: threshold, isBarrier: isBarrier)
  }
}

extension ModelLearner {
  /// Models of what a trial must not be: failed, or beyond a bound.
  func learnFeasibilities(
    _ fits: inout [GaussianProcessMemory.Fit?], _ cache: inout ProcessCache
  ) throws(LinearAlgebraError) -> [LearnedLimit] {
    var found: [LearnedLimit] = []
    let labels = Self.labels(trials[...]).values
    if labels.contains(1) && labels.contains(-1) {
      let mean = labels.reduce(0, +) / Double(labels.count)
      let deviation = (1 - mean * mean).squareRoot()
      let model = try learn(
        1, targets: { $0.map { ($0 - mean) / deviation } }, searching: false, &fits, &cache,
        observe: Self.labels)
      found.append(LearnedLimit(model: model, threshold: -mean / deviation, isBarrier: true))
    }
    for bound in trials.first?.violations.indices ?? 0..<0 {
      let violations = Self.violations(bound, trials[...]).values
      guard violations.contains(where: { $0 > 0 }), violations.count >= 2 else { continue }
      let transform = OutputTransform(fitting: violations)
      let model = try learn(
        2 + bound, targets: { $0.map(transform.apply) }, searching: false, &fits, &cache
      ) { Self.violations(bound, $0) }
      found.append(LearnedLimit(model: model, threshold: transform.apply(0), isBarrier: false))
    }
    return found
  }

  /// 1 where a trial failed, −1 where it did not; nothing of those that were lost.
  private static func labels(_ trials: ArraySlice<ObservedTrials.Trial>) -> Observations {
    var seen = Observations()
    for trial in trials {
      switch trial.ending {
      case .complete, .pruned: seen.values.append(-1)
      case .failed: seen.values.append(1)
      case .lost: continue
      }
      seen.points.append(trial.point)
    }
    return seen
  }

  /// By how much a bound is broken or kept, where it is known.
  private static func violations(
    _ bound: Int, _ trials: ArraySlice<ObservedTrials.Trial>
  ) -> Observations {
    let known = trials.filter { $0.violations[bound].isFinite }
    return Observations(
      points: known.map(\.point), values: known.map { $0.violations[bound] })
  }
}
