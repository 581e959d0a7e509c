// A run that is killed at any moment and resumed ends as one that was not.
//
// CAIRN_KILLS=N tries N random moments instead of the few that fit into the test run.

import Foundation
import Glibc
import StudyModel
import Testing

@Suite(.serialized) struct ResumeTests {
  static let trials = 14
  static let space = ["-p", "x=0.0..1.0", "-p", "k=1..4", "-p", "c=a,b"]
  static let steppedSpace = ["-p", "x=0.0..1.0:step=0.125", "-p", "k=1..4", "-p", "c=a,b"]

  /// Trials that report badly, once the pruner has seen enough to give them up.
  static func hopeless(_ pruner: String) -> [Int] { pruner == "curve" ? [7, 9, 11] : [4, 8, 11] }

  static func arguments(
    _ sampler: String, jobs: Int = 1, pruner: String = "median:startup=3"
  ) -> [String] {
    ["--trials", "\(trials)", "--jobs", "\(jobs)", "--sampler", sampler, "--retry", "3"]
      + ["--pruner", pruner, "--grace", "2s"]
      + (sampler == "grid" ? steppedSpace : space)
  }

  /// The study as it is when nobody kills anything.
  static func uninterrupted(
    _ sampler: String, pruner: String = "median:startup=3"
  ) throws -> [TrialOutcome] {
    let runs = try KilledRuns(arguments(sampler, pruner: pruner), hopeless: hopeless(pruner))
    #expect(try runs.runToTheEnd() == 0)
    let outcome = try runs.outcome()
    #expect(outcome.count == trials)
    #expect(outcome.filter { $0.state == .pruned }.map(\.number) == hopeless(pruner))
    #expect(outcome.count { $0.state == .complete } == trials - 3)
    return outcome
  }

  /// After which reports of which trials someone is killed: the first and the last report
  /// (when the value is known and not told yet, or the pruner's verdict is about to fall) of the
  /// first and the last trial and some between.
  static func places(in outcome: [TrialOutcome]) -> [(trial: TrialOutcome, step: Int)] {
    [0, 1, 4, 7, 8, 13].flatMap { number in
      let steps = outcome[number].series.map { Int($0.step) }
      return Set([steps.first, steps.last].compactMap(\.self)).map { (outcome[number], $0) }
    }
  }

  /// Whoever may be killed, with one sampler, and each sampler with those whose death it survives
  /// only through the store.
  static let kills: [(sampler: String, victims: String)] =
    ["tool", "tool supervisor objective", "supervisor", "objective", "tool supervisor"]
    .map { ("random", $0) }
    + ["qmc", "grid", "tpe", "gp"].flatMap {
      [($0, "tool"), ($0, "tool supervisor objective")]
    }

  @Test(arguments: kills)
  func `a run killed at chosen reports ends as an uninterrupted one`(
    sampler: String, victims: String
  ) async throws {
    let expected = try Self.uninterrupted(sampler)
    let runs = try KilledRuns(Self.arguments(sampler))
    let places = Self.places(in: expected)
    for (trial, step) in places { try runs.kill(victims, afterStep: step, ofTrial: trial.number) }
    let killed = try runs.runToTheEnd()
    if victims.contains("tool") {
      // A trial that is being pruned may be stopped before it can kill anyone.
      let certain = places.count { $0.trial.state == .complete }
      #expect(certain >= 3)
      #expect(killed >= certain && killed <= places.count)
    } else {
      #expect(killed == 0)
    }
    #expect(try runs.outcome() == expected)
    #expect(try await runs.isQuietSoon())
  }

  @Test func `the curve pruner goes on where a killed run left it`() throws {
    let expected = try Self.uninterrupted("random", pruner: "curve")
    let runs = try KilledRuns(
      Self.arguments("random", pruner: "curve"), hopeless: Self.hopeless("curve"))
    for (trial, step) in Self.places(in: expected) {
      try runs.kill("tool", afterStep: step, ofTrial: trial.number)
    }
    #expect(try runs.runToTheEnd() >= 3)
    #expect(try runs.outcome() == expected)
  }

  @Test(arguments: ["random", "qmc", "grid", "tpe", "gp"])
  func `a run killed at random moments ends as an uninterrupted one`(
    sampler: String
  ) async throws {
    let expected = try Self.uninterrupted(sampler)
    let kills =
      ProcessInfo.processInfo.environment["CAIRN_KILLS"].flatMap { Int($0) } ?? 12
    var generator = Moments(state: 42)
    var killed = 0
    while killed < kills {
      let runs = try KilledRuns(Self.arguments(sampler))
      for _ in 0..<6 {
        let process = try runs.start()
        try await Task.sleep(for: .milliseconds(Int(generator.next() % 300)))
        if generator.next() % 2 == 0 { try Self.killAll(runs.processes()) }
        Self.kill(process.processIdentifier)
        process.waitUntilExit()
        killed += 1
      }
      _ = try runs.runToTheEnd()
      #expect(try runs.outcome() == expected)
      #expect(try await runs.isQuietSoon())
    }
  }

  @Test(arguments: ["tpe", "gp"])
  func `with several jobs nothing is lost, counted twice or left running`(
    sampler: String
  ) async throws {
    var generator = Moments(state: 7)
    let runs = try KilledRuns(Self.arguments(sampler, jobs: 4), waitsForPruning: false)
    for _ in 0..<6 {
      let process = try runs.start()
      try await Task.sleep(for: .milliseconds(Int(generator.next() % 400)))
      Self.kill(process.processIdentifier)
      process.waitUntilExit()
    }
    _ = try runs.runToTheEnd()
    let state = try runs.state()
    let trials = try state.load(.all)
    #expect(state.accomplishedCount == Self.trials)
    #expect(state.openRows.isEmpty)
    #expect(Array(trials.numbers) == Array(0..<state.trialCount))
    for row in 0..<state.trialCount {
      let attempts = trials.attempts(ofRow: row)
      #expect(attempts.allSatisfy { $0.end != nil })
      // Each attempt that got to run wrote its number into the trial's one directory.
      let path = "\(runs.store)/trials/\(state.study.id.rawValue)/\(trials.numbers[row])/attempts"
      let seen = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(seen.map { Int($0) ?? 0 } == seen.map { Int($0) ?? 0 }.sorted())
      // A last attempt that was pruned by its predecessor's reports never ran.
      if trials.states[row] == .complete {
        #expect(seen.last.map(String.init) == "\(attempts.count)")
      }
    }
    #expect(try await runs.isQuietSoon())
  }

  private static func killAll(_ processes: [Int32]) { processes.forEach(kill) }

  private static func kill(_ process: Int32) {
    // It may have ended by itself.
    _ = Glibc.kill(process, SIGKILL)
  }
}

/// Moments to kill at, the same in every run of the tests (SplitMix64).
private struct Moments {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
