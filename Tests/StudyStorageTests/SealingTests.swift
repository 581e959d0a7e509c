// What is sealed leaves the log, and nobody notices: not who opens the store later, not who had it
// open all the while.

import StudyModel
import Testing

@testable import StudyStorage

@Suite struct SealingTests {
  private func logs(_ machine: SimulatedMachine) -> [String] { machine.files(in: "/s/log") }

  private func checkpoints(_ machine: SimulatedMachine) -> [String] {
    machine.files(in: "/s/checkpoints")
  }

  private func secondHeader(_ machine: SimulatedMachine) throws -> LogHeader {
    let bytes = try #require(machine.contents("/s/log/00000002.log"))
    return try #require(LogHeader.read(bytes).header)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `logs of which two checkpoints have everything go, and nothing else`(
    seed: UInt64
  ) throws {
    let machine = SimulatedMachine(seed: seed)
    let store = try machine.open(1) { $0.rollBytes = 6000 }
    let idle = try machine.open(2)
    let reader = try machine.open(3, for: .reading)
    let study = try idle.makeStudy("idle")
    for round in 0..<4 {
      var random = SeededGenerator(seed + UInt64(round))
      for _ in 0..<30 {
        let (number, claim, _) = try store.makeTrial(study)
        try store.report(study, number, claim, step: 1, 0.5)
        if random.chance(0.8) { try store.finish(study, number, claim, 0.25) }
      }
      #expect(try store.seal() == .sealed)
    }
    #expect(!logs(machine).contains("/s/log/00000001.log"))
    #expect(checkpoints(machine).count == 2)
    let expected = try words(store.snapshot())
    let later = try machine.open(4)
    #expect(later.isResumed)
    // Who has slept through it all starts over from a checkpoint.
    for other in [later, reader, idle] {
      #expect(try words(other.snapshot()) == expected)
      #expect(other.warnings == [])
    }
    try idle.makeTrial(study)
    #expect(try store.snapshot()[study]?.trialCount == 121)
    #expect(idle.failure == nil)
  }

  @Test func `compacting leaves two checkpoints and an empty log`() throws {
    let machine = SimulatedMachine(seed: 1)
    let store = try machine.open(1)
    try fill(store, seed: 1)
    let idle = try machine.open(2)
    let expected = try words(store.snapshot())
    #expect(try store.compact() == .sealed)
    #expect(logs(machine) == ["/s/log/00000002.log"])
    #expect((machine.contents("/s/log/00000002.log")?.count ?? 0) < 4224 + 200)
    #expect(checkpoints(machine).count == 2)
    #expect(try words(store.snapshot()) == expected)
    #expect(try words(idle.snapshot()) == expected)
    #expect(try words(machine.open(3).snapshot()) == expected)
    try store.close()
    let report = try StoreCheck.run(at: "/s", disk: SimulatedProcess(machine, number: 5))
    #expect(report.isSound, "\(report.findings)")
    #expect(report.trials == 80)
  }

  @Test func `what is sealed is no longer in memory`() throws {
    let machine = SimulatedMachine(seed: 2)
    let store = try machine.open(1)
    try fill(store, seed: 2, trials: 60)
    let kept = try store.snapshot()
    let expected = try words(kept)
    try store.seal()
    #expect(store.cacheStatistics.misses == 0)
    #expect(try words(store.snapshot()) == expected)
    #expect(store.cacheStatistics.misses > 20)
    #expect(try words(kept) == expected)
  }

  @Test func `an older reader is told that it must not take the rest for everything`() throws {
    let machine = SimulatedMachine(seed: 3)
    let store = try machine.open(1)
    try fill(store, seed: 3, trials: 5)
    try store.compact()
    let header = try secondHeader(machine)
    #expect(header.features.incompatible == FeatureFlags.sealed)
    #expect(header.reason == .sealing)
  }

