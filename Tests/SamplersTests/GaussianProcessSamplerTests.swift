import GaussianProcess
import Glibc
import Numerics
import PlainText
import StudyModel
import Testing

@testable import Samplers

@Suite struct `The Gaussian process sampler` {
  /// A session that is asked as the engine asks one: with what it left last.
  final class Advisor {
    private let sampler: any Sampler
    private var session: any SamplerSession
    private let beginsAnew: Bool

    init(seed: UInt64 = 3, options: [String: Double] = [:], beginsAnew: Bool = false) throws {
      sampler = try makeSampler(ComponentChoice("gp", options: options), seed: seed)
      session = sampler.session()
      self.beginsAnew = beginsAnew
    }

    func propose(
      _ study: StudyFixture, fixing fixed: Assignment = Assignment(), number: Int? = nil
    ) throws -> Proposal {
      if beginsAnew { session = sampler.session() }
      return try session.propose(
        ProposalRequest(
          number: number ?? study.state.nextNumber,
          in: ConstrainedSpace(study.state.study.definition.space), fixing: fixed,
          given: study.history, remembering: study.state.samplerMemory))
    }

    /// Asks for a trial and begins it.
    func begin(_ study: inout StudyFixture) throws -> (number: Int, assignment: Assignment) {
      let proposal = try propose(study)
      let number = study.start(
        proposal.assignment, by: proposal.proposer, memory: proposal.memory)
      return (number, proposal.assignment)
    }
  }

  static let plane = SearchSpace(["x": .float(0, 1), "y": .float(0, 1)])

  private static func number(_ assignment: Assignment, _ name: String) -> Double {
    assignment.entry(name)?.internalValue ?? .nan
  }

