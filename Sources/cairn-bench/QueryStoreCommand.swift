// A large store to ask, and the same rows as files for the others that are asked.

import ArgumentParser
import StudyModel
import StudyStorage

struct QueryStoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query-store",
    abstract: "Write a store of one study, with a checkpoint, as `tools/bench query` asks it.",
    discussion: """
      Every trial has ten parameters: x0 to x7 and lr from 0 to 1, and opt, one of four words. It \
      reports `loss` step by step, and its value is the last one.
      """)

  @Option(help: "Where; it must not be there yet.") var store: String
  @Option(help: "How many trials.") var trials = 1_000_000
  @Option(help: "How many reports a trial makes.") var reports = 10

  private static let batch = 500
  private static let words = ["adam", "sgd", "rmsprop", "lion"]

  func run() throws {
    let store = try Store.open(at: store, for: .writing(create: true), durability: .relaxed)
    let range = Distribution.float(try FloatDomain(low: 0, high: 1))
    let word = try Distribution.choice(Self.words.map { .string($0) })
    let names = (0..<8).map { "x\($0)" } + ["lr"]
    let space = try SearchSpace(
      names.map { Parameter(name: $0, distribution: range) }
        + [Parameter(name: "opt", distribution: word)])
    let definition = StudyDefinition(space: space, sampler: ComponentChoice("random"), seed: 1)
    let study = try store.commit(.decision) { snapshot, context in
      let id = snapshot.nextStudyID
      return (
        [.studyCreated(id: id, name: "bench", definition: definition, time: context.now)], id
      )
    }.result
    var generator = Generator(state: 1)
    for first in stride(from: 0, to: trials, by: Self.batch) {
      let count = min(Self.batch, trials - first)
      var batch = generator
      _ = try store.commit(.decision) { snapshot, context in
        var events: [StudyEvent] = []
        for id in snapshot.nextTrials(count, of: study) ?? [] {
          events += trial(id, study, names, range, word, context, &batch)
        }
        return (events, ())
      }
      generator = batch
    }
    _ = try store.seal()
    try store.close()
  }

  private func trial(
    _ id: (id: TrialID, number: Int), _ study: StudyID, _ names: [String], _ range: Distribution,
    _ word: Distribution, _ context: CommitContext, _ random: inout Generator
  ) -> [StudyEvent] {
    var assignment = Assignment()
    for name in names { assignment.set(name, range, random.fraction()) }
    assignment.set("opt", word, Double(random.next() % 4))
    func time(_ step: Int) -> Timestamp {
      Timestamp(rawValue: 1_700_000_000_000_000 + Int64(id.number) * 1_000_000 + Int64(step) * 1000)
    }
    var events: [StudyEvent] = [
      .trialCreated(
        study,
        TrialCreation(
          id: id.id, number: id.number, time: time(0), assignment: assignment,
          proposer: "random")),
      .trialClaimed(
        study, trial: id.number,
        TrialClaim(
          claim: context.claim, lease: .held, host: "h", worker: "w", time: time(0))),
    ]
    let height = random.fraction()
    var value = 0.0
    for step in 0..<reports {
      value = height + (1 + random.fraction()) / Double(step + 1)
      events.append(
        .metricsReported(
          study, trial: id.number,
          MetricReport(
            claim: context.claim, step: Int64(step), entries: [.init("loss", value)],
            time: time(step))))
    }
    let state: TrialState = random.next() % 16 == 0 ? .failed : .complete
    events.append(
      .trialFinished(
        study, trial: id.number,
        TrialResult(
          claim: context.claim, state: state, values: state == .complete ? [value] : [],
          time: time(reports))))
    return events
  }
}

/// SplitMix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to 1.
  mutating func fraction() -> Double { Double(next() >> 11) / 0x1p53 }
}