  @Test func `logs that an older version began are not taken away behind its back`() throws {
    let machine = SimulatedMachine(seed: 4)
    let store = try machine.open(1)
    try fill(store, seed: 4, trials: 5)
    _ = try store.synchronize()
    // As a version would have rolled that knows nothing of sealing.
    let first = try #require(machine.contents("/s/log/00000001.log"))
    var header = try #require(LogHeader.read(first).header)
    header.number = 2
    header.previousEnd = UInt64(first.count)
    header.reason = .full
    machine.install("/s/log/00000002.log", header.encoded())
    var word = ByteWriter()
    word.fixed(UInt32(2))
    word.fixed(~UInt32(2))
    machine.install("/s/LOCK", word.bytes)
    let second = try machine.open(2)
    for name in ["a", "b", "c"] {
      _ = try second.makeStudy(name)
      #expect(try second.seal() == .sealed)
    }
    #expect(logs(machine).count == 2)
    // The next log says what there is to know.
    try second.compact()
    #expect(logs(machine) == ["/s/log/00000003.log"])
  }

  @Test func `a store whose checkpoints are gone says so, and invents nothing`() throws {
    let machine = SimulatedMachine(seed: 5)
    let store = try machine.open(1)
    try fill(store, seed: 5, trials: 5)
    try store.compact()
    for file in checkpoints(machine) { machine.install(file, [1, 2, 3]) }
    #expect(
      throws: StorageError.unreadableHistory(
        path: "/s/checkpoints", first: "/s/log/00000002.log")
    ) { try machine.open(2) }
    let report = try StoreCheck.run(at: "/s", disk: SimulatedProcess(machine, number: 3))
    #expect(report.damages.contains { $0.path == "/s/log/00000001.log" })
    #expect(report.damages.count { $0.path.hasSuffix(".ckp") } == 2)
  }

  /// A store of so many reports that a seal is due when it is closed, and the disk it is on.
  private func dueStore() throws -> (Store, SimulatedProcess) {
    let disk = SimulatedProcess(SimulatedMachine(seed: 8), number: 1)
    var options = StoreOptions()
    options.syncsInBackground = false
    options.checkpointBytes = 1000
    let store = try Store("/s", .writing(create: true), .standard, disk, options)
    let study = try store.makeStudy("s")
    for step in 0..<100 {
      let (number, claim, _) = try store.makeTrial(study)
      try store.report(study, number, claim, step: Int64(step), 0.5)
    }
    return (store, disk)
  }

  @Test func `a seal that fails beside everything else is told of, and closes the store`() throws {
    let (store, disk) = try dueStore()
    let before = disk.trace.count
    try store.close()
    #expect(store.sealingFailure == nil)
    #expect(disk.machine.files(in: "/s/checkpoints").count == 1)
    let writing = try #require(disk.trace[before...].lastIndex(of: "write"))

    let (failing, full) = try dueStore()
    full.plan.failure = (writing + 1, 28)
    try failing.close()
    guard case .disk(let error)? = failing.sealingFailure else {
      Issue.record("no failure: \(String(describing: failing.sealingFailure))")
      return
    }
    #expect(error.code == 28)
    #expect(full.machine.files(in: "/s/checkpoints") == [])
    let later = try full.machine.open(2)
    #expect(try later.snapshot().studies.first?.trialCount == 100)
  }

  /// What a checkpoint has of a log is behind the end of that log for nobody, whatever fails.
  @Test func `a failed sync ends a log behind what checkpoints have of it`() throws {
    let machine = SimulatedMachine(seed: 6)
    let disk = SimulatedProcess(machine, number: 1)
    var options = StoreOptions()
    options.syncsInBackground = false
    let failing = try Store("/s", .writing(create: true), .standard, disk, options)
    let study = try failing.makeStudy("s")
    _ = try failing.synchronize()
    let sealer = try machine.open(2)
    try sealer.makeTrial(study)
    #expect(try sealer.seal() == .sealed)
    let sealed = try #require(
      Checkpoints(StorePaths(directory: "/s"), disk, sealer.identity).positions().first)
    try failing.makeTrial(study)
    // The next call is the sync itself.
    disk.plan.failure = (disk.calls + 1, 5)
    _ = try failing.synchronize()
    let header = try secondHeader(machine)
    #expect(header.reason == .failedSync)
    #expect(header.previousEnd >= sealed.offset)
    #expect(try machine.open(3).snapshot()[study]?.trialCount == 2)
  }
}
