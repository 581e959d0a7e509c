// Every call of a whole life of a store, failing in turn.

import PlainText
import Glibc
import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

@Suite struct FaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let code: Int32
    let writesHalf: Bool
    var testDescription: String {
      "\(unsafe String(cString: strerror(code)))\(writesHalf ? ", half written" : "")"
    }
  }

  static let faults = [
    Fault(code: EIO, writesHalf: false), Fault(code: ENOSPC, writesHalf: false),
    Fault(code: ENOSPC, writesHalf: true), Fault(code: EDQUOT, writesHalf: false),
    Fault(code: EFBIG, writesHalf: false), Fault(code: EROFS, writesHalf: false),
  ]

  /// Creates, records, rolls, syncs and closes. Returns how many trials were acknowledged.
  private func live(_ disk: SimulatedProcess, _ finished: inout Int) throws {
    let store = try Store(
      "/s", .writing(create: true), .standard, disk,
      StoreOptions(rollBytes: 3900, syncsInBackground: false))
    let study = try store.makeStudy("s")
    for _ in 0..<4 {
      let (number, claim, _) = try store.makeTrial(study)
      try store.report(study, number, claim, step: 1, 0.5)
      try store.finish(study, number, claim, 0.5)
      finished += 1
    }
    _ = try store.synchronize()
    try store.close()
  }

  @Test(arguments: faults) func `a failing call gives a clear error and loses nothing`(
    fault: Fault
  ) throws {
    let rehearsal = SimulatedProcess(SimulatedMachine(seed: 1), number: 1)
    var ignored = 0
    try live(rehearsal, &ignored)
    let calls = rehearsal.calls
    try #require(calls > 100)

    for call in 1...calls {
      let machine = SimulatedMachine(seed: 1)
      let disk = SimulatedProcess(machine, number: 1)
      disk.plan.failure = (call, fault.code)
      disk.plan.writesHalf = fault.writesHalf
      var finished = 0
      do {
        try live(disk, &finished)
      } catch let error as StorageError {
        #expect(!error.description.isEmpty)
      }
      let what = "call \(call), \(disk.trace[call - 1])"
      disk.kill()
      let again = try TornLog.open(machine, .writing(create: true))
      for warning in again.warnings {
        switch warning {
        case .unfinishedTail, .damagedLockWord: break
        default: Issue.record("after \(what): \(warning)")
        }
      }
      let study = try again.snapshot().study(named: "s")
      #expect(study?.count(.complete) ?? 0 >= finished, "after \(what)")
      _ = try again.makeStudy("another")
    }
  }

  @Test func `a full disk refuses a report, says what it needs, and leaves nothing of it`() throws {
    let machine = SimulatedMachine(seed: 1)
    let store = try TornLog.open(machine, .writing(create: true))
    let study = try store.makeStudy("s")
    let (number, claim, _) = try store.makeTrial(study)
    let before = machine.contents(TornLog.log)
    machine.state.withLock { $0.capacity = $0.usedBytes + 20 }
    do {
      try store.report(study, number, claim, step: 1, 0.5)
      Issue.record("was accepted")
    } catch let error as StorageError {
      guard case .diskFull(let path, let bytes, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(path == TornLog.log)
      #expect(bytes == 56)
    }
    #expect(machine.contents(TornLog.log) == before)
    machine.state.withLock { $0.capacity = nil }
    try store.report(study, number, claim, step: 1, 0.5)
    #expect(try store.snapshot()[study]?.summary(of: "loss", row: 0)?.count == 1)
  }

  /// The reserve is for the ends of trials: each takes its own bytes of it and no more.
  @Test func `on a full disk trials still end, however large another's last words`() throws {
    let machine = SimulatedMachine(seed: 1)
    machine.state.withLock { $0.canReserve = true }
    let store = try TornLog.open(machine, .writing(create: true))
    let study = try store.makeStudy("s")
    let trials = try (0..<20).map { _ in try store.makeTrial(study) }
    machine.state.withLock { $0.capacity = $0.usedBytes }
    // Reports are refused at the latest when they would take of the reserve.
    #expect(throws: StorageError.self) {
      for step in 0..<10_000 {
        try store.report(study, trials[0].number, trials[0].claim, step: Int64(step), 0.5)
      }
    }
    func reserved() -> UInt64 {
      machine.state.withLock { state in
        let inode = state.inodes[state.names[TornLog.log] ?? 0] ?? .init()
        return UInt64(inode.allocated - inode.current.count)
      }
    }
    #expect(reserved() >= Log.reserveBytes)
    var random = SeededGenerator(1)
    for (number, claim, _) in trials {
      let before = reserved()
      let noise = String(
        (0..<90_000).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "x" })
      let end = AttemptEnd(outcome: .failed, lastLines: noise)
      #expect(throws: StorageError.self) {
        try store.commit(.decision) { _, context in
          let event = StudyEvent.attemptEnded(
            study, trial: number, claim: claim, end, time: context.now)
          return ([event], ())
        }
      }
      #expect(reserved() == before)
      try store.finish(study, number, claim, 0.5)
      #expect(before - reserved() < 100)
    }
    #expect(try store.snapshot()[study]?.count(.complete) == 20)
  }

  /// Costs are held by counts.
  @Test func `an append is eight calls`() throws {
    let disk = SimulatedProcess(SimulatedMachine(seed: 1), number: 1)
    let store = try Store(
      "/s", .writing(create: true), .standard, disk, StoreOptions(syncsInBackground: false))
    let study = try store.makeStudy("s")
    let (number, claim, _) = try store.makeTrial(study)
    for step in 0..<3 {
      let before = disk.calls
      try store.report(study, number, claim, step: Int64(step), 0.5)
      #expect(
        disk.trace[before...]
          == ["lock", "stat", "stat", "read", "stat", "write", "stat", "unlock"])
    }
  }

  @Test func `what decide throws passes through and nothing is written`() throws {
    struct Refusal: Error {}
    let machine = SimulatedMachine(seed: 1)
    let store = try TornLog.open(machine, .writing(create: true))
    let before = machine.contents(TornLog.log)
    #expect(throws: Refusal.self) {
      _ = try store.commit(.decision) { _, _ -> ([StudyEvent], Int) in throw Refusal() }
    }
    #expect(try store.commit(.decision) { _, _ in ([], 5) }.result == 5)
    #expect(machine.contents(TornLog.log) == before)
    #expect(store.epoch == nil)
    try store.close()
    #expect(machine.contents(TornLog.log) == before)
  }
}

