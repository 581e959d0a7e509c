// What the samplers have in common that learn nothing: a trial's point follows from the study's
// seed and the trial's number.

internal import StudyModel

/// Draws that owe nothing to what other trials came to.
protocol IndependentDraws: Sendable {
  /// Which sampler they are of.
  static var proposer: String { get }

  /// The points for trial `number`, by attempt: 0, 1, 2, … each asked for once and in turn.
  mutating func points(
    ofTrial number: Int, seed: UInt64, in frame: ProposalFrame
  ) -> (_ attempt: Int) -> [Double]
}

/// Proposes the first of a trial's points that is feasible and, in a finite space, untried.
struct IndependentSession<Draws: IndependentDraws>: SamplerSession {
  private let seed: UInt64
  private var draws: Draws
  private var tried = TriedPoints()

  init(_ draws: Draws, seed: UInt64) {
    self.draws = draws
    self.seed = seed
  }

  mutating func propose(_ request: ProposalRequest) throws -> Proposal {
    let frame = ProposalFrame(request)
    let fresh = try FreshPoint(request, frame, &tried)
    let draw = draws.points(ofTrial: request.number, seed: seed, in: frame)
    return Proposal(frame.assignment(try fresh.first(seed: seed, draw)), by: Draws.proposer)
  }
}
