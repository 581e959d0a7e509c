// Repair: whatever single thing is damaged, everything comes back; what is damaged twice is named.

import StudyModel
import Testing

@testable import StudyStorage

@Suite struct RepairTests {
  /// A compacted store, and a few trials more in its log.
  private func sealedStore(seed: UInt64) throws -> (machine: SimulatedMachine, words: [String]) {
    let machine = SimulatedMachine(seed: seed)
    let store = try machine.open(1)
    try fill(store, seed: seed, trials: 6)
    try store.compact()
    let study = try #require(try store.snapshot().study(named: "first")?.study.id)
    let (number, claim, _) = try store.makeTrial(study)
    try store.finish(study, number, claim, 0.125)
    let words = try words(store.snapshot())
    try store.close()
    return (machine, words)
  }

  private func repair(
    _ machine: SimulatedMachine, without omitted: Set<String> = []
  ) throws -> (report: RepairReport, words: [String]) {
    let disk = SimulatedProcess(machine, number: 50)
    let target = "/r\(machine.files(in: "/").count)\(disk.random())"
    let report = try StoreRepair.run(from: "/s", into: target, without: omitted, disk: disk)
    let sound = try StoreCheck.run(at: target, disk: disk)
    #expect(sound.isSound, "\(sound.findings)")
    let store = try Store.open(at: target, for: .reading, disk: disk)
    #expect(store.warnings == [])
    return (report, try words(store.snapshot()))
  }

  @Test(arguments: [0, 1])
  func `a byte of either checkpoint costs nothing`(which: Int) throws {
    let (machine, expected) = try sealedStore(seed: 1)
    let file = machine.files(in: "/s/checkpoints")[which]
    let bytes = try #require(machine.contents(file))
    var healed = 0
    for index in stride(from: which, to: bytes.count, by: 101) {
      let copy = machine.copied(seed: 9)
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      copy.install(file, changed)
      let (report, words) = try repair(copy)
      #expect(words == expected, "byte \(index)")
      #expect(!report.findings.isEmpty, "byte \(index)")
      healed += report.blocksHealed
    }
    // Whatever is wrong with the older one, the newer one is whole.
    #expect(which == 0 ? healed == 0 : healed > 20, "\(healed)")
  }

  @Test func `what is damaged in both is named, and the rest comes without it`() throws {
    let (machine, _) = try sealedStore(seed: 2)
    for file in machine.files(in: "/s/checkpoints") {
      var bytes = try #require(machine.contents(file))
      // The first study's first part comes right behind the header.
      bytes[70] ^= 4
      machine.install(file, bytes)
    }
    let error = #expect(throws: StorageError.self) { try repair(machine) }
    guard case .unrecoverable(_, "first", let trials)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(trials.lowerBound == 0)
    let (report, words) = try repair(machine, without: ["first"])
    #expect(report.studies == 1)
    #expect(
      words.contains { $0.contains("second") } && !words.contains { $0.contains("\"first\"") })
  }

  @Test func `a damaged frame costs itself, and the new store is whole`() throws {
    let machine = SimulatedMachine(seed: 3)
    let store = try machine.open(1)
    let study = try store.makeStudy("s")
    var ends: [UInt64] = []
    for _ in 0..<6 {
      try store.makeTrial(study)
      ends.append(store.readPosition.offset)
      _ = try store.synchronize()
    }
    try store.close()
    let log = "/s/log/00000001.log"
    var bytes = try #require(machine.contents(log))
    bytes[Int(ends[2]) - 20] ^= 1
    machine.install(log, bytes)
    #expect(try machine.open(2, for: .reading).snapshot()[study]?.trialCount == 5)
    let (report, _) = try repair(machine)
    #expect(report.trials == 5)
    #expect(report.findings.contains { $0.path == log && $0.isDamage })
  }

  @Test func `a record that breaks a rule stops a store, and not its repair`() throws {
    let log = try TornLog(seed: 4)
    let header = try #require(LogHeader.read(log.bytes).header)
    let frame = try #require(
      FrameCodec.encode(
        payload: [0xFF, 0x07, 0],
        FramePlace(
          epoch: 9, sequence: 0, synced: UInt64(LogHeader.blockByteCount), seed: header.seed,
          offset: UInt64(log.bytes.count))))
    let machine = log.with(log.bytes + frame)
    #expect(throws: StorageError.self) { try machine.open(2, for: .reading) }
    let (report, words) = try repair(machine)
    #expect(report.studies == 1 && !words.isEmpty)
  }

  @Test func `a lost FORMAT is made anew from the logs`() throws {
    let (machine, expected) = try sealedStore(seed: 5)
    machine.install("/s/FORMAT", [UInt8](repeating: 7, count: 64))
    #expect(throws: StorageError.self) { try machine.open(2, for: .reading) }
    #expect(try repair(machine).words == expected)
  }

  @Test func `nothing is written where something is`() throws {
    let (machine, _) = try sealedStore(seed: 6)
    machine.install("/full/file", [1])
    let disk = SimulatedProcess(machine, number: 50)
    #expect(throws: StorageError.self) {
      try StoreRepair.run(from: "/s", into: "/full", disk: disk)
    }
    #expect(throws: StorageError.self) {
      try StoreRepair.run(from: "/s", into: "/s", disk: disk)
    }
  }
}
