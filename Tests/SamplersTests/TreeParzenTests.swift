import Glibc
import Numerics
import StudyModel
import Testing

@testable import Samplers

@Suite struct `Tree-structured Parzen estimators` {
  /// Whatever came and went, and in what order: what stays decides, to the last bit.
  @Test(arguments: 0..<12)
  func `a density that trials came to and left is that of those that stayed`(seed: UInt64) {
    var stream = RandomStream(seed: seed, trial: 0)
    let space = [FixtureSpace.mixed, FixtureSpace.small][Int(seed % 2)]
    let frame = ProposalFrame(space)
    let domains = space.parameters.map { KernelDomain($0.distribution) }
    var kept = ParzenEstimator(domains)
    var members: [Int: [Double]] = [:]
    for _ in 0..<60 {
      // Ends at some 20 to 400 kernels, on both sides of where widths depend on their number.
      var changes: [Int: [Double]?] = [:]
      for _ in 0...Int(stream.integer(below: seed < 6 ? 8 : 2)) {
        let row = Int(stream.integer(below: seed < 6 ? 500 : 30))
        let leaves = stream.uniform() < 0.2
        let point = zip(domains, frame.uniformPoint(&stream)).map { $0.coordinate($1) }
        changes[row] = .some(leaves ? nil : point)
      }
      for (row, point) in changes { members[row] = point }
      kept.update(changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
    var fresh = ParzenEstimator(domains)
    fresh.update(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    #expect(kept.rows == fresh.rows)
    #expect(kept.centers == fresh.centers)
    #expect(kept.deviations == fresh.deviations)
    for _ in 0..<20 {
      let point = frame.uniformPoint(&stream)
      #expect(kept.logDensity(at: point) == fresh.logDensity(at: point))
    }
  }

  /// Enqueued trials and fixed parameters, failures of both kinds, pruning, trials that wait, and
  /// several workers, so that trials finish out of order.
  @Test(arguments: 0..<10)
  func `a session that runs on proposes what one that begins anew does`(seed: UInt64) throws {
    var history = RandomStudy(FixtureSpace.tree, seed: seed)
    let lasting = try Asker("tpe:startup=5,candidates=8", seed: seed)
    for turn in 0..<150 {
      history.advance()
      // It is not asked at every turn, as if another process had been.
      guard turn % 3 != 1 else { continue }
      let fresh = try Asker("tpe:startup=5,candidates=8", seed: seed)
      let number = history.study.state.nextNumber
      let once = try lasting.propose(number, FixtureSpace.tree, history.study)
      #expect(try fresh.propose(number, FixtureSpace.tree, history.study) == once)
      history.candidates.append(once)
    }
    #expect(history.study.state.count(.failed) > 5 && history.study.state.count(.pruned) > 5)
  }

  /// What a proposal reads and computes does not grow with the history.
  @Test(arguments: [300, 1200])
  func `a proposal looks at each trial once, and at few kernels anew`(trials: Int) throws {
    let space = SearchSpace(["x": .float(0, 1), "y": .float(1e-4, 1, log: true), "n": .int(0, 9)])
    let frame = ProposalFrame(space)
    var stream = RandomStream(seed: 4, trial: 0)
    var study = StudyFixture(space)
    func finish(_ assignment: Assignment) {
      study.finish(study.start(assignment), .complete, [badness(assignment)])
    }
    for _ in 0..<trials { finish(frame.assignment(frame.uniformPoint(&stream))) }
    var session = TreeParzenSession(TreeParzenSampler(seed: 3))
    func propose() throws -> Assignment {
      try session.propose(
        ProposalRequest(
          number: study.state.nextNumber, in: ConstrainedSpace(space),
          given: History(study.state))
      ).assignment
    }
    _ = try propose()
    #expect(session.model.table.trialsRead == trials)
    let widths = session.model.groups[0].above.widthsComputed
    for _ in 0..<50 { finish(try propose()) }
    _ = try propose()
    #expect(session.model.table.trialsRead == trials + 50)
    // A trial that comes, and one that was good and is not: two neighbours each, in each of three.
    #expect(session.model.groups[0].above.widthsComputed - widths <= 50 * 2 * 3 * 3)
  }

  @Test func `a sampler that saw another study proposes as if it had not`() throws {
    let space = FixtureSpace.mixed
    let lasting = try Asker("tpe", seed: 1)
    let one = try run("random", space, trials: 50)
    let two = try run("qmc", space, trials: 40)
    for study in [one, two, one, two] {
      let number = study.state.nextNumber
      let fresh = try Asker("tpe", seed: 1)
      #expect(
        try lasting.propose(number, space, study) == fresh.propose(number, space, study))
    }
  }

  /// What the early leave skips is below the last bits of the sum.
  @Test(arguments: [FixtureSpace.mixed, FixtureSpace.small])
  func `densities leave out nothing that counts`(space: SearchSpace) throws {
    let study = try run("qmc", space, trials: 300)
    let table = try ObservationTable(of: study.history, space)
    var estimator = ParzenEstimator(table.domains)
    estimator.update(table.rows.map { ($0, table.point($0)) })
    let frame = ProposalFrame(space)
    var stream = RandomStream(seed: 2, trial: 0)
    let points = (0..<20).map { _ in frame.uniformPoint(&stream) }
    for point in points {
      let density = estimator.logDensity(at: point)
      let plain = logSumExp(
        estimator.weights.indices.map { kernel in
          point.indices.reduce(Glibc.log(estimator.weights[kernel])) {
            $0 + estimator.logKernel(kernel, $1, at: point[$1])
          }
        })
      #expect(abs(density - plain) < 1e-12 * max(1, abs(plain)))
    }
  }

  @Test func `kernels outside a domain that was narrowed are cut to it`() {
    let narrow: [Distribution] = [.float(0, 1), .int(1, 4)]
    var estimator = ParzenEstimator(
      narrow.map { KernelDomain($0) },
      observations: [[-9.6, 0.5, 10, 1e4, -0.2, 3], [40, 2, -7, -900, 4, 6]])
    let points: [[Double]] = [[0, 1], [0.3, 2], [1, 4]]
    for point in points {
      let density = estimator.logDensity(at: point)
      let plain = logSumExp(
        estimator.weights.indices.map { kernel in
          Glibc.log(estimator.weights[kernel]) + estimator.logKernel(kernel, 0, at: point[0])
            + estimator.logKernel(kernel, 1, at: point[1])
        })
      #expect(density.isFinite && abs(density - plain) < 1e-12 * max(1, abs(plain)))
    }
  }

  @Test func `a space that was narrowed is still searched inside`() throws {
    let study = try run(
      "random", SearchSpace(["x": .float(-100, 100), "n": .int(-50, 50)]), trials: 40)
    let narrow = SearchSpace(["x": .float(0, 1), "n": .int(3, 5)])
    for seed in 0..<20 {
      let sampler = try Asker("tpe", seed: UInt64(seed))
      for entry in try sampler.propose(40, narrow, study).entries {
        #expect(entry.distribution.contains(entry.internalValue))
      }
    }
  }

  @Test func `the mass of a discrete kernel is one`() throws {
    let domain = Distribution.int(1, 6, log: true)
    var estimator = ParzenEstimator(
      [KernelDomain(domain)], observations: [[0, Glibc.log(6.0), Glibc.log(3.0)]])
    let density = (1...6).map { estimator.logDensity(at: [Double($0)]) }
    #expect(abs(density.reduce(0) { $0 + Glibc.exp($1) } - 1) < 1e-13)
  }

  @Test(arguments: [
    Distribution.wholeNormal(5, 2), .int(16, 512, log: true, step: 16),
    .float(0.01, 0.5, log: true, step: 0.01), .ordered("a", "b", "c", "d"),
  ])
  func `the mass over any countable domain is one`(domain: Distribution) throws {
    let kernels = KernelDomain(domain)
    let members = (0..<domain.cardinality!).map { domain.member(at: $0) }
    var estimator = ParzenEstimator(
      [kernels], observations: [[members[0], members[2], members[3]].map(kernels.coordinate)])
    let density = members.map { estimator.logDensity(at: [$0]) }
    #expect(abs(density.reduce(0) { $0 + Glibc.exp($1) } - 1) < 1e-9)
  }

  @Test func `where there is a normal prior, it is the prior's kernel`() {
    let domain = KernelDomain(.normal(3, 2))
    var estimator = ParzenEstimator([domain], observations: [[]])
    for value in [3.0, 4, 7.5] {
      let density = estimator.logDensity(at: [value])
      #expect(abs(density - (logNormalDensity((value - 3) / 2) - Glibc.log(2.0))) < 1e-8)
    }
    // Kernels are no wider than it, however far out the bounds are.
    let one = ParzenEstimator([domain], observations: [[4]])
    #expect(one.deviations == [[2]] && one.centers == [[4]])
    #expect(domain.priorKernel == (3, 2))
  }

  /// A normal around 0.95 with deviation 0.5, cut to 0 … 1, has the mean
  /// μ + σ (φ(a) − φ(b))/(Φ(b) − Φ(a)) (scipy 1.17: `truncnorm(-1.9, 0.1, 0.95, 0.5).stats()`).
  @Test func `draws are cut to the domain as the density is`() throws {
    let domain = KernelDomain.continuous(
      low: 0, high: 1, isLogarithmic: false, prior: try NormalPrior(mean: 0.95, deviation: 0.5))
    let estimator = ParzenEstimator([domain])
    var stream = RandomStream(seed: 7, trial: 0)
    let draws = (0..<40_000).map { _ in
      estimator.draw(
        &stream, cumulative: estimator.cumulativeWeights(given: [.nan]), given: [.nan])[0]
    }
    #expect(draws.allSatisfy { $0 >= 0 && $0 <= 1 })
    let mean = draws.reduce(0, +) / Double(draws.count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
    #expect(abs(mean - 0.6258663452425973) < 0.005)
    #expect(abs(variance - 0.0645413279885674) < 0.002)
  }

  @Test func `neighbours in an order are alike`() {
    func density(_ distribution: Distribution) -> [Double] {
      var estimator = ParzenEstimator(
        [KernelDomain(distribution)], observations: [[4, 4, 5, 5]])
      return (0..<8).map { estimator.logDensity(at: [Double($0)]) }
    }
    let ordered = density(.ordered("a", "b", "c", "d", "e", "f", "g", "h"))
    #expect(ordered[6] > ordered[7] && ordered[3] > ordered[0])
    let unordered = density(.strings("a", "b", "c", "d", "e", "f", "g", "h"))
    #expect(unordered[6] == unordered[0])
  }

  @Test func `a running trial pushes the next away`() throws {
    let space = SearchSpace(["x": .float(0, 1), "y": .float(0, 1)])
    var study = StudyFixture(space)
    let frame = ProposalFrame(space)
    var stream = RandomStream(seed: 3, trial: 0)
    for number in 0..<40 {
      let point = frame.uniformPoint(&stream)
      study.start(frame.assignment(point))
      study.finish(number, .complete, [(point[0] - 0.5) * (point[0] - 0.5)])
    }
    // Of 60 proposals, how far they are from where a trial runs, and would be without it.
    var (apart, together) = (0.0, 0.0)
    for seed in 0..<60 {
      let taken = try Asker("tpe", seed: UInt64(seed)).propose(40, space, study)
      var busy = study
      for _ in 0..<3 { busy.start(taken) }
      func distance(_ study: StudyFixture) throws -> Double {
        let next = try Asker("tpe", seed: UInt64(1000 + seed)).propose(43, space, study)
        return zip(next.entries, taken.entries).reduce(0) {
          $0 + abs($1.0.internalValue - $1.1.internalValue)
        }
      }
      apart += try distance(busy)
      together += try distance(study)
    }
    #expect(apart > 1.1 * together, "\(apart) and \(together)")
  }

  @Test func `the trial that is proposed for is no observation`() throws {
    let space = SearchSpace(["x": .float(0, 1)])
    var study = try run("random", space, trials: 20)
    let before = try Asker("tpe", seed: 1).propose(20, space, study)
    let bad = try ObservationTable(of: study.history, space).others
    // Where it would be proposed: it is not in its own way, but it is in the way of others.
    let own = study.start(before)
    #expect(try ObservationTable(of: study.history, space).others == bad + [own])
    #expect(try ObservationTable(of: study.history, space, except: own).others == bad)
    #expect(try Asker("tpe", seed: 1).propose(own, space, study) == before)
  }

  @Test func `failed trials are bad, lost ones nothing`() throws {
    var study = StudyFixture(SearchSpace(["x": .float(0, 1)]))
    let frame = ProposalFrame(SearchSpace(["x": .float(0, 1)]))
    for number in 0..<12 {
      study.start(frame.assignment([Double(number) / 12]))
      switch number {
      case 3: study.finish(number, .failed)
      case 4: study.finish(number, .failed, end: .init(outcome: .failed))
      case 5: study.finish(number, .failed, end: .init(outcome: .outOfMemory))
      case 6: study.finish(number, .failed, end: .init(outcome: .timedOut))
      case 7: study.finish(number, .failed, end: .init(outcome: .lost))
      default: study.finish(number, .complete, [Double(number)])
      }
    }
    let table = try ObservationTable(
      of: study.history, SearchSpace(["x": .float(0, 1)]))
    #expect(table.rows.filter { table.role($0) == .failed } == [3, 4, 5, 6])
    #expect(table.good == [0])
    #expect(table.others == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11])
  }

  /// As networks do that diverge at a high learning rate. Of random trials a quarter fails.
  @Test(arguments: 1...8)
  func `moves away from where trials fail`(seed: UInt64) throws {
    let space = SearchSpace([
      "lr": .float(1e-5, 1e-1, log: true), "wd": .float(1e-6, 1e-2, log: true),
    ])
    let asker = try Asker("tpe", seed: seed)
    var study = StudyFixture(space)
    var hasFailed: [Bool] = []
    for number in 0..<60 {
      let trial = try asker.propose(number, space, study)
      study.start(trial)
      let x = trial.entries.map { Glibc.log10($0.internalValue) }
      hasFailed.append(x[0] > -2)
      if x[0] > -2 {
        study.finish(number, .failed, end: .init(outcome: .failed))
      } else {
        study.finish(number, .complete, [(x[0] + 3) * (x[0] + 3) + (x[1] + 4) * (x[1] + 4)])
      }
    }
    #expect(hasFailed.suffix(40).count { $0 } <= 4, "\(hasFailed.suffix(40).count { $0 })")
    #expect(hasFailed.split(separator: false).allSatisfy { $0.count < 10 })
  }

  @Test func `goes on where nothing ever succeeded`() throws {
    let space = SearchSpace(["x": .float(0, 1)])
    let asker = try Asker("tpe", seed: 1)
    var study = StudyFixture(space)
    for number in 0..<60 {
      let trial = try asker.propose(number, space, study)
      study.start(trial)
      // It finds the tenth of the space where trials do not fail, without a hint.
      let x = trial.entries[0].internalValue
      if abs(x - 0.85) < 0.05 {
        study.finish(number, .complete, [x])
      } else {
        study.finish(number, .failed)
      }
    }
    #expect(study.state.count(.complete) >= 15, "\(study.state.count(.complete))")
  }

  @Test func `finds the good region`() throws {
    let space = SearchSpace(["x": .float(-5, 5), "c": .strings("a", "b", "c"), "n": .int(0, 20)])
    func best(_ name: String) throws -> Double {
      var total = 0.0
      for seed in 0..<5 {
        let sampler = try Asker(name, seed: UInt64(seed))
        var study = StudyFixture(space)
        var best = Double.infinity
        for number in 0..<60 {
          let trial = try sampler.propose(number, space, study)
          let x = trial.entry("x")!.internalValue
          let n = trial.entry("n")!.internalValue
          let value = (x - 1) * (x - 1) + trial.entry("c")!.internalValue + abs(n - 7) / 4
          best = min(best, value)
          study.start(trial)
          study.finish(number, .complete, [value])
        }
        total += best
      }
      return total / 5
    }
    #expect(try best("tpe") < 0.5 * best("random"))
  }

  @Test func `hypervolume of known fronts`() {
    #expect(hypervolume([[1, 2], [2, 1]], [3, 3]) == 3)
    #expect(hypervolume([[1, 2], [2, 1], [2, 2], [1, 2]], [3, 3]) == 3)
    #expect(hypervolume([[0, 0, 0]], [1, 2, 3]) == 6)
    #expect(hypervolume([[0, 1, 1], [1, 0, 1], [1, 1, 0]], [2, 2, 2]) == 4)
    #expect(hypervolume([], [1, 1, 1]) == 0)
  }

  @Test func `ranks of domination`() {
    let losses: [[Double]] = [[0, 3], [1, 1], [3, 0], [1, 2], [2, 2], [1, 1], [4, 4]]
    #expect(dominationRanks(losses, 7) == [0, 0, 0, 1, 2, 0, 3])
    #expect(dominationRanks(losses, 1) == [0, 0, 0, 1, 1, 0, 1])
  }
}

/// A study that random things happen to.
private struct RandomStudy {
  private(set) var study: StudyFixture
  /// What was proposed and not started yet.
  var candidates: [Assignment] = []
  private let space: SearchSpace
  private var stream: RandomStream
  private var running: [Int] = []

  init(_ space: SearchSpace, seed: UInt64) {
    self.space = space
    study = StudyFixture(space)
    stream = RandomStream(seed: seed, trial: 1)
  }

  /// A trial is enqueued, starts, reports or ends.
  mutating func advance() {
    let frame = ProposalFrame(space)
    switch stream.integer(below: 10) {
    case 0:
      study.create(
        Assignment(Array(frame.assignment(frame.uniformPoint(&stream)).entries.prefix(2))))
    case 1...5 where running.count < 4:
      let trial = candidates.popLast() ?? frame.assignment(frame.uniformPoint(&stream))
      running.append(study.start(trial))
    default:
      guard !running.isEmpty else { return }
      let index = Int(stream.integer(below: UInt64(running.count)))
      end(running.remove(at: index))
    }
  }

  private mutating func end(_ number: Int) {
    let value = stream.uniform() < 0.1 ? .nan : stream.uniform()
    switch stream.integer(below: 8) {
    case 0: study.finish(number, .failed)
    case 1: study.finish(number, .failed, end: .init(outcome: .lost))
    case 2, 3:
      study.report(number, step: Int64(stream.integer(below: 3)), value)
      study.finish(number, .pruned)
    default: study.finish(number, .complete, [value])
    }
  }
}
