// `check` names every damage by file, place and what was there.

import Foundation
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct StoreCheckTests {
  private func check(_ files: [(path: String, bytes: [UInt8])]) throws -> StoreReport {
    let machine = SimulatedMachine(seed: 1)
    for (path, bytes) in files { machine.install(path, bytes) }
    return try StoreCheck.run(at: "/s", disk: SimulatedProcess(machine, number: 2))
  }

  @Test func `a sound store is sound, and every file is named`() throws {
    let report = try check(try CorruptionTests.closedStore())
    #expect(report.isSound)
    #expect(report.findings == [])
    #expect(report.files.map(\.path) == CorruptionTests.files)
    #expect(report.files.map(\.frames) == [nil, nil, 1, 1])
    #expect(report.studies == 1)
    #expect(report.trials == 1)
    #expect(report.crashedWriters == 0)
  }

  @Test func `every flipped bit is found in its file`() throws {
    var files = try CorruptionTests.closedStore()
    for file in files.indices {
      let size = files[file].bytes.count
      for byte in files[file].bytes.indices {
        if file >= 2, (136..<4088).contains(byte), byte % 64 != 0 { continue }
        let bit = UInt8(byte % 8)
        files[file].bytes[byte] ^= 1 << bit
        defer { files[file].bytes[byte] ^= 1 << bit }
        do {
          let report = try check(files)
          let finding = report.findings.first { finding in
            finding.path == files[file].path
              && (finding.bytes ?? 0..<UInt64(size)).contains(UInt64(byte))
          }
          #expect(finding != nil, "byte \(byte) of \(files[file].path): \(report.findings)")
          // The last log's end may as well be a write that was never finished.
          #expect(!report.isSound || file == 3, "byte \(byte) of \(files[file].path)")
        } catch let error as StorageError {
          guard case .newerFormat = error else { throw error }
        }
      }
    }
  }

  @Test func `says what a damaged frame held`() throws {
    let log = try TornLog(seed: 1)
    var bytes = log.bytes
    bytes[log.ends[2] - 9] ^= 1
    let report = try StoreCheck.run(
      at: "/s", disk: SimulatedProcess(log.with(bytes), number: 2))
    let damage = try #require(report.damages.first)
    #expect(damage.path == TornLog.log)
    #expect(damage.bytes == UInt64(log.ends[1])..<UInt64(log.ends[2]))
    #expect(damage.held == "frame 2 of writer 1: study attribute (study 1)")
  }

  @Test func `names a payload that cannot be read, and reads on`() throws {
    var forged = ForgedStore()
    forged.add(payload: ForgedStore.record(.studyDeleted) { _ in })
    try forged.add([EventSamples.creation])
    let report = try StoreCheck.run(
      at: "/s", disk: SimulatedProcess(forged.machine(), number: 2))
    let damage = try #require(report.damages.first)
    #expect(damage.fact.hasPrefix("passes its checksum and cannot be read"))
    #expect(damage.bytes == 4224..<4256)
    #expect(report.studies == 1)
  }

  @Test func `a lost FORMAT, a lost log and an unfinished write are told apart`() throws {
    var files = try CorruptionTests.closedStore()
    files[3].bytes += [1, 2, 3]
    var report = try check(files)
    #expect(report.isSound)
    #expect(report.findings.map(\.fact) == ["ends in an unfinished write"])
    files.remove(at: 2)
    report = try check(files)
    #expect(report.damages.first?.fact == "is missing")
    #expect(report.damages.first?.path == "/s/log/00000001.log")
    files.remove(at: 0)
    report = try check(files)
    #expect(report.damages.map(\.path).contains("/s/FORMAT"))
  }

  @Test func `no store is an error and not a damaged store`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: StorageError.noStore(path: directory.store)) {
      try StoreCheck.run(at: directory.store)
    }
    #expect(throws: StorageError.self) { try StoreCheck.run(at: directory.path) }
  }
}

extension StoreReport {
  var damages: [Finding] { findings.filter { $0.isDamage } }
}
