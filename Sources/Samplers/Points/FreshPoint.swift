// What every sampler owes its proposals: they satisfy the constraints, and in a finite space
// no point comes a second time while another is left.

import Numerics
internal import PlainText
import StudyModel

struct FreshPoint {
  /// How many draws may break the constraints before points are sought near feasible trials.
  static let patience = 256
  /// How many points are drawn, where there is no feasible trial to begin at, before an
  /// uncountable space is called infeasible: enough for one in 20,000.
  static let drawLimit = 200_000
  /// How many repeated points are drawn before a finite space is counted through.
  static let repeatLimit = 64
  /// A finite space of so many points is counted through when patience ends.
  static let smallSpace = 1 << 20
  /// How many points of a finite space may break the constraints before it is called infeasible.
  static let countLimit = 4_000_000
  /// How many trials are looked at for feasible ones to begin at, and how many are taken.
  private static let lookedAt = 64
  private static let starts = 8

  let frame: ProposalFrame
  let space: ConstrainedSpace
  private let history: History
  private let ownRow: Int?
  private let number: Int
  private let axes: [FiniteAxis?]?
  /// Nil where the space is not finite: no point comes twice.
  private let tried: TriedPoints?

  /// - Parameters:
  ///   - axes: the values a sampler goes through, where it does not take the domains' own.
  ///   - tried: what the session knows of tried points; it is brought up to date where there are
  ///     axes.
  /// - Throws: when trials cannot be read.
  init(
    _ request: ProposalRequest, _ frame: ProposalFrame, axes: [FiniteAxis?]? = nil,
    _ tried: inout TriedPoints
  ) throws {
    self.frame = frame
    self.axes = axes ?? frame.axes
    space = request.space
    history = request.history
    number = request.number
    ownRow = request.history.row(ofNumber: request.number)
    if self.axes != nil && !frame.isFullyGiven {
      try tried.update(frame.parameters, request.history)
      self.tried = tried
    } else {
      self.tried = nil
    }
  }

  func isTried(_ point: [Double]) -> Bool { tried?.contains(point, except: ownRow) ?? false }

  /// The first point of `draw` that is feasible and, in a finite space, untried. Where the draws
  /// find none, a walk from feasible trials does; a finite space is counted through from the
  /// last one drawn.
  ///
  /// What is given counts for more than novelty: an enqueued trial may repeat another. When
  /// everything is given there is nothing to choose, and it is returned as it is.
  ///
  /// - Parameters:
  ///   - seed: the study's, for the walk.
  ///   - patience: how many draws may break the constraints before the walk.
  ///   - walked: how many points to walk to, and which of them to take.
  ///   - draw: the point of the attempt 0, 1, 2, …
  func first(
    seed: UInt64, patience: Int = FreshPoint.patience, walked: WalkChoice = WalkChoice(),
    _ draw: (_ attempt: Int) -> [Double]
  ) throws -> [Double] {
    if frame.isFullyGiven { return draw(0) }
    var search = Search(last: draw(0))
    if let point = try search.go(on: self, patience, draw) { return point }
    if search.repeats < Self.repeatLimit {
      if let point = try walk(seed: seed, walked, &search) { return point }
      if search.walks == 0 && (frame.cardinality ?? .max) > Self.smallSpace,
        let point = try search.go(on: self, Self.drawLimit, draw)
      {
        return point
      }
    }
    guard let axes else { throw SamplerError.infeasible(draws: search.broken) }
    return try counted(
      from: PointOdometer(frame, axes: axes, at: search.last), repeated: search.repeated,
      isKnownFeasible: search.walks > 0)
  }

  /// The first untried feasible point from that of `start` on, once around.
  func counted(
    from start: PointOdometer, repeated: [Double]? = nil, isKnownFeasible: Bool = false
  ) throws -> [Double] {
    var circle = PointCircle(start)
    var repeated = repeated
    var exhausted = 0
    var broken = 0
    var obstacle: Int?
    repeat {
      obstacle = nil
      if isTried(circle.point) {
        exhausted += 1
        repeated = repeated ?? circle.point
      } else {
        obstacle = try self.obstacle(circle.point)
        if obstacle == nil { return circle.point }
        broken += 1
        if broken >= Self.countLimit { throw SamplerError.infeasible(draws: broken) }
      }
    } while circle.advance(past: obstacle)
    // An enqueued trial may repeat another.
    if frame.isFixing, let repeated { return repeated }
    if exhausted == 0 && !isKnownFeasible { throw SamplerError.infeasible(draws: broken) }
    throw SamplerError.exhausted(tried: exhausted)
  }