  @Test func `the center comes first, then other points`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(Self.plane)
    let first = try advisor.begin(&study)
    #expect(first.assignment["x"] == .float(0.5) && first.assignment["y"] == .float(0.5))
    let second = try advisor.begin(&study)
    #expect(second.assignment != first.assignment)
  }

  @Test func `a bowl's bottom is found in a few trials`() throws {
    let advisor = try Advisor()
    let space = SearchSpace([
      "a": .float(-5, 5), "b": .float(1e-4, 1, log: true), "c": .float(0, 1), "k": .int(0, 9),
    ])
    var study = StudyFixture(space)
    var best = Double.infinity
    for _ in 0..<30 {
      let (number, point) = try advisor.begin(&study)
      let terms = [
        (Self.number(point, "a") - 1.3) / 10, (log10(Self.number(point, "b")) + 2.8) / 4,
        Self.number(point, "c") - 0.77, (Self.number(point, "k") - 7) / 10,
      ]
      let loss = terms.reduce(0) { $0 + $1 * $1 }
      best = min(best, loss)
      study.finish(number, .complete, [loss])
    }
    #expect(best < 1e-3)
  }

  @Test func `what is to be large is made large`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(Self.plane, directions: [.maximize])
    var best = -Double.infinity
    for _ in 0..<20 {
      let (number, point) = try advisor.begin(&study)
      let value = -abs(Self.number(point, "x") - 0.2) - abs(Self.number(point, "y") - 0.9)
      best = max(best, value)
      study.finish(number, .complete, [value])
    }
    #expect(best > -0.05)
  }

  /// The same study by a session that goes on and by sessions that begin anew, with enqueued,
  /// failed, pruned and running trials between, and others that finish first.
  @Test(arguments: [FixtureSpace.mixed, FixtureSpace.tree, Self.plane])
  func `memory and history are all that proposals follow from`(space: SearchSpace) throws {
    func proposals(beginningAnew: Bool) throws -> [Assignment] {
      let advisor = try Advisor(options: ["startup": 5], beginsAnew: beginningAnew)
      var study = StudyFixture(space)
      var running: [Int] = []
      var all: [Assignment] = []
      for round in 0..<36 {
        if round % 7 == 3 {
          let fixed = Assignment(
            (all.last?.entries ?? []).filter { $0.name == space.parameters[0].name })
          let waiting = study.create(fixed)
          all.append(try advisor.propose(study, fixing: fixed, number: waiting).assignment)
        }
        let (number, assignment) = try advisor.begin(&study)
        all.append(assignment)
        running.append(number)
        guard running.count > 2 else { continue }
        let ended = running.remove(at: round % 3 == 0 ? 0 : 1)
        switch round % 6 {
        case 4: study.finish(ended, .failed)
        case 5:
          study.report(ended, step: 3, 2)
          study.finish(ended, .pruned)
        default: study.finish(ended, .complete, [min(badness(assignment), 50)])
        }
      }
      return all
    }
    let (on, anew) = (try proposals(beginningAnew: false), try proposals(beginningAnew: true))
    #expect(on == anew)
    #expect(Set(on).count > 30)
  }

  /// Beyond a hundred trials a factor is kept and grows, beyond a thousand it is of some of them.
  @Test(arguments: [130, 400, 1100])
  func `a long study is gone on with as it is begun anew`(count: Int) throws {
    var stream = RandomStream(seed: 8, trial: count)
    var study = StudyFixture(Self.plane)
    func value(_ x: Double, _ y: Double) -> Double { sin(5 * x) + (y - 0.4) * (y - 0.4) }
    for _ in 0..<count {
      let (x, y) = (stream.uniform(), stream.uniform())
      let point = Assignment(
        zip(Self.plane.parameters, [x, y]).map {
          .init(name: $0.name, distribution: $0.distribution, internalValue: $1)
        })
      study.finish(study.start(point), .complete, [value(x, y)])
    }
    let lasting = try Advisor()
    var fitted = Set<Int>()
    for _ in 0..<6 {
      let anew = try Advisor(beginsAnew: true).propose(study)
      let proposal = try lasting.propose(study)
      #expect(proposal == anew)
      let memory = try #require(proposal.memory.flatMap { GaussianProcessMemory($0) })
      fitted.insert(try #require(memory.fits[0]).count)
      let number = study.start(
        proposal.assignment, by: proposal.proposer, memory: proposal.memory)
      let (x, y) = (
        Self.number(proposal.assignment, "x"), Self.number(proposal.assignment, "y")
      )
      study.finish(number, .complete, [value(x, y)])
      // The lowest there is lies at x = 3π/10, y = 0.4.
      #expect(value(x, y) < -0.9)
    }
    // Fits are kept while trials are few against those they were made of.
    #expect(fitted.count == (count < 200 ? 2 : 1))
  }

  @Test func `where trials fail is learned in a few of them`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(
      SearchSpace(["lr": .float(1e-6, 1, log: true), "decay": .float(0, 1)]))
    var failures: [Int] = []
    for index in 0..<40 {
      let (number, point) = try advisor.begin(&study)
      let x = log10(Self.number(point, "lr"))
      if x > -4.5 {
        failures.append(index)
        // A value that is no number is a failure too.
        if index % 2 == 0 {
          study.finish(number, .failed)
        } else {
          study.finish(number, .complete, [.nan])
        }
      } else {
        study.finish(number, .complete, [(x + 5.2) * (x + 5.2) + Self.number(point, "decay")])
      }
    }
    // Three quarters of the space fail: 11 of these 15 by chance.
    #expect(failures.count { $0 >= 15 && $0 < 30 } <= 7, "\(failures)")
  }

  @Test func `a bound is kept when it is known`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(Self.plane, bounds: 1)
    var (broken, best) = (0, Double.infinity)
    for index in 0..<30 {
      let (number, point) = try advisor.begin(&study)
      let (x, y) = (Self.number(point, "x"), Self.number(point, "y"))
      let violation = 0.6 - x
      study.finish(number, .complete, [x + (y - 0.3) * (y - 0.3)], violations: [violation])
      if violation > 0 && index >= 10 { broken += 1 }
      if violation <= 0 { best = min(best, x + (y - 0.3) * (y - 0.3)) }
    }
    #expect(best < 0.63)
    #expect(broken <= 12)
  }

  @Test func `running trials keep the next one away`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(Self.plane)
    for _ in 0..<8 {
      let (number, point) = try advisor.begin(&study)
      let (x, y) = (Self.number(point, "x"), Self.number(point, "y"))
      study.finish(number, .complete, [sin(9 * x) + cos(7 * y + x)])
    }
    let batch = try (0..<6).map { _ in try advisor.begin(&study).assignment }
    var distances: [Double] = []
    for (index, one) in batch.enumerated() {
      for other in batch[..<index] {
        distances.append(
          hypot(
            Self.number(one, "x") - Self.number(other, "x"),
            Self.number(one, "y") - Self.number(other, "y")))
      }
    }
    #expect(distances.allSatisfy { $0 > 1e-4 }, "\(distances)")
    #expect(distances.reduce(0, +) / Double(distances.count) > 0.1, "\(distances)")
  }

  @Test(
    arguments: [
      { _ in 1 }, { _ in 1e300 }, { $0 % 2 == 0 ? 1e300 : -1e300 },
      { Double($0) * .leastNonzeroMagnitude },
      { Double($0 / 8) }, { $0 == 0 ? 1 : .infinity }, { $0 == 3 ? -.infinity : Double($0) },
      { _ in .nan },
    ] as [@Sendable (Int) -> Double])
  func `any values will do`(value: @Sendable (Int) -> Double) throws {
    for space in [Self.plane, FixtureSpace.tree] {
      let advisor = try Advisor()
      var study = StudyFixture(space)
      for index in 0..<20 {
        let (number, _) = try advisor.begin(&study)
        study.finish(number, .complete, [value(index)])
      }
    }
  }

  @Test func `the same trial many times over will do`() throws {
    let advisor = try Advisor()
    var study = StudyFixture(Self.plane)
    let point = Assignment(
      Self.plane.parameters.map {
        .init(name: $0.name, distribution: $0.distribution, internalValue: 0.25)
      })
    for index in 0..<25 { study.finish(study.start(point), .complete, [Double(index % 2)]) }
    let proposal = try advisor.propose(study)
    #expect(abs(Self.number(proposal.assignment, "x") - 0.25) > 0.1)
    let memory = try #require(proposal.memory.flatMap { GaussianProcessMemory($0) })
    #expect(memory.prediction != nil)
  }

  @Test func `several objectives are refused, and it is said what else there is`() throws {
    let study = StudyFixture(Self.plane, directions: [.minimize, .maximize])
    let error = #expect(throws: SamplerError.self) { try Advisor().propose(study) }
    #expect(
      error?.description
        == "gp cannot search this space: the study has 2 objectives\n  try: --sampler tpe")
  }

  // MARK: - What is remembered

  private static func memory() throws -> GaussianProcessMemory {
    let advisor = try Advisor()
    var study = StudyFixture(FixtureSpace.mixed)
    for index in 0..<20 {
      let (number, point) = try advisor.begin(&study)
      study.finish(
        number, index % 5 == 4 ? .failed : .complete, index % 5 == 4 ? [] : [badness(point)])
    }
    return try #require(study.state.samplerMemory.flatMap { GaussianProcessMemory($0) })
  }

  @Test func `memory says what was learned and expected, in the objective's unit`() throws {
    let memory = try Self.memory()
    #expect(memory.coreName == LinearAlgebra.coreName)
    #expect(memory.fits.count == 2)
    let fit = try #require(memory.fits[0])
    #expect(fit.hyperparameters.logLengthscales.count == 7)
    #expect(fit.count == 19)
    let prediction = try #require(memory.prediction)
    let up = prediction.interval(.minimize)
    #expect(up.low <= up.median && up.median <= up.high)
    let down = prediction.interval(.maximize)
    #expect(down.median == -up.median && down.low == -up.high)
    #expect(GaussianProcessMemory(memory.recorded) == memory)
  }

  @Test func `damaged memory is nothing remembered, and never ends the process`() throws {
    let recorded = try Self.memory().recorded
    for length in 0..<recorded.bytes.count {
      let short = SamplerMemory(
        sampler: recorded.sampler, bytes: Array(recorded.bytes[..<length]))
      if let memory = GaussianProcessMemory(short) { #expect(memory.prediction == nil) }
    }
    #expect(GaussianProcessMemory(SamplerMemory(sampler: "tpe", bytes: recorded.bytes)) == nil)
    var stream = RandomStream(seed: 1, trial: 0)
    var study = StudyFixture(FixtureSpace.mixed)
    for _ in 0..<12 {
      let point = try Asker("random", seed: 1).propose(
        study.state.nextNumber, FixtureSpace.mixed, study)
      study.finish(study.start(point), .complete, [badness(point)])
    }
    let session = try makeSampler(ComponentChoice("gp"), seed: 1)
    for round in 0..<60 {
      var bytes = recorded.bytes
      for _ in 0...(round % 4) {
        bytes[Int(stream.integer(below: UInt64(bytes.count)))] = UInt8(stream.integer(below: 256))
      }
      let damaged = SamplerMemory(sampler: recorded.sampler, bytes: bytes)
      guard let memory = GaussianProcessMemory(damaged), round % 6 == 0 else { continue }
      #expect(memory.fits.allSatisfy { $0?.hyperparameters.isSane ?? true })
      var fresh = session.session()
      _ = try fresh.propose(
        ProposalRequest(
          number: 12, in: ConstrainedSpace(FixtureSpace.mixed), given: study.history,
          remembering: damaged))
    }
  }

  // MARK: - Encoding

  @Test(arguments: [FixtureSpace.mixed, `Every sampler`.spaces[10], `Every sampler`.spaces[8]])
  func `every member's number stands for it`(space: SearchSpace) {
    for parameter in space.parameters {
      let axis = EncodedAxis(parameter.distribution)
      var last = -Double.infinity
      for step in 0...200 {
        let value = parameter.distribution.internalValue(
          atQuantile: min(Double(step) / 200, 1 - 0x1p-53))
        let number = axis.encode(value)
        #expect(number >= last, "\(parameter.name) \(value)")
        last = number
        if !axis.isCategory { #expect(number >= 0 && number <= 1) }
        let back = axis.decode(number)
        #expect(
          axis.count == nil ? abs(back - value) <= 1e-9 * max(1, abs(value)) : back == value)
      }
      for other in axis.alternatives(to: last) {
        #expect(axis.decode(other) != axis.decode(last))
        #expect(parameter.distribution.contains(axis.decode(other)))
      }
    }
  }
}
