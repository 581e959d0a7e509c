import Glibc
import Numerics
import StudyModel
import Testing

@testable import Samplers

@Suite struct `Tree-structured Parzen estimators` {
  @Test func `a table that grew is the table made at once`() {
    var study = StudyFixture(FixtureSpace.tree)
    var grown = ObservationTable(FixtureSpace.tree.parameters)
    var stream = RandomStream(seed: 1, trial: 0)
    let frame = ProposalFrame(FixtureSpace.tree)
    for number in 0..<120 {
      study.start(frame.assignment(frame.uniformPoint(&stream)))
      if number % 3 == 0 { grown.update(study.history) }
    }
    grown.update(study.history)
    var fresh = ObservationTable(FixtureSpace.tree.parameters)
    fresh.update(study.history)
    #expect(grown.order == fresh.order)
    for (a, b) in zip(grown.coordinates, fresh.coordinates) {
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
    }
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
    var table = ObservationTable(space.parameters)
    table.update(study.history)
    let rows = Array(0..<study.state.trialCount)
    let estimator = ParzenEstimator(
      table.domains, observations: table.coordinates.map { column in rows.map { column[$0] } })
    let frame = ProposalFrame(space)
    var stream = RandomStream(seed: 2, trial: 0)
    let points = (0..<20).map { _ in frame.uniformPoint(&stream) }
    let fast = ParzenDensity(estimator).logDensities(at: points)
    for (point, density) in zip(points, fast) {
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
    let estimator = ParzenEstimator(
      narrow.map { KernelDomain($0) },
      observations: [[-9.6, 0.5, 10, 1e4, -0.2, 3], [40, 2, -7, -900, 4, 6]])
    let points: [[Double]] = [[0, 1], [0.3, 2], [1, 4]]
    for (point, density) in zip(points, ParzenDensity(estimator).logDensities(at: points)) {
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
    let estimator = ParzenEstimator(
      [KernelDomain(domain)], observations: [[0, Glibc.log(6.0), Glibc.log(3.0)]])
    let density = ParzenDensity(estimator).logDensities(at: (1...6).map { [Double($0)] })
    #expect(abs(density.reduce(0) { $0 + Glibc.exp($1) } - 1) < 1e-13)
  }

  @Test(arguments: [
    Distribution.wholeNormal(5, 2), .int(16, 512, log: true, step: 16),
    .float(0.01, 0.5, log: true, step: 0.01), .ordered("a", "b", "c", "d"),
  ])
  func `the mass over any countable domain is one`(domain: Distribution) throws {
    let kernels = KernelDomain(domain)
    let members = (0..<domain.cardinality!).map { domain.member(at: $0) }
    let estimator = ParzenEstimator(
      [kernels], observations: [[members[0], members[2], members[3]].map(kernels.coordinate)])
    let density = ParzenDensity(estimator).logDensities(at: members.map { [$0] })
    #expect(abs(density.reduce(0) { $0 + Glibc.exp($1) } - 1) < 1e-9)
  }

  @Test func `where there is a normal prior, it is the prior's kernel`() {
    let domain = KernelDomain(.normal(3, 2))
    let estimator = ParzenEstimator([domain], observations: [[]])
    let x = [3.0, 4, 7.5]
    for (value, density) in zip(x, ParzenDensity(estimator).logDensities(at: x.map { [$0] })) {
      #expect(abs(density - (logNormalDensity((value - 3) / 2) - Glibc.log(2.0))) < 1e-8)
    }
    // Kernels are no wider than it, however far out the bounds are.
    let one = ParzenEstimator([domain], observations: [[4]])
    #expect(one.deviations == [[2, 2]] && one.centers == [[4, 3]])
  }

  @Test func `neighbours in an order are alike`() {
    func density(_ distribution: Distribution) -> [Double] {
      let estimator = ParzenEstimator(
        [KernelDomain(distribution)], observations: [[4, 4, 5, 5]])
      return ParzenDensity(estimator).logDensities(at: (0..<8).map { [Double($0)] })
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
    let before = TrialSplit(study.history, except: nil)
    let own = study.start(ProposalFrame(space).assignment([0.5]))
    #expect(TrialSplit(study.history, except: nil).above == before.above + [own])
    #expect(TrialSplit(study.history, except: own) == before)
  }

  @Test func `failed trials are bad, lost ones nothing`() {
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
    let split = TrialSplit(study.history, except: nil)
    #expect(split.failed == [3, 4, 5, 6])
    #expect(split.below == [0])
    #expect(split.above == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11])
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
