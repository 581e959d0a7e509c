import Glibc
import Numerics
import StudyModel
import Testing

@testable import Samplers

@Suite struct `A warm start` {
  private static let space = SearchSpace(["x": .float(0, 1), "y": .float(0, 1)])

  /// A study of `count` random trials of `loss`, as a source.
  private static func source(
    _ space: SearchSpace = space, count: Int = 40, frozen: Int? = nil,
    direction: StudyDirection = .minimize, _ loss: (Double, Double) -> Double
  ) throws -> SourceHistory {
    var study = StudyFixture(space, directions: [direction])
    var stream = RandomStream(seed: 5, trial: 0)
    for _ in 0..<count {
      let assignment = Assignment(
        space.parameters.map {
          Assignment.Entry(
            name: $0.name, distribution: $0.distribution,
            internalValue: $0.distribution.internalValue(atQuantile: stream.uniform()))
        })
      let number = study.start(assignment)
      let x = assignment.entry("x")?.internalValue ?? .nan
      let y = assignment.entry("y")?.internalValue ?? .nan
      study.finish(number, .complete, [loss(x, y)])
    }
    let source = WarmSource(
      study: StudyID(rawValue: 7), name: "old", finishedCount: frozen ?? count)
    return SourceHistory(source, study.state)
  }

  private static func bowl(_ x: Double, _ y: Double) -> Double {
    (x - 0.2) * (x - 0.2) + (y - 0.7) * (y - 0.7)
  }

  /// The best losses after each trial of a study that begins with `sources`, and the proposals.
  private static func run(
    _ sources: [SourceHistory], trials: Int, beginningAnew: Bool = false,
    _ loss: (Double, Double) -> Double = bowl
  ) throws -> (best: [Double], proposals: [Proposal]) {
    let sampler = try makeSampler(ComponentChoice("gp"), seed: 3)
    var session = sampler.session()
    var study = StudyFixture(space)
    var best: [Double] = []
    var proposals: [Proposal] = []
    for _ in 0..<trials {
      if beginningAnew { session = sampler.session() }
      let proposal = try session.propose(
        ProposalRequest(
          number: study.state.nextNumber, in: ConstrainedSpace(space), given: study.history,
          borrowing: sources, remembering: study.state.samplerMemory))
      proposals.append(proposal)
      let number = study.start(
        proposal.assignment, by: proposal.proposer, memory: proposal.memory)
      let x = proposal.assignment.entry("x")?.internalValue ?? .nan
      let y = proposal.assignment.entry("y")?.internalValue ?? .nan
      let value = loss(x, y)
      best.append(min(best.last ?? .infinity, value))
      study.finish(number, .complete, [value])
    }
    return (best, proposals)
  }

  private static func weight(_ proposal: Proposal) -> Double? {
    proposal.forecast?.sources.first?.weight
  }

  @Test func `begins where the source was best, and believes it`() throws {
    let source = try Self.source { 100 * Self.bowl($0, $1) + 3 }
    let (best, proposals) = try Self.run([source], trials: 10)
    #expect(best[1] < 0.02)
    #expect(best[7] < 1e-3)
    let weights = proposals.compactMap(Self.weight)
    #expect(weights.count == 6 && weights.contains { $0 > 0.5 })
  }

  @Test func `does not believe a source that says the opposite for long`() throws {
    let source = try Self.source { -Self.bowl($0, $1) }
    let (warm, proposals) = try Self.run([source], trials: 20)
    let (cold, _) = try Self.run([], trials: 20)
    #expect(proposals.compactMap(Self.weight).suffix(10).allSatisfy { $0 < 0.1 })
    #expect(warm[19] < 10 * max(cold[19], 1e-5))
  }

  @Test func `proposes the same in sessions that begin anew`() throws {
    let sources = [
      try Self.source { Self.bowl($0 + 0.1, $1) }, try Self.source { Self.bowl($1, $0) },
    ]
    let on = try Self.run(sources, trials: 14).proposals
    let anew = try Self.run(sources, trials: 14, beginningAnew: true).proposals
    #expect(on == anew)
  }

  @Test func `never looks at trials that finished after it was frozen`() throws {
    let short = try Self.source(count: 15) { Self.bowl($0, $1) }
    let long = try Self.source(count: 40, frozen: 15) { Self.bowl($0, $1) }
    #expect(try Self.run([short], trials: 8).proposals == Self.run([long], trials: 8).proposals)
  }

  @Test func `a source to be maximized ranks the other way`() throws {
    let minimized = try Self.source { Self.bowl($0, $1) }
    let maximized = try Self.source(direction: .maximize) { -Self.bowl($0, $1) }
    #expect(
      try Self.run([minimized], trials: 8).proposals
        == Self.run([maximized], trials: 8).proposals)
  }

  @Test func `parameters that a source lacks, and other bounds, are no obstacle`() throws {
    let narrow = try Self.source(
      SearchSpace(["x": .float(-1, 0.6), "z": .strings("a", "b")])
    ) { x, _ in (x - 0.2) * (x - 0.2) }
    let (best, proposals) = try Self.run([narrow], trials: 16)
    #expect(best[15] < 1e-2)
    #expect(proposals.allSatisfy { $0.assignment.entries.count == 2 })
  }

  @Test func `a source without a value is none`() throws {
    let empty = try Self.source(count: 0) { _, _ in 0 }
    let (cold, warm) = (try Self.run([], trials: 9), try Self.run([empty], trials: 9))
    #expect(cold.proposals.map(\.assignment) == warm.proposals.map(\.assignment))
  }

  @Test func `only samplers that borrow may be given sources`() throws {
    try requireBorrowing(ComponentChoice("gp"))
    try requireBorrowing(ComponentChoice("auto"))
    #expect(throws: SamplerError.cannotBorrow(sampler: "tpe", others: ["auto", "gp"])) {
      try requireBorrowing(ComponentChoice("tpe"))
    }
  }
}
