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

  /// The points that trials hold, and which of them are its own.
  var needs: ColumnSet { ColumnSet(.origins, parameters: .declared) }

  func session() -> any SamplerSession { Session(sampler: self) }

  private struct Session: SamplerSession {
    let sampler: GridSampler
    var tried = TriedPoints()

    mutating func propose(_ request: ProposalRequest) throws(SamplerError) -> Proposal {
      let frame = ProposalFrame(request)
      let axes = try sampler.axes(frame)
      let fresh = FreshPoint(request, frame, axes: axes, &tried)
      let start = PointOdometer(frame, axes: axes, at: Self.lastPoint(frame, request.history))
      let point = frame.isFullyGiven ? start.point : try fresh.counted(from: start)
      return Proposal(frame.assignment(point), by: GridSampler.name)
    }

    /// What was proposed last without anything given; nil: nothing yet.
    private static func lastPoint(_ frame: ProposalFrame, _ history: History) -> [Double]? {
      if frame.isFixing { return nil }
      guard
        let row = (0..<history.trialCount).last(where: {
          history.trials.proposers[$0] == GridSampler.name
        })
      else { return nil }
      let readers = frame.parameters.map { ParameterReader($0, in: history) }
      return frame.point { readers[$0][row] }
    }
  }

  private func axes(_ frame: ProposalFrame) throws(SamplerError) -> [FiniteAxis?] {
    var axes: [FiniteAxis?] = []
    for (index, parameter) in frame.parameters.enumerated() {
      axes.append(frame.given[index] == nil ? try axis(parameter) : nil)
    }
    return axes
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
