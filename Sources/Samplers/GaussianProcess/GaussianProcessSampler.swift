// Bayesian optimization: propose where a Gaussian process expects the largest improvement.

import GaussianProcess
import Numerics
import PlainText
internal import StudyModel

/// The first trials are the center of the space and points spread over it. Then a Gaussian
/// process is fitted to all that finished, and the point of largest expected improvement is
/// proposed (see ``Acquisition``), weighed by the probability that a trial there neither fails
/// nor breaks a bound of the study, both learned from the trials that did.
///
/// Everything it knows follows from the history, in the order in which trials finished, and from
/// what it left with its last proposal (``GaussianProcessMemory``), where its fits go on.
struct GaussianProcessSampler: SamplerKind, Sampler {
  static let name = "gp"
  static let summary = "a Gaussian process: most from few trials, up to some 20 parameters"

  struct Options: ComponentOptions {
    /// How many trials are spread before a model is asked.
    var startup: Int?

    static let declared: [OptionDeclaration<Options>] = [
      .init(
        "startup", \.startup, in: 2...10_000, standard: "by the number of parameters",
        "trials spread evenly before the model")
    ]
  }

  let seed: UInt64
  var options = Options()

  static func make(_ options: Options, seed: UInt64) -> any Sampler {
    Self(seed: seed, options: options)
  }

  /// Points and what came of them; of pruned trials the last intermediate value, of failed ones
  /// whose fault it was; who proposed them.
  var needs: ColumnSet {
    ColumnSet([.outcomes, .attempts, .origins], parameters: .declared, metrics: .declared)
  }

  func session() -> any SamplerSession { Session(sampler: self) }

  private struct Session: SamplerSession {
    let sampler: GaussianProcessSampler
    var tried = TriedPoints()
    var observed = ObservedTrials()
    var cache = ProcessCache()

    mutating func propose(_ request: ProposalRequest) throws(SamplerError) -> Proposal {
      try GaussianProcessSampler.check(request.history)
      let frame = ProposalFrame(request)
      let fresh = FreshPoint(request, frame, &tried)
      if frame.isFullyGiven {
        return Proposal(frame.assignment(frame.point { _ in .nan }), by: name)
      }
      let space = EncodedSpace(frame)
      observed.follow(request.history, space)
      let old = request.memory.flatMap { GaussianProcessMemory($0) } ?? GaussianProcessMemory()
      var memory = old
      memory.prediction = nil
      let history = request.history
      let begun = history.trialCount - history.count(.waiting)
      let point: [Double]
      if begun >= sampler.firstTrials(space),
        let models = try sampler.learn(observed.trials, space, request, &memory, &cache)
      {
        point = try sampler.bestPoint(models, space, fresh, request, &memory)
      } else {
        point = try sampler.spreadPoint(frame, fresh, request)
      }
      return Proposal(frame.assignment(point), by: name, memory: memory.recorded)
    }
  }

  /// - Throws: when the study has several objectives, or OpenBLAS is not there.
  private static func check(_ history: History) throws(SamplerError) {
    guard history.objectives.count == 1 else {
      throw .unsuitable(
        sampler: name, reason: "the study has \(history.objectives.count) objectives",
        try: ["--sampler \(TreeParzenSampler.name)"])
    }
    do { try LinearAlgebra.load() } catch {
      guard case .missing(let reason) = error else { return }
      throw .unavailable(
        Explanation(
          "\(name) needs OpenBLAS, and it cannot be loaded", evidence: [reason],
          try: ["apt-get install libopenblas0", "--sampler \(TreeParzenSampler.name)"]))
    }
  }

  private func firstTrials(_ space: EncodedSpace) -> Int {
    if let startup = options.startup { return startup }
    let count = space.dimensions.count + 1
    return space.isContinuous ? min(count, 6) : min(count, 32)
  }

  /// The center of the space for the first of its proposals, then points of a scrambled Sobol
  /// sequence.
  private func spreadPoint(
    _ frame: ProposalFrame, _ fresh: FreshPoint, _ request: ProposalRequest
  ) throws(SamplerError) -> [Double] {
    let proposers = request.history.trials.proposers
    let own = request.history.row(ofNumber: request.number)
    let isFirst = !proposers.indices.contains { $0 != own && proposers[$0] == Self.name }
    let sobol = SobolSequence(dimensions: min(frame.count, SobolSequence.maximumDimensions))
    let (seed, number) = (seed, request.number)
    return try fresh.first(seed: seed) { attempt in
      let key = RandomStream.fold(seed, SamplingPurpose.scrambling, UInt64(attempt))
      var rest = RandomStream(seed: key, trial: number, purpose: SamplingPurpose.uniform)
      let quantiles = (0..<frame.count).map { index in
        if isFirst && attempt == 0 { return 0.5 }
        return index < sobol.dimensions
          ? sobol.scrambledCoordinate(point: UInt64(number), dimension: index, seed: key)
          : rest.uniform()
      }
      return frame.point {
        frame.parameters[$0].distribution.internalValue(atQuantile: quantiles[$0])
      }
    }
  }

  /// The best point that is fresh.
  private func bestPoint(
    _ models: LearnedModels, _ space: EncodedSpace, _ fresh: FreshPoint,
    _ request: ProposalRequest, _ memory: inout GaussianProcessMemory
  ) throws(SamplerError) -> [Double] {
    let search = AcquisitionSearch()
    let key = RandomStream.fold(seed, SamplingPurpose.acquisition, UInt64(request.number))
    let good = models.bestPoints.map(space.place(of:))
    let domain = ProposalDomain(space, fresh, barring: models.bars)
    let candidates = search.candidates(domain, good: good, seed: key)
    let ranked = search.maximize(
      models.quick ?? models.acquisition, over: domain, from: candidates,
      judgedBy: models.quick == nil ? nil : models.acquisition)
    var stream = RandomStream(
      seed: seed, trial: request.number, purpose: SamplingPurpose.uniform)
    let (frame, acquisition) = (space.frame, models.acquisition)
    func values(_ points: [[Double]]) -> [Double] {
      acquisition.values(
        at: Matrix(points.map(space.encode), columns: space.dimensions.count))
    }
    let walked = WalkChoice(count: 32, rows: models.bestRows) { points in
      let values = values(points)
      return values.indices.max { values[$0] < values[$1] } ?? 0
    }
    var rest = ranked.makeIterator()
    let point = try fresh.first(seed: seed, walked: walked) { _ in
      // What is known already is not asked again: no two trials of a continuum are alike.
      while let next = rest.next() {
        let point = space.framePoint(at: next.place)
        if !models.isKnown(space.encode(point)) { return point }
      }
      return frame.uniformPoint(&stream)
    }
    memory.prediction = models.predict(space.encode(point))
    return point
  }
}

extension SamplingPurpose {
  static let acquisition: UInt64 = 5
  static let pending: UInt64 = 6
}
