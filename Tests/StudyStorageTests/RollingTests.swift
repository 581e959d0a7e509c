import Glibc
import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

@Suite struct RollingTests {
  private func open(
    _ machine: SimulatedMachine, _ number: Int32, rollBytes: UInt64 = 5000
  ) throws -> (disk: SimulatedProcess, store: Store) {
    let disk = SimulatedProcess(machine, number: number)
    let store = try Store(
      "/s", .writing(create: true), .standard, disk,
      StoreOptions(rollBytes: rollBytes, syncsInBackground: false))
    return (disk, store)
  }

  @Test func `a full log is followed by the next, for every open store`() throws {
    let machine = SimulatedMachine(seed: 1)
    let (_, a) = try open(machine, 1)
    let (_, b) = try open(machine, 2)
    let reader = try TornLog.open(machine, .reading)
    let study = try a.makeStudy("s")
    for index in 0..<60 { try (index % 2 == 0 ? a : b).makeTrial(study) }
    #expect(try a.position().log > 2)
    for store in [a, b, reader, try TornLog.open(machine, .reading)] {
      let snapshot = try store.snapshot()
      #expect(snapshot[study]?.trialCount == 60)
      #expect(try store.position() == a.position())
      #expect(store.warnings == [])
    }
  }

  @Test func `whoever finds a roll announced and not made finishes it`() throws {
    let machine = SimulatedMachine(seed: 1)
    let (dying, a) = try open(machine, 1, rollBytes: 1 << 20)
    let (_, b) = try open(machine, 2, rollBytes: 1 << 20)
    let study = try a.makeStudy("s")
    _ = try a.synchronize()
    for _ in 0..<3 { try a.makeTrial(study) }
    try LockFile(file: dying.open("/s/LOCK", .writing), probe: nil).setWord(2)
    dying.kill()
    #expect(try b.makeTrial(study).number == 3)
    #expect(try b.position().log == 2)
    let reader = try TornLog.open(machine, .reading)
    #expect(try reader.snapshot()[study]?.trialCount == 4)
    #expect(reader.warnings == [])
  }

  /// The frames that a failed sync left in doubt stand again in the next log, and everybody,
  /// whatever he had read, goes on from there.
  @Test func `a failed sync moves what was not safe into the next log`() throws {
    var machine = SimulatedMachine(seed: 1)
    let (disk, a) = try open(machine, 1, rollBytes: 1 << 20)
    let (_, b) = try open(machine, 2, rollBytes: 1 << 20)
    let study = try a.makeStudy("s")
    _ = try a.synchronize()
    try a.makeTrial(study)
    try b.makeTrial(study)
    _ = try a.snapshot()
    let trace = disk.calls
    disk.plan.failure = (trace + 1, EIO)
    let durable = try a.synchronize()
    #expect(durable.log == 2)
    #expect(try b.makeTrial(study).number == 2)
    _ = try b.synchronize()
    #expect(try b.snapshot()[study]?.trialCount == 3)
    #expect(a.warnings == [] && b.warnings == [])

    machine = machine.afterPowerLoss()
    let after = try TornLog.open(machine, .reading)
    #expect(try after.snapshot()[study]?.trialCount == 3)
    #expect(after.warnings == [])
  }

  @Test func `when the copy fails too, the store says that it does not know`() throws {
    let machine = SimulatedMachine(seed: 1)
    let (disk, a) = try open(machine, 1, rollBytes: 1 << 20)
    let study = try a.makeStudy("s")
    _ = try a.synchronize()
    try a.makeTrial(study)
    disk.plan.syncFailureChance = 1
    #expect(throws: StorageError.self) { try a.synchronize() }
    disk.plan.syncFailureChance = 0
    do {
      try a.makeTrial(study)
      Issue.record("went on")
    } catch let error as StorageError {
      guard case .outcomeUnknown = error else {
        Issue.record("\(error)")
        return
      }
    }
    // The next one finishes what was announced.
    let (_, b) = try open(machine, 2, rollBytes: 1 << 20)
    #expect(try b.makeTrial(study).number == 1)
  }

  @Test func `reports and background syncs together roll a real log`() async throws {
    let directory = try TemporaryDirectory()
    let store = try Store(
      directory.store, .writing(create: true), .standard, SystemDisk(),
      StoreOptions(rollBytes: 20_000))
    let study = try store.makeStudy("s")
    let (number, claim, _) = try store.makeTrial(study)
    for step in 0..<2000 { try store.report(study, number, claim, step: Int64(step), 0.5) }
    try await store.waitUntilDurable(try store.finish(study, number, claim, 0.5))
    try store.close()
    let reader = try Store.open(at: directory.store, for: .reading)
    #expect(try reader.position().log > 3)
    #expect(reader.warnings == [])
    #expect(try reader.snapshot()[study]?.summary(of: "loss", row: 0)?.count == 2000)
  }
}
