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
/// A study that learns from others begins with points that were best there, and believes models of
/// them as far as they rank its own trials rightly (``BorrowedModels``, ``RankingWeights``).
///
/// Everything it knows follows from the history, in the order in which trials finished, and from
/// what it left with its last proposal (``GaussianProcessMemory``), where its fits go on.
struct GaussianProcessSampler: SamplerKind, Sampler {
  static let name = "gp"
  static let borrows = true
  static let summary = "a Gaussian process: most from few trials, up to some 20 parameters"
  static let guidance = Guidance(
    for: "objectives whose trials are dear: within 25 to 100 trials it finds better ones than tpe "
      + "does, and it learns where trials fail",
    needs: "one objective, at most some 20 parameters, OpenBLAS; milliseconds a proposal",
    otherwise: "tpe for several objectives, deep conditions or tens of thousands of trials")

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

  func session() -> any SamplerSession { Session(sampler: self) }

  private struct Session: SamplerSession {
    let sampler: GaussianProcessSampler
    var tried = TriedPoints()
    var observed = ObservedTrials()
    var borrowed = BorrowedModels()
    var cache = ProcessCache()

    mutating func propose(_ request: ProposalRequest) throws -> Proposal {
      try GaussianProcessSampler.check(request.history)
      let frame = ProposalFrame(request)
      let fresh = try FreshPoint(request, frame, &tried)
      if frame.isFullyGiven {
        return Proposal(frame.assignment(frame.point { _ in .nan }), by: name)
      }
      let space = EncodedSpace(frame)
      try observed.follow(request.history, space)
      let old = request.memory.flatMap { GaussianProcessMemory($0) } ?? GaussianProcessMemory()
      var memory = old
      try borrowed.follow(request.sources, space, &memory)
      cache.follow(request.history)
      let point: [Double]
      var forecast: Forecast?
      if request.history.begunCount >= sampler.firstTrials(space, borrowed),
        let models = try sampler.learn(
          observed.trials, borrowed, space, request, &memory, &cache)
      {
        point = try sampler.bestPoint(models, space, fresh, request)
        forecast = models.forecast(
          at: space.encode(point),
          zip(request.sources, memory.loans).map { source, loan in
            Forecast.Source(name: source.source.name, weight: loan.weight)
          })
      } else {
        let known = try observed.trials.map(\.point) + sampler.runningPoints(space, request)
        point = try sampler.firstPoint(space, borrowed.seeds, known, fresh, request)
      }
      return Proposal(
        frame.assignment(point), by: name, memory: memory.recorded, expecting: forecast)
    }
  }

  /// - Throws: when the study has several objectives, or OpenBLAS is not there.
  static func check(_ history: History) throws {
    guard history.objectives.count == 1 else {
      throw SamplerError.unsuitable(
        sampler: name, reason: "the study has \(history.objectives.count) objectives",
        try: ["--sampler \(TreeParzenSampler.name)"])
    }
    do { try LinearAlgebra.load() } catch {
      guard case .missing(let reason) = error else { return }
      throw SamplerError.unavailable(
        Explanation(
          "\(name) needs OpenBLAS, and it cannot be loaded", evidence: [reason],
          try: ["apt-get install libopenblas0", "--sampler \(TreeParzenSampler.name)"]))
    }
  }

  /// With something to begin from, two of its points, the center and one more.
  private static let warmTrials = (seeds: 2, all: 4)

  private func firstTrials(_ space: EncodedSpace, _ borrowed: BorrowedModels) -> Int {
    if let startup = options.startup { return startup }
    if !borrowed.isEmpty { return Self.warmTrials.all }
    let count = space.dimensions.count + 1
    return space.isContinuous ? min(count, 6) : min(count, 32)
  }

  /// What other studies found best, the center of the space, then points of a scrambled Sobol
  /// sequence; no point that is known already.
  private func firstPoint(
    _ space: EncodedSpace, _ seeds: [[Double]], _ known: [[Double]], _ fresh: FreshPoint,
    _ request: ProposalRequest
  ) throws -> [Double] {
    let history = request.history
    let own = history.row(ofNumber: request.number)
    let before = try (0..<history.trialCount).count {
      try $0 != own && !history.isSetAside($0) && history.trial($0).proposer == Self.name
    }
    let preferred = preferredPoints(space, seeds, after: before).filter { point in
      let encoded = space.encode(point)
      return !known.contains { isSamePoint($0, encoded) }
    }
    return try fresh.first(seed: seed) { attempt in
      attempt < preferred.count
        ? preferred[attempt] : spreadPoint(space.frame, request.number, attempt)
    }
  }

  /// The first of them that is possible is proposed after `before` others.
  private func preferredPoints(
    _ space: EncodedSpace, _ seeds: [[Double]], after before: Int
  ) -> [[Double]] {
    let seeded = min(Self.warmTrials.seeds, seeds.count)
    if before > seeded { return [] }
    let frame = space.frame
    let center = frame.point {
      frame.parameters[$0].distribution.internalValue(atQuantile: 0.5)
    }
    if before == seeded { return [center] }
    return seeds[before...].map { space.framePoint(at: space.place(of: $0)) } + [center]
  }

  private func spreadPoint(_ frame: ProposalFrame, _ number: Int, _ attempt: Int) -> [Double] {
    let sobol = SobolSequence(dimensions: min(frame.count, SobolSequence.maximumDimensions))
    let key = RandomStream.fold(seed, SamplingPurpose.scrambling, UInt64(attempt))
    var rest = RandomStream(seed: key, trial: number, purpose: SamplingPurpose.uniform)
    let quantiles = (0..<frame.count).map { index in
      index < sobol.dimensions
        ? sobol.scrambledCoordinate(point: UInt64(number), dimension: index, seed: key)
        : rest.uniform()
    }
    return frame.point {
      frame.parameters[$0].distribution.internalValue(atQuantile: quantiles[$0])
    }
  }

  /// The best point that is fresh.
  private func bestPoint(
    _ models: LearnedModels, _ space: EncodedSpace, _ fresh: FreshPoint,
    _ request: ProposalRequest
  ) throws -> [Double] {
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
    return try fresh.first(seed: seed, walked: walked) { _ in
      // What is known already is not asked again: no two trials of a continuum are alike.
      while let next = rest.next() {
        let point = space.framePoint(at: next.place)
        if !models.isKnown(space.encode(point)) { return point }
      }
      return frame.uniformPoint(&stream)
    }
  }
}

extension SamplingPurpose {
  static let acquisition: UInt64 = 5
  static let pending: UInt64 = 6
  static let bootstrap: UInt64 = 7
}
