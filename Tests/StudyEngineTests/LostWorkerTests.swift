import StudyEngine
import StudyModel
import StudyStorage
import Synchronization
import Testing

/// Workers that die or sleep, and what becomes of their trials.
@Suite struct LostWorkerTests {
  let directory: TemporaryStore
  let database: StudyDatabase

  init() throws {
    directory = try TemporaryStore()
    database = try directory.open()
  }

  @Test func `a dead worker's trial comes back under its number, with its parameters`()
    async throws
  {
    let study = try await database.makeStudy()
    let lost = try await {
      let worker = try directory.open()
      let trial = try await worker.take(study)
      try worker.report(trial, 0, 1)
      return trial
    }()
    let alive = try await database.take(study)
    #expect(alive.number == 0)
    #expect(alive.attempt == 2)
    #expect(alive.assignment == lost.assignment)
    let attempts = try database.trials(study).attempts(ofRow: 0)
    #expect(attempts.map(\.end?.outcome) == [.lost, nil])
    #expect(attempts[0].end?.reason == "its worker died")
  }

  @Test func `what a dead worker left running is ended before its trial is given away`()
    async throws
  {
    let study = try await database.makeStudy()
    _ = try await directory.open().take(study)
    let released = Mutex<[Int]>([])
    let outcome = try await database.ask(study, for: .tester) { [database] attempt, number in
      let state = try? database.trials(study).states[0]
      released.withLock { $0.append(state == .running ? number : -1) }
    }
    #expect(released.withLock { $0 } == [0])
    guard case .trial(let trial) = outcome else { throw NoTrial(outcome: outcome) }
    #expect(trial.number == 0)
  }

  @Test func `who only looks sees what is lost as who goes on will find it`() async throws {
    let study = try await database.makeStudy()
    try database.store.close()
    let living = try directory.open()
    _ = try await living.take(study)
    _ = try await directory.open().take(study)
    let reader = try Store.open(at: directory.path + "/store", for: .reading)
    let recorded = try reader.snapshot()
    let seen = try #require(reader.releasingLost(in: recorded)[study])
    let states = try seen.load(.all).states
    #expect([states[0], states[1]] == [.running, .waiting])
    #expect(seen.openTrial(1)?.lastAttempt?.end?.outcome == .lost)
    #expect(seen.study.updated == recorded[study]?.study.updated)
    #expect(try reader.snapshot()[study]?.count(.running) == 2)
    #expect(reader.isWorkedOn(seen, of: recorded))
    #expect(try await living.releaseLost(study) == [1])
    try living.store.close()
    let rest = try reader.snapshot()
    #expect(!reader.isWorkedOn(try #require(rest[study]), of: rest))
  }

  @Test func `a worker that ended in good order is no less gone`() async throws {
    let study = try await database.makeStudy()
    let worker = try directory.open()
    _ = try await worker.take(study)
    #expect(try await database.releaseLost(study) == [])
    try worker.store.close()
    #expect(try await database.releaseLost(study) == [0])
    #expect(try database.trials(study).states[0] == .waiting)
    #expect(try await database.releaseLost(study) == [])
  }

  @Test func `what a worker says that was taken for dead counts for nobody`() async throws {
    let study = try await database.makeStudy()
    // Its lease has lapsed before it says anything.
    let zombie = try await database.take(study, lease: database.lease(seconds: -1))
    let other = try directory.open()
    let heir = try await other.take(study)
    #expect(heir.number == zombie.number)
    for _ in 0..<2 {
      #expect(throws: EngineError.self) { try database.report(zombie, 0, 1) }
      await #expect(throws: EngineError.self) { try await database.tell(zombie, .complete, 1) }
      await #expect(throws: EngineError.self) {
        try await database.endAttempt(
          study, trial: 0, claim: zombie.claim, AttemptEnd(outcome: .interrupted))
      }
    }
    try await other.tell(heir, .complete, 2)
    #expect(try database.trials(study).objectiveValues(ofRow: 0) == [2])
    #expect(try database.trials(study).metric("value") == nil)
  }

  @Test func `detached claims outlive their process until their deadline`() async throws {
    let study = try await database.makeStudy()
    let (endless, long, short) = try await {
      let asker = try directory.open()
      return (
        try await asker.take(study, lease: .detached(deadline: nil)),
        try await asker.take(study, lease: asker.lease(seconds: 3600)),
        try await asker.take(study, lease: asker.lease(seconds: -1))
      )
    }()
    #expect(try await database.releaseLost(study) == [short.number])
    // Their owner tells them by number: it no longer knows the claim.
    try database.report(study, trial: endless.number, claim: nil, step: 0, [.init("value", 1)])
    try await database.tell(study, trial: endless.number, claim: nil, state: .complete)
    try await database.tell(study, trial: long.number, claim: nil, state: .failed)
    let trials = try database.trials(study)
    #expect(trials.states.map { $0 } == [.complete, .failed, .waiting])
    #expect(trials.objectiveValues(ofRow: 0) == [1])
  }

  @Test func `a trial that a living process holds is told by that process alone`() async throws {
    let study = try await database.makeStudy()
    let other = try directory.open()
    let trial = try await other.take(study)
    let refusal = "trial 0 of s is being run by tester on here\n  try: cairn stop s 0"
    await #expect {
      try await database.tell(study, trial: 0, claim: nil, state: .failed)
    } throws: { "\($0)" == refusal }
    #expect {
      try database.report(study, trial: 0, claim: nil, step: 0, [.init("value", 1)])
    } throws: { "\($0)" == refusal }
    // Its own process need not show the claim.
    try other.report(study, trial: 0, claim: nil, step: 0, [.init("value", 1)])
    try other.store.close()
    try await database.tell(study, trial: 0, claim: nil, state: .complete, values: [3])
    #expect(try database.trials(study).objectiveValues(ofRow: trial.number) == [3])
  }
}

extension StudyDatabase {
  /// A lease that lapses so many seconds from now; a negative number: that has lapsed.
  fileprivate func lease(seconds: Double) -> Lease {
    let now = store.clock
    let begun = ClockReading(
      bootMicroseconds: now.bootMicroseconds - (seconds < 0 ? 1 : 0), bootID: now.bootID,
      wall: now.wall)
    return .detached(deadline: LeaseDeadline(seconds, after: begun))
  }
}
