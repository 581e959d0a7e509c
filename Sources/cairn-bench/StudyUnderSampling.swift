// A study in memory whose sampler and pruner are timed.

import Glibc
import Samplers
import StudyModel

/// Minimizes a shifted sphere with a ripple over floats.
struct StudyUnderSampling {
  private var record: StudyRecord
  private let space: ConstrainedSpace
  private let sampler: ComponentChoice
  private let id = StudyID(rawValue: 1)
  private let now = Timestamp(rawValue: 0)

  init(parameters: Int, sampler: ComponentChoice) {
    let parameters = (0..<parameters).map { index in
      Parameter(
        name: "x\(index)",
        distribution: index % 2 == 0 ? Self.float(-5, 5) : Self.float(1e-5, 1, isLogarithmic: true))
    }
    guard let space = try? SearchSpace(parameters) else { fatalError("names repeat") }
    self.space = ConstrainedSpace(space)
    self.sampler = sampler
    record = StudyRecord(
      id: id, name: "bench",
      definition: StudyDefinition(
        objectives: [Objective(name: "value", direction: .minimize)], space: space, seed: 1),
      time: now)
  }

  private static func float(
    _ low: Double, _ high: Double, isLogarithmic: Bool = false
  ) -> Distribution {
    guard let domain = try? FloatDomain(low: low, high: high, isLogarithmic: isLogarithmic) else {
      fatalError("no domain")
    }
    return .float(domain)
  }

  private func badness(_ assignment: Assignment) -> Double {
    assignment.entries.enumerated().reduce(0) { sum, entry in
      let x =
        entry.offset % 2 == 0 ? entry.element.internalValue : log10(entry.element.internalValue)
      let z = x - 0.7 * sin(Double(entry.offset))
      return sum + z * z + 0.3 * (1 - cos(6 * z))
    }
  }

  /// Starts a trial; returns its row.
  private mutating func start(_ proposal: Proposal) -> Int {
    let number = record.nextNumber
    apply(
      .trialCreated(
        id,
        TrialCreation(
          id: TrialID(rawValue: UInt64(number) + 1), number: number, time: now,
          assignment: proposal.assignment, proposer: proposal.proposer,
          memory: proposal.memory)))
    apply(.trialClaimed(id, trial: number, claim(number)))
    return number
  }

  private func claim(_ number: Int) -> TrialClaim {
    TrialClaim(
      claim: ClaimID(epoch: 1, sequence: UInt32(number)), lease: .held, host: "h", worker: "w",
      time: now)
  }

  private mutating func report(_ number: Int, _ step: Int64, _ value: Double) {
    apply(
      .metricsReported(
        id, trial: number,
        MetricReport(
          claim: claim(number).claim, step: step, entries: [.init("value", value)], time: now)))
  }

  private mutating func finish(_ number: Int, _ value: Double) {
    apply(
      .trialFinished(
        id, trial: number,
        TrialResult(
          claim: claim(number).claim, state: .complete, values: [value], violations: [], end: nil,
          time: now)))
  }

  private mutating func apply(_ event: StudyEvent) {
    guard record.apply(event) else { fatalError("an event that does not fit: \(event)") }
  }

  /// What `maker`'s sampler is asked with for the next trial.
  private func request(_ maker: any Sampler) throws -> ProposalRequest {
    ProposalRequest(
      number: record.nextNumber, in: space, given: History(record),
      remembering: record.samplerMemory)
  }

  /// Adds finished trials until there are `count`.
  mutating func grow(to count: Int, by choice: ComponentChoice, reportsPerTrial: Int = 0) throws {
    let maker = try makeSampler(choice, seed: 1)
    var session = maker.session()
    while record.trialCount < count {
      let proposal = try session.propose(try request(maker))
      let number = start(proposal)
      let value = badness(proposal.assignment)
      for step in 0..<reportsPerTrial {
        report(number, Int64(step), value * (1 + 1 / Double(step + 1)))
      }
      finish(number, value)
    }
  }

  /// CPU seconds of each of `count` suggestions, between which one trial finishes.
  mutating func suggestionTimes(_ count: Int) throws -> [Double] {
    let maker = try makeSampler(sampler, seed: 2)
    var session = maker.session()
    var times: [Double] = []
    for index in 0...count {
      let before = cpuSeconds()
      let proposal = try session.propose(try request(maker))
      // The first begins anew.
      if index > 0 { times.append(cpuSeconds() - before) }
      finish(start(proposal), badness(proposal.assignment))
    }
    return times
  }

  /// CPU seconds of `count` judgements, at each of ten reports of trials that finish one after
  /// the other.
  mutating func judgementTimes(_ choice: ComponentChoice, _ count: Int) throws -> [Double] {
    let maker = try makePruner(choice, objectives: record.study.definition.objectives)
    var session = maker.session()
    var times: [Double] = []
    // The first trial's judgements read the history.
    while times.count < count + 10 {
      let number = start(Proposal(Assignment(), by: sampler.name))
      for step in 0..<10 {
        report(number, Int64(step), Double(number % 7) / Double(step + 1))
        let before = cpuSeconds()
        _ = try session.judge(
          JudgementRequest(
            row: number, at: Int64(step), given: History(record)))
        times.append(cpuSeconds() - before)
      }
      finish(number, Double(number % 7))
    }
    return Array(times.dropFirst(10))
  }
}

/// Of this process, to a microsecond.
private func cpuSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
