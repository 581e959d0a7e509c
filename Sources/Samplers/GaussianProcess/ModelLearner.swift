// How the Gaussian process sampler's models are fitted, and what is kept of them from one
// proposal to the next.

import GaussianProcess
import Numerics
import StudyModel

/// A model as it judges points, and as it is searched.
struct LearnedProcess: Sendable {
  /// Of as many observations as a proposal has time for.
  let full: GaussianProcess
  /// Of so few that thousands of points can be looked at; nil where ``full`` is.
  let quick: GaussianProcess?
}

/// The factors that a session keeps. They are rebuilt, bit for bit, from the history and from what
/// was recorded of the fits: of the trials that had finished at the fit, and of those since, one
/// after the other.
struct ProcessCache: Sendable {
  fileprivate struct Entry: Sendable {
    var fit: GaussianProcessMemory.Fit
    var places: [Int]
    var process: GaussianProcess
  }

  fileprivate var entries: [Int: Entry] = [:]
  private var setAside: UInt64 = 0

  /// Forgets factors whose observations are other trials': since they were made some were dropped,
  /// or restored.
  mutating func follow(_ history: History) {
    if setAside != history.setAsideFingerprint { self = ProcessCache() }
    setAside = history.setAsideFingerprint
  }
}

/// Fits models and keeps their fits.
///
/// Up to ``everyTrial`` finished trials a model is fitted anew for each proposal; beyond, when
/// there are a fiftieth more than at its last fit.
struct ModelLearner {
  /// See the type.
  private static let everyTrial = 100
  /// So many observations the likelihood is computed of, and so many a factor begins with.
  private static let fitLimit = 256
  private static let factorLimit = 1024
  /// So few finished trials, and each fit also begins from nothing.
  private static let fewTrials = 30

  private let space: EncodedSpace
  /// Of the trial that is proposed: every so many other kernels and axes are tried.
  private let number: Int
  private let prior: HyperparameterPrior
  let trials: [ObservedTrials.Trial]

  init(_ space: EncodedSpace, _ trials: [ObservedTrials.Trial], number: Int) {
    self.space = space
    self.trials = trials
    self.number = number
    prior = HyperparameterPrior(space.dimensions, isContinuous: space.isContinuous)
  }

  /// The model numbered `index` of what `observe` finds in trials.
  ///
  /// - Parameters:
  ///   - targets: what the observations' values, of all trials, are to the model: standardized.
  ///   - searching: whether other kernels and axes are tried, too.
  ///   - observe: finds in some more trials what it finds in the first of them, and more.
  func learn(
    _ index: Int, targets: ([Double]) -> [Double], searching: Bool,
    _ fits: inout [GaussianProcessMemory.Fit?], _ cache: inout ProcessCache,
    observe: (ArraySlice<ObservedTrials.Trial>) -> Observations
  ) throws(LinearAlgebraError) -> LearnedProcess {
    var all = observe(trials[...])
    let last = last(fits, index)
    let fit: GaussianProcessMemory.Fit
    if let last, !isDue(last) {
      fit = last
    } else {
      let start = last?.hyperparameters ?? prior.start(.maternFiveHalves)
      let places = all.places(upTo: Self.fitLimit, space.dimensions, start)
      let values = targets(all.values)
      let chosen = Observations(points: all.points, values: values).at(places)
      fit = GaussianProcessMemory.Fit(
        hyperparameters: try self.fit(chosen, last?.hyperparameters, searching: searching),
        count: trials.count)
    }
    while fits.count <= index { fits.append(nil) }
    fits[index] = fit
    let (first, since) = factorPlaces(fit, all, observe)
    let quickPlaces = all.places(upTo: Self.fitLimit, space.dimensions, fit.hyperparameters)
    all.values = targets(all.values)
    let full = try factor(index, fit, first, since, all, &cache)
    if quickPlaces.count == all.values.count { return LearnedProcess(full: full, quick: nil) }
    let quick = try process(all.at(quickPlaces), fit.hyperparameters)
    return LearnedProcess(full: full, quick: quick)
  }

  /// What was fitted last, if it fits the space.
  private func last(
    _ fits: [GaussianProcessMemory.Fit?], _ index: Int
  ) -> GaussianProcessMemory.Fit? {
    guard index < fits.count, let fit = fits[index], fit.count <= trials.count,
      fit.hyperparameters.logLengthscales.count == space.dimensions.count
    else { return nil }
    let plainCount = space.dimensions.count { $0 == .numeric(isConditional: false) }
    return (fit.hyperparameters.axes?.rows ?? plainCount) == plainCount ? fit : nil
  }

  private func isDue(_ last: GaussianProcessMemory.Fit) -> Bool {
    trials.count <= Self.everyTrial || 50 * (trials.count - last.count) >= trials.count
  }

  private func fit(
    _ observations: Observations, _ last: Hyperparameters?, searching: Bool
  ) throws(LinearAlgebraError) -> Hyperparameters {
    let count = observations.values.count
    let matrix = Matrix(observations.points, columns: space.dimensions.count)
    let fitter = ModelFitter(matrix, observations.values, space.dimensions, prior: prior)
    var fit = fitter.fit(from: starts(last))
    if searching && space.isContinuous {
      if number % 5 == 0 { fit = fitter.tryFamilies(fit) }
      if number % 4 == 0 && 2 * count >= 3 * space.dimensions.count {
        fit = try fitter.tryAxes(fit, prior)
      }
    }
    return fit.hyperparameters
  }

  private func starts(_ last: Hyperparameters?) -> [Hyperparameters] {
    guard let last else { return [prior.start(.maternFiveHalves)] }
    guard trials.count < Self.fewTrials || number % 10 == 0 else { return [last] }
    var cold = prior.start(last.family)
    cold.axes = last.axes
    return [last, cold]
  }

  /// The places of the observations that the factor is of: some that there were at the fit, and
  /// all since.
  private func factorPlaces(
    _ fit: GaussianProcessMemory.Fit, _ all: Observations,
    _ observe: (ArraySlice<ObservedTrials.Trial>) -> Observations
  ) -> (first: [Int], since: [Int]) {
    let then = fit.count == trials.count ? all : observe(trials[..<fit.count])
    return (
      then.places(upTo: Self.factorLimit, space.dimensions, fit.hyperparameters),
      Array(then.values.count..<all.values.count)
    )
  }

  /// The process of the observations at some places: those that there were at the fit are
  /// factored, the others appended.
  private func factor(
    _ index: Int, _ fit: GaussianProcessMemory.Fit, _ first: [Int], _ since: [Int],
    _ all: Observations, _ cache: inout ProcessCache
  ) throws(LinearAlgebraError) -> GaussianProcess {
    let places = first + since
    var entry: ProcessCache.Entry
    if let known = cache.entries[index], known.fit == fit,
      known.places.elementsEqual(places.prefix(known.places.count))
    {
      entry = known
      // Not to be copied while it grows.
      cache.entries[index] = nil
    } else {
      entry = ProcessCache.Entry(
        fit: fit, places: first, process: try process(all.at(first), fit.hyperparameters))
    }
    for place in places[entry.places.count...] {
      try entry.process.append(all.points[place])
      entry.places.append(place)
    }
    entry.process.setTargets(all.at(places).values)
    cache.entries[index] = entry
    return entry.process
  }

  private func process(
    _ observations: Observations, _ hyperparameters: Hyperparameters
  ) throws(LinearAlgebraError) -> GaussianProcess {
    try GaussianProcess(
      Matrix(observations.points, columns: space.dimensions.count), observations.values,
      space.dimensions, hyperparameters)
  }
}