@Suite struct OpeningTests {
  private func error(_ path: String, _ access: Store.Access) -> StorageError? {
    do {
      _ = try Store.open(at: path, for: access)
      return nil
    } catch { return error }
  }

  @Test func `nothing, a file, and another directory are told apart`() throws {
    let directory = try TemporaryDirectory()
    #expect(error(directory.store, .reading) == .noStore(path: directory.store))
    #expect(error(directory.store, .writing(create: false)) == .noStore(path: directory.store))
    guard case .notAStore? = error(directory.path, .reading) else {
      Issue.record("an empty directory is no store")
      return
    }
    let descriptor = unsafe creat(directory.path + "/file", 0o644)
    close(descriptor)
    for access in [Store.Access.reading, .writing(create: true)] {
      guard case .notAStore? = error(directory.path + "/file", access) else {
        Issue.record(
          "a file is no store: \(String(describing: error(directory.path + "/file", access)))")
        return
      }
    }
    guard case .notAStore(_, let reason)? = error(directory.path, .writing(create: true)) else {
      Issue.record("a directory of other things must not become a store")
      return
    }
    #expect(reason.contains("\"file\""))
  }

  @Test func `a later version is refused by name`() throws {
    let machine = SimulatedMachine(seed: 1)
    _ = try TornLog.open(machine, .writing(create: true))
    var bytes = try #require(machine.contents("/s/FORMAT"))
    bytes[12] = 9
    let checksum = xxHash64(bytes, 0..<56, seed: 0)
    for index in 0..<8 { bytes[56 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
    let later = SimulatedMachine(seed: 2)
    later.install("/s/FORMAT", bytes)
    #expect(throws: StorageError.newerFormat(path: "/s", version: 9, supported: 1)) {
      try TornLog.open(later, .reading)
    }
  }

  @Test func `features that are not known forbid reading, or only writing`() throws {
    let log = try TornLog(seed: 1)
    var header = try #require(LogHeader.read(log.bytes).header)
    header.features.incompatible = 4
    var machine = log.with(header.encoded() + log.bytes[4224...])
    #expect(throws: StorageError.self) { try TornLog.open(machine, .reading) }
    header.features = FeatureFlags(readOnlyCompatible: 2)
    machine = log.with(header.encoded() + log.bytes[4224...])
    let store = try TornLog.open(machine, .writing(create: false))
    #expect(try store.snapshot().studies.count == 1)
    #expect(
      throws: StorageError.unknownFeatures(
        path: TornLog.log, flags: 2, forWriting: true, creator: "cairn 0.1")
    ) { try store.makeStudy("t") }
    header.features = FeatureFlags(compatible: 2)
    machine = log.with(header.encoded() + log.bytes[4224...])
    _ = try TornLog.open(machine, .writing(create: false)).makeStudy("t")
  }

  @Test func `a critical record that is not known stops the reader and says where`() throws {
    let log = try TornLog(seed: 1)
    let header = try #require(LogHeader.read(log.bytes).header)
    let frame = try #require(
      FrameCodec.encode(
        payload: [0xFF, 0x07, 0],
        FramePlace(
          epoch: 1, sequence: 50, synced: 4224, seed: header.seed,
          offset: UInt64(log.bytes.count))))
    let machine = log.with(log.bytes + frame)
    #expect(
      throws: StorageError.unknownRecord(
        path: "/s", LogPosition(log: 1, offset: UInt64(log.bytes.count)), type: 511)
    ) { try TornLog.open(machine, .reading) }
  }

  @Test func `a store that may not be written can be read`() throws {
    let directory = try TemporaryDirectory()
    let writer = try Store.open(at: directory.store, for: .writing(create: true))
    _ = try writer.makeStudy("s")
    let reader = try Store.open(at: directory.store, for: .reading)
    #expect(try reader.snapshot().studies.count == 1)
    #expect(throws: StorageError.openedForReading(path: directory.store)) {
      try reader.makeStudy("t")
    }
    #expect(reader.isAlive(epoch: 1))
    _ = try writer.makeStudy("t")
    #expect(try reader.snapshot().studies.count == 2)
  }

  @Test func `a store in a directory that is not there says which`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/no/such/place/store"
    #expect(
      error(path, .writing(create: true))
        == .noDirectory(path: path, missing: directory.path + "/no"))
    #expect(error(path, .reading) == .noStore(path: path))
  }

  @Test func `a closed store says so`() throws {
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    _ = try store.makeStudy("s")
    try store.close()
    try store.close()
    #expect(throws: StorageError.closed(path: directory.store)) { try store.snapshot() }
    #expect(throws: StorageError.closed(path: directory.store)) { try store.makeStudy("t") }
    let report = try StoreCheck.run(at: directory.store)
    #expect(report.isSound)
    #expect(report.crashedWriters == 0)
    #expect(report.studies == 1)
  }
}
