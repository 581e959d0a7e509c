import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

@Suite struct CorruptionTests {
  static let files = ["/s/FORMAT", "/s/LOCK", "/s/log/00000001.log", "/s/log/00000002.log"]

  /// A closed store of two logs.
  static func closedStore() throws -> [(path: String, bytes: [UInt8])] {
    let machine = SimulatedMachine(seed: 9)
    let store = try Store(
      "/s", .writing(create: true), .standard, SimulatedProcess(machine, number: 1),
      StoreOptions(rollBytes: 3400, syncsInBackground: false))
    let study = try store.makeStudy("s")
    try store.makeTrial(study)
    try store.close()
    return files.compactMap { path in machine.contents(path).map { (path, $0) } }
  }

  static func open(_ files: [(path: String, bytes: [UInt8])]) throws -> Store {
    let machine = SimulatedMachine(seed: 1)
    for (path, bytes) in files { machine.install(path, bytes) }
    return try Store(
      "/s", .reading, .standard, SimulatedProcess(machine, number: 2), StoreOptions())
  }

  @Test func `no flipped bit of a closed store goes undetected`() throws {
    var files = try Self.closedStore()
    try #require(files.count == 4)
    #expect(try Self.open(files).warnings == [])
    for file in files.indices {
      for byte in files[file].bytes.indices {
        // Of the zeros between the two copies of a header, one byte in 64.
        if file >= 2, (136..<4088).contains(byte), byte % 64 != 0 { continue }
        for bit in 0..<8 {
          files[file].bytes[byte] ^= 1 << UInt8(bit)
          defer { files[file].bytes[byte] ^= 1 << UInt8(bit) }
          do {
            let warnings = try Self.open(files).warnings
            if warnings.isEmpty {
              Issue.record("bit \(bit) of byte \(byte) of \(files[file].path) went undetected")
            }
          } catch is StorageError {}
        }
      }
    }
  }

  @Test func `a log whose header is spoiled in one copy is read by the other`() throws {
    for place in [40, 4096 + 40] {
      var files = try Self.closedStore()
      files[3].bytes[place] ^= 1
      let store = try Self.open(files)
      #expect(store.warnings == [.damagedHeader(path: files[3].path)])
      #expect(try store.snapshot().study(named: "s")?.trialCount == 1)
    }
  }

  @Test func `an unreadable log is passed over and the next one read`() throws {
    var files = try Self.closedStore()
    files[2].bytes[40] ^= 1
    files[2].bytes[4096 + 40] ^= 1
    let store = try Self.open(files)
    #expect(store.warnings == [.unreadableLog(path: files[2].path)])
  }

  @Test func `a missing log is reported`() throws {
    let machine = SimulatedMachine(seed: 9)
    let store = try machine.open(1) { $0.rollBytes = 3400 }
    let study = try store.makeStudy("s")
    for _ in 0..<3 { try store.makeTrial(study) }
    try store.close()
    let logs = machine.files(in: "/s/log")
    try #require(logs.count > 2)
    let files = (["/s/FORMAT", "/s/LOCK", logs[0]] + logs[2...]).compactMap { path in
      machine.contents(path).map { (path, $0) }
    }
    #expect(try Self.open(files).warnings == [.missingLogs(first: logs[1], count: 1)])
  }

  /// It may have been sealed, and then there is more than what is left.
  @Test func `without its first log and any checkpoint a store is not opened`() throws {
    var files = try Self.closedStore()
    files.remove(at: 2)
    #expect(
      throws: StorageError.unreadableHistory(path: "/s/checkpoints", first: files[2].path)
    ) { try Self.open(files) }
  }

  @Test func `a log of another store is not read`() throws {
    var files = try Self.closedStore()
    let machine = SimulatedMachine(seed: 77)
    _ = try TornLog.open(machine, .writing(create: true))
    files[2].bytes = machine.contents(files[2].path) ?? []
    #expect(try Self.open(files).warnings == [.brokenChain(path: files[2].path)])
  }
}
