// What other studies have shown, as models over this study's space.

import GaussianProcess
import Numerics
import StudyModel

/// A model of each of a study's sources, made once: what a source shows is frozen, unless trials of
/// it are dropped.
///
/// A parameter that a source lacks tells nothing of it: the source's model is flat along it.
struct BorrowedModels: Sendable {
  /// One source; nil where it has too little to show.
  struct Source: Sendable {
    let process: GaussianProcess
    /// Its best points, best first, none near another.
    let seeds: [[Double]]
  }

  private(set) var sources: [Source?] = []
  private var identities: [WarmSource] = []
  /// Which of their trials were set aside.
  private var setAside: [UInt64] = []
  private var parameters: [Parameter] = []

  /// A fit costs the cube of its observations: of more, some stand for all.
  private static let most = 256
  private static let seedCount = 4
  /// Root mean square over the dimensions.
  private static let seedDistance = 0.1
  private static let flat = 4.6

  /// Whether there is anything to learn from.
  var isEmpty: Bool { sources.allSatisfy { $0 == nil } }

  /// Makes it that of `histories`, beginning with the fits in `memory`, and leaves them there.
  mutating func follow(
    _ histories: [SourceHistory], _ space: EncodedSpace, _ memory: inout GaussianProcessMemory
  ) throws {
    let identities = histories.map(\.source)
    let setAside = histories.map(\.history.setAsideFingerprint)
    let isKnown =
      self.identities == identities && self.setAside == setAside
      && parameters == space.frame.parameters
    if !isKnown {
      self.identities = identities
      self.setAside = setAside
      parameters = space.frame.parameters
      sources = []
    }
    if memory.loans.count != histories.count {
      memory.loans = histories.map { _ in .init(fit: nil, weight: 0) }
    }
    for index in histories.indices where !isKnown {
      sources.append(try Self.source(histories[index], space, &memory.loans[index].fit))
    }
  }

  private static func source(
    _ history: SourceHistory, _ space: EncodedSpace, _ known: inout GaussianProcessMemory.Fit?
  ) throws -> Source? {
    let trials = try ObservedTrials.trials(history.rows, history.history, space)
    let observed = ObjectiveObservations(trials[...]).seen
    guard observed.values.count >= 2 else { return nil }
    let all = observed.points.map { filled($0, space) }
    let prior = HyperparameterPrior(space.dimensions, isContinuous: space.isContinuous)
    let start = prior.start(.maternFiveHalves)
    let kept = Observations(points: all, values: observed.values)
      .places(upTo: most, space.dimensions, start)
    let losses = kept.map { observed.values[$0] }
    let transform = OutputTransform(fitting: losses)
    let targets = losses.map(transform.apply)
    let points = Matrix(kept.map { all[$0] }, columns: space.dimensions.count)
    var found = known?.hyperparameters
    if known?.count != kept.count
      || found?.logLengthscales.count != space.dimensions.count || found?.axes != nil
    {
      found = nil
    }
    let lacking = lacked(kept.map { observed.points[$0] }, space)
    let fit = found ?? fitted(points, targets, space, prior, from: start, lacking: lacking)
    known = .init(hyperparameters: fit, count: kept.count)
    do {
      let process = try GaussianProcess(points, targets, space.dimensions, fit)
      return Source(process: process, seeds: seeds(process, points, space))
    } catch {
      // As with the study's own: numbers that make a covariance singular are no ground to build on.
      return nil
    }
  }

  /// Dimensions of which no point has a number.
  private static func lacked(_ points: [[Double]], _ space: EncodedSpace) -> [Int] {
    space.dimensions.indices.filter { dimension in points.allSatisfy { $0[dimension].isNaN } }
  }

  /// In the middle where it has no number and needs one.
  private static func filled(_ point: [Double], _ space: EncodedSpace) -> [Double] {
    point.indices.map { dimension in
      point[dimension].isNaN && space.dimensions[dimension] == .numeric(isConditional: false)
        ? 0.5 : point[dimension]
    }
  }

  private static func fitted(
    _ points: Matrix, _ targets: [Double], _ space: EncodedSpace, _ prior: HyperparameterPrior,
    from start: Hyperparameters, lacking: [Int]
  ) -> Hyperparameters {
    let fitter = ModelFitter(points, targets, space.dimensions, prior: prior)
    var fit = fitter.fit(from: [start])
    if space.isContinuous { fit = fitter.tryFamilies(fit) }
    for dimension in lacking { fit.hyperparameters.logLengthscales[dimension] = flat }
    return fit.hyperparameters
  }

  private static func seeds(
    _ process: GaussianProcess, _ points: Matrix, _ space: EncodedSpace
  ) -> [[Double]] {
    let means = process.posterior(at: points).means
    let order = means.indices.sorted { means[$0] == means[$1] ? $0 < $1 : means[$0] < means[$1] }
    var seeds: [[Double]] = []
    for row in order where seeds.count < seedCount {
      let point = points.row(row)
      let isApart = seeds.allSatisfy { space.dimensions.distance($0, point) >= seedDistance }
      if isApart { seeds.append(point) }
    }
    return seeds
  }

  /// All sources' seeds, in turns.
  var seeds: [[Double]] {
    (0..<Self.seedCount).flatMap { place in
      sources.compactMap { $0.flatMap { place < $0.seeds.count ? $0.seeds[place] : nil } }
    }
  }

  /// The sources with `own`, the study's model, weighed by how well each ranks what the study has
  /// observed; leaves the weights in `memory`.
  func mixture(
    _ own: GaussianProcess, _ points: [[Double]], _ targets: [Double],
    stream: inout RandomStream, _ memory: inout GaussianProcessMemory
  ) -> ProcessMixture {
    let known = sources.indices.filter { sources[$0] != nil }
    // A study of so many trials that its own model is of some of them needs nobody else's.
    if known.isEmpty || own.count != targets.count { return ProcessMixture(own) }
    let processes = known.compactMap { sources[$0]?.process }
    let matrix = Matrix(points, columns: points.first?.count ?? 0)
    let weights = RankingWeights(
      targets, leaveOneOut: own.leaveOneOut(targets).means,
      sources: processes.map { $0.posterior(at: matrix).means }, stream: &stream)
    for index in memory.loans.indices { memory.loans[index].weight = 0 }
    for (place, index) in known.enumerated() {
      memory.loans[index].weight = weights.sources[place]
    }
    return ProcessMixture(
      own, weight: weights.target,
      lenders: zip(processes, weights.sources).map { .init($0, weight: $1) })
  }
}