  func isFeasible(_ point: [Double]) throws -> Bool {
    try obstacle(point) == nil
  }

  /// Nil for a feasible point; else the last parameter that the broken constraint reads: as long
  /// as it and those before it stay, the constraint stays broken.
  private func obstacle(_ point: [Double]) throws -> Int? {
    guard let evaluator = space.evaluator else { return nil }
    do {
      try frame.checkConditions(of: point)
      guard let broken = try evaluator.firstBroken(by: frame.assignment(point)) else { return nil }
      guard let names = evaluator.parametersRead(byConstraint: broken) else {
        return frame.count - 1
      }
      return frame.parameters.lastIndex { names.contains($0.name) } ?? 0
    } catch {
      throw SamplerError.constraint(Explanation(describing: error).fact)
    }
  }
}

/// Which of several points that a walk found is taken.
struct WalkChoice {
  var count = 1
  /// Rows to begin at, if they are feasible; others follow at random.
  var rows: [Int] = []
  /// An index of `points`, of which there are 1 to `count`.
  var choose: (_ points: [[Double]]) -> Int = { _ in 0 }
}

/// How far the search for a point has come.
private struct Search {
  var last: [Double]
  var attempts = 0
  var broken = 0
  var repeats = 0
  var walks = 0
  /// A feasible point that was tried before.
  var repeated: [Double]?

  init(last: [Double]) { self.last = last }

  /// Draws until a point is fresh, `limit` have broken the constraints, or too many were tried.
  mutating func go(
    on fresh: FreshPoint, _ limit: Int, _ draw: (_ attempt: Int) -> [Double]
  ) throws -> [Double]? {
    while broken < limit && repeats < FreshPoint.repeatLimit {
      if attempts > 0 { last = draw(attempts) }
      attempts += 1
      if try !fresh.isFeasible(last) {
        broken += 1
      } else if fresh.isTried(last) {
        repeats += 1
        repeated = last
      } else {
        return last
      }
    }
    return nil
  }
}

extension FreshPoint {
  /// A fresh point from a walk that begins at feasible trials; nil when there is none.
  private func walk(
    seed: UInt64, _ choice: WalkChoice, _ search: inout Search
  ) throws -> [Double]? {
    var walk = FeasibleWalk(
      frame, stream: RandomStream(seed: seed, trial: number, purpose: SamplingPurpose.walk))
    let starts = try feasiblePoints(choice.rows, &walk.stream)
    if starts.isEmpty { return nil }
    var found: [[Double]] = []
    while found.count < choice.count && search.repeats < Self.repeatLimit {
      let start = starts[search.walks % starts.count]
      search.walks += 1
      let point = try walk.point(from: start) { point in
        try isFeasible(point)
      }
      if isTried(point) {
        search.repeats += 1
        search.repeated = point
        search.last = point
      } else {
        found.append(point)
      }
    }
    return found.isEmpty ? nil : found[choice.choose(found)]
  }

  /// What some trials have, made points of this frame, as far as they are feasible.
  private func feasiblePoints(
    _ rows: [Int], _ stream: inout RandomStream
  ) throws -> [[Double]] {
    let count = history.trialCount
    if count == 0 { return [] }
    let readers = frame.parameters.map { ParameterReader($0, in: history) }
    let others = (0..<Self.lookedAt).map { _ in Int(stream.integer(below: UInt64(count))) }
    var points: [[Double]] = []
    for row in rows.prefix(Self.lookedAt) + others where row != ownRow && !history.isSetAside(row) {
      if points.count >= Self.starts { break }
      let trial = try history.trial(row)
      let point = frame.point { index in
        let distribution = frame.parameters[index].distribution
        let value = readers[index].value(in: trial)
        return value.isNaN
          ? distribution.internalValue(atQuantile: stream.uniform())
          : distribution.nearestMember(to: value)
      }
      if try isFeasible(point) { points.append(point) }
    }
    return points
  }
}
