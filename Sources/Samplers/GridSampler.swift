// Every combination, once.

import Glibc
public import StudyModel

/// Goes through all points of a finite space in lexicographic order, the space's last parameter
/// fastest, absent parameters left out. Points that any trial holds already are skipped, failed
/// and waiting ones too, as are points that break a constraint.
///
/// With `points`, a continuous parameter is cut to that many values from end to end, equally
/// far apart (by ratio where it is logarithmic; one value: the middle).
public struct GridSampler: Sampler {
  public var name: String { "grid" }
  private let points: Int?

  /// `points` is at least 1.
  public init(points: Int? = nil) {
    precondition(points.map { $0 >= 1 } ?? true)
    self.points = points
  }

  public func propose(
    trial number: Int, in space: ConstrainedSpace, fixing fixed: Assignment,
    given history: History, remembering memory: SamplerMemory?
  ) throws(SamplerError) -> Proposal {
    let frame = ProposalFrame(space.space, fixing: fixed, evaluator: space.evaluator)
    var axes: [FiniteAxis?] = []
    for (index, parameter) in frame.parameters.enumerated() {
      axes.append(frame.given[index] == nil ? try axis(parameter) : nil)
    }
    let fresh = FreshPoint(frame, in: space, number: number, given: history)
    var odometer = PointOdometer(frame, axes: axes)
    if frame.isFullyGiven { return Proposal(frame.assignment(odometer.point)) }

    let tried = fresh.tried.all()
    var repeated: [Double]?
    var count = 0
    var broken = 0
    repeat {
      if tried.contains(TriedPoints.key(odometer.point)) {
        count += 1
        repeated = repeated ?? odometer.point
      } else if try fresh.isFeasible(odometer.point) {
        return Proposal(frame.assignment(odometer.point))
      } else {
        broken += 1
        if broken >= FreshPoint.countLimit { throw .infeasible(draws: broken) }
      }
    } while odometer.advance()
    // An enqueued trial may repeat another.
    if frame.isFixing, let repeated { return Proposal(frame.assignment(repeated)) }
    if count == 0 { throw .infeasible(draws: broken) }
    throw .exhausted(tried: count)
  }

  private func axis(_ parameter: Parameter) throws(SamplerError) -> FiniteAxis {
    if let axis = FiniteAxis(parameter.distribution) { return axis }
    guard case .float(let domain) = parameter.distribution, let points else {
      throw .unsuitable(
        sampler: "grid",
        reason: "\"\(parameter.name)\" is continuous; give it a step, or say how many values "
          + "with grid:points=5")
    }
    return FiniteAxis(
      (0..<points).map { index in
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
