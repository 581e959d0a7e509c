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
      let number = study.state.trials.nextNumber
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
    let rows = Array(0..<study.state.trials.count)
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

  @Test func `running trials push the next away`() throws {
    let space = SearchSpace(["x": .float(0, 1), "y": .float(0, 1)])
    var study = StudyFixture(space)
    let frame = ProposalFrame(space)
    var stream = RandomStream(seed: 3, trial: 0)
    for number in 0..<40 {
      let point = frame.uniformPoint(&stream)
      study.start(frame.assignment(point))
      study.finish(number, .complete, [(point[0] - 0.5) * (point[0] - 0.5)])
    }
    let before = TrialSplit(study.history, except: nil)
    let running = study.start(frame.assignment([0.5, 0.5]))
    let after = TrialSplit(study.history, except: nil)
    #expect(after.below == before.below)
    #expect(after.above == before.above + [running])
    #expect(TrialSplit(study.history, except: running) == before)
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
