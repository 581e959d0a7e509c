// Every combination, once.

import Glibc
internal import StudyModel

/// Goes through all points of a finite space in lexicographic order, the space's last parameter
/// fastest, absent parameters left out. Points that any trial holds already are skipped, failed
/// and waiting ones too, as are points that break a constraint: with them all that share what
/// the constraint reads.
///
/// It goes on where its last proposal in the history stands, and in the end around to what was
/// left behind (a space that was widened, a trial that was lost).
struct GridSampler: SamplerKind, Sampler {
  static let name = "grid"
  static let summary = "every combination of a finite space, once"
  static let guidance = Guidance(
    for: "small finite spaces of which every point shall run, once",
    needs: "parameters that can be counted: choices, whole numbers, steps; others are cut by "
      + "points=N",
    otherwise: "qmc where a grid would have thousands of points; gp or tpe to find the best "
      + "without running all")

  struct Options: ComponentOptions {
    /// A continuous parameter is cut to that many values: from end to end, equally far apart (by
    /// ratio where it is logarithmic; one value: the middle), or where it has a normal prior, in
    /// the middles of as many equally likely parts.
    var points: Int?

    static let declared: [OptionDeclaration<Options>] = [
      .init(
        "points", \.points, in: 1...1_000_000, standard: "none: it needs a step",
        "values of a continuous parameter")
    ]
  }

  let options: Options

  static func make(_ options: Options, seed: UInt64) -> any Sampler { Self(options: options) }

  func session() -> any SamplerSession { Session(sampler: self) }

  private struct Session: SamplerSession {
    let sampler: GridSampler
    var tried = TriedPoints()
    private var ownTrials = OwnTrials()
    private var axes = KnownAxes()

    init(sampler: GridSampler) { self.sampler = sampler }

    mutating func propose(_ request: ProposalRequest) throws -> Proposal {
      let frame = ProposalFrame(request)
      let axes = try self.axes.all(of: frame, sampler.axis)
      let fresh = try FreshPoint(request, frame, axes: axes, &tried)
      let start = PointOdometer(frame, axes: axes, at: try lastPoint(frame, request.history))
      let point = frame.isFullyGiven ? start.point : try fresh.counted(from: start)
      return Proposal(frame.assignment(point), by: GridSampler.name)
    }

    /// What was proposed last without anything given; nil: nothing yet.
    private mutating func lastPoint(
      _ frame: ProposalFrame, _ history: History
    ) throws -> [Double]? {
      if frame.isFixing { return nil }
      guard let row = try ownTrials.last(in: history) else { return nil }
      let trial = try history.trial(row)
      return frame.point { ParameterReader(frame.parameters[$0], in: history).value(in: trial) }
    }
  }

  private func axis(_ parameter: Parameter) throws(SamplerError) -> FiniteAxis {
    if let axis = FiniteAxis(parameter.distribution) { return axis }
    guard case .float(let domain) = parameter.distribution, let points = options.points else {
      throw .unsuitable(
        sampler: Self.name, reason: "\"\(parameter.name)\" is continuous",
        try: ["\(Self.name):points=5, for so many values from end to end", "a domain with a step"])
    }
    return .values(
      (0..<points).map { index in
        if domain.prior != nil {
          return parameter.distribution.internalValue(
            atQuantile: (Double(index) + 0.5) / Double(points))
        }
        let share = points == 1 ? 0.5 : Double(index) / Double(points - 1)
        if share == 0 { return domain.low }
        if share == 1 { return domain.high }
        let value =
          domain.isLogarithmic
          ? exp(log(domain.low) + share * (log(domain.high) - log(domain.low)))
          : domain.low * (1 - share) + domain.high * share
        return domain.nearest(to: value)
      })
  }
}

/// Which trials a grid proposed: the last of them. Each row is looked at once.
private struct OwnTrials {
  private var rowsSeen = 0
  private var lastRow: Int?

  mutating func last(in history: History) throws -> Int? {
    if history.trialCount < rowsSeen { self = OwnTrials() }
    let new = try (rowsSeen..<history.trialCount).last { row in
      try history.trial(row).proposer == GridSampler.name
    }
    rowsSeen = history.trialCount
    lastRow = new ?? lastRow
    return lastRow
  }
}

/// The axes of a space's parameters, each made when it is first needed: one may have a million
/// values.
private struct KnownAxes {
  private var parameters: [Parameter] = []
  private var axes: [FiniteAxis?] = []

  /// Those of the free parameters of `frame`.
  mutating func all(
    of frame: ProposalFrame, _ make: (Parameter) throws(SamplerError) -> FiniteAxis
  ) throws(SamplerError) -> [FiniteAxis?] {
    if parameters != frame.parameters {
      parameters = frame.parameters
      axes = parameters.map { _ in nil }
    }
    for index in parameters.indices where frame.given[index] == nil && axes[index] == nil {
      axes[index] = try make(parameters[index])
    }
    return parameters.indices.map { frame.given[$0] == nil ? axes[$0] : nil }
  }
}
