// Which trial is best by what all of them together say, and not by its own luck.

import GaussianProcess
import Numerics
package import StudyModel

/// The best trial by a model of the objective, beside the best as observed. Where evaluations are
/// noisy, the highest value is in part a lucky one.
package struct ModelledBest: Sendable {
  /// The row of the trial whose expected value is best, and what is expected of it.
  package let row: Int
  package let expected: Forecast
  /// The row of the trial whose observed value is best, and what is expected of that.
  package let observedRow: Int
  package let expectedOfObserved: Forecast
  /// Whether the two expectations differ by more than the deviation of their difference.
  package let isBeyondNoise: Bool

  /// Of how many trials: fewer say nothing of noise, more take longer than anybody waits for.
  package static let trialCounts = 10...1500

  /// By a Gaussian process over the complete trials of `history` that keep the study's bounds;
  /// nil where there are too few or too many of them, or several objectives.
  ///
  /// - Parameter memory: what the sampler learned last, if it was one of this kind.
  /// - Throws: ``SamplerError/unavailable(_:)`` without OpenBLAS.
  package init?(
    _ history: History, in space: ConstrainedSpace, remembering memory: SamplerMemory?
  ) throws {
    guard history.objectives.count == 1 else { return nil }
    try GaussianProcessSampler.check(history)
    let encoded = EncodedSpace(
      ProposalFrame(space.space, fixing: Assignment(), evaluator: space.evaluator))
    let trials = try ObservedTrials.trials(history.finishedRows, history, encoded)
    let observations = ObjectiveObservations(trials[...])
    let feasible = observations.rows.indices.filter { observations.isFeasible[$0] }
    guard feasible.count >= Self.trialCounts.lowerBound,
      observations.rows.count <= Self.trialCounts.upperBound, !encoded.dimensions.isEmpty
    else { return nil }
    let losses = observations.seen.values
    let transform = OutputTransform(fitting: losses)
    var fits = memory.flatMap { GaussianProcessMemory($0) }?.fits ?? []
    // No number at which other kernels are tried: what was learned stands.
    let learner = ModelLearner(encoded, trials, number: 1)
    var cache = ProcessCache()
    let process: GaussianProcess
    do throws(LinearAlgebraError) {
      process = try learner.learn(
        0, targets: { $0.map(transform.apply) }, searching: false, &fits, &cache
      ) { ObjectiveObservations($0).seen }.full
    } catch {
      return nil
    }
    let points = Matrix(
      feasible.map { observations.seen.points[$0] }, columns: encoded.dimensions.count)
    let (means, variances) = process.posterior(at: points)
    let best = means.indices.min { means[$0] < means[$1] } ?? 0
    let observed =
      feasible.indices.min {
        losses[feasible[$0]] < losses[feasible[$1]]
      } ?? 0
    let direction = history.objectives[0].direction
    func forecast(_ place: Int) -> Forecast {
      Forecast(
        mean: means[place], deviation: variances[place].squareRoot(), transform, direction,
        acquisition: 0)
    }
    row = observations.rows[feasible[best]]
    observedRow = observations.rows[feasible[observed]]
    expected = forecast(best)
    expectedOfObserved = forecast(observed)
    let deviation = (variances[best] + variances[observed]).squareRoot()
    isBeyondNoise = best != observed && means[observed] - means[best] > deviation
  }
}
