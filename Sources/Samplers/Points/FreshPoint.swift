// What every sampler owes its proposals: they satisfy the constraints, and in a finite space
// no point comes a second time while another is left.

internal import PlainText
import StudyModel

struct FreshPoint {
  /// How many points are drawn before an uncountable space is called infeasible.
  static let drawLimit = 10_000
  /// How many repeated points are drawn before a finite space is counted through.
  static let repeatLimit = 64
  /// How many points of a finite space are counted through in search of a feasible one.
  static let countLimit = 200_000

  let frame: ProposalFrame
  let space: ConstrainedSpace
  let tried: TriedPoints

  init(
    _ frame: ProposalFrame, in space: ConstrainedSpace, number: Int, given history: History
  ) {
    self.frame = frame
    self.space = space
    tried = TriedPoints(frame.parameters, in: history, except: number)
  }

  /// The first point of `draw` that is feasible and, in a finite space, untried. When draws
  /// find none, a finite space is counted through from the last one drawn.
  ///
  /// What is given counts for more than novelty: an enqueued trial may repeat another. When
  /// everything is given there is nothing to choose, and it is returned as it is.
  ///
  /// - Parameter draw: the point of the attempt 0, 1, 2, …
  func first(_ draw: (_ attempt: Int) -> [Double]) throws(SamplerError) -> [Double] {
    if frame.isFullyGiven { return draw(0) }
    let isFinite = frame.isFinite
    var broken = 0
    var repeats = 0
    var last = draw(0)
    var repeated: [Double]?
    while broken < Self.drawLimit && repeats < Self.repeatLimit {
      if broken + repeats > 0 { last = draw(broken + repeats) }
      if try !isFeasible(last) {
        broken += 1
        // A finite space is soon searched better by counting.
        if isFinite && broken >= 1_000 { break }
      } else if isFinite && tried.contains(last) {
        repeats += 1
        repeated = last
      } else {
        return last
      }
    }
    guard isFinite else { throw .infeasible(draws: broken) }
    return try counted(from: last, afterDraws: broken, repeated: repeated)
  }

  private func counted(
    from start: [Double], afterDraws draws: Int, repeated: [Double]?
  ) throws(SamplerError) -> [Double] {
    let axes = frame.parameters.map { FiniteAxis($0.distribution) }
    var odometer = PointOdometer(frame, axes: axes, at: start)
    let first = TriedPoints.key(odometer.point)
    let tried = self.tried.all()
    var broken = draws
    var exhausted = 0
    repeat {
      if tried.contains(TriedPoints.key(odometer.point)) {
        exhausted += 1
      } else if try isFeasible(odometer.point) {
        return odometer.point
      } else {
        broken += 1
        if broken - draws >= Self.countLimit { break }
      }
      _ = odometer.advance()
    } while TriedPoints.key(odometer.point) != first
    if frame.isFixing, let repeated { return repeated }
    if repeated == nil && broken > 0 && exhausted == 0 { throw .infeasible(draws: broken) }
    if broken - draws >= Self.countLimit { throw .infeasible(draws: broken) }
    throw .exhausted(tried: exhausted)
  }

  func isFeasible(_ point: [Double]) throws(SamplerError) -> Bool {
    guard space.evaluator != nil else { return true }
    do {
      try frame.checkConditions(of: point)
      return try space.isFeasible(frame.assignment(point))
    } catch {
      throw .constraint(Explanation(describing: error).fact)
    }
  }
}
