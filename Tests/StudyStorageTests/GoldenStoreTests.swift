// A store of every released format version, as that version wrote it. New code reads old bytes.

import Foundation
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct GoldenStoreTests {
  /// Every sample event, one frame each, by a writer on a simulated machine.
  static func write() throws -> SimulatedMachine {
    let machine = SimulatedMachine(seed: 2026)
    let store = try TornLog.open(machine, .writing(create: true))
    for event in try EventSamples.all {
      _ = try store.commit(.decision) { _, _ in ([event], ()) }
    }
    try store.close()
    return machine
  }

  @Test func `version 1 is read as it was written`() throws {
    let machine = SimulatedMachine(seed: 1)
    machine.install("/s/FORMAT", try bytes(GoldenStore.format, size: 64))
    machine.install(
      "/s/log/00000001.log", try bytes(GoldenStore.log, size: GoldenStore.logByteCount))
    let store = try TornLog.open(machine, .reading)
    #expect(store.warnings == [])

    let paths = StorePaths(directory: "/s")
    let file = try SimulatedProcess(machine, number: 1).open(paths.log(1), .reading)
    let block = try file.read(at: 0, count: LogHeader.blockByteCount)
    let header = try #require(LogHeader.read(block).header)
    var cursor = LogCursor(
      number: 1, file: file, path: paths.log(1), header: header,
      identity: try file.status().identity, isReadable: true, offset: 4224)
    let replay = Replay(path: "/s")
    var records: [LogRecord] = []
    _ = try cursor.advance { frame throws(StorageError) in
      records += try replay.records(of: frame)
    }
    guard case .hello(let writer)? = records.first else {
      Issue.record("no hello")
      return
    }
    #expect(writer.process.processID == 1 && writer.process.host == "simulated")
    #expect(records.last == .close)
    // By their text, in which a NaN equals itself.
    let events = records.dropFirst().dropLast().map { "\($0)" }
    let expected = try EventSamples.all.map { "\(LogRecord.event($0))" }
    #expect(events.count == expected.count)
    for (event, expected) in zip(events, expected) { #expect(event == expected) }
  }

  /// Its events speak of studies and trials that are not there, but for a study that is made and
  /// deleted again.
  @Test func `version 1 comes to what it came to`() throws {
    let machine = SimulatedMachine(seed: 1)
    machine.install("/s/FORMAT", try bytes(GoldenStore.format, size: 64))
    machine.install(
      "/s/log/00000001.log", try bytes(GoldenStore.log, size: GoldenStore.logByteCount))
    let snapshot = try TornLog.open(machine, .reading).snapshot()
    #expect(snapshot[EventSamples.study] == nil)
    #expect(snapshot.study(named: "digits") == nil)
    #expect(snapshot.nextStudyID > EventSamples.study)
  }

  /// A life as a released version recorded it, every event of which takes effect.
  @Test func `a life of version 1 is read as it was`() throws {
    let store = try life().open(1, for: .reading)
    #expect(store.warnings == [])
    let state = try #require(try store.snapshot().study(named: "life"))
    let trials = try state.load(.all)
    #expect(state.study.definition.targetTrials == 3)
    #expect(state.study.definition.space["opt"]?.distribution.cardinality == 2)
    #expect(trials.rows.count == 3)
    #expect(trials.states.map { $0 } == [.complete, .failed, .running])
    #expect(trials.objectiveValues(ofRow: 0) == [0.25])
    #expect(try trials.metric("loss")?.series(ofRow: 0).map(\.value) == [0.5, 0.25])
    #expect(try trials.metric("loss")?.series(ofRow: 0).map(\.step) == [1, 2])
    let last = try #require(trials.lastAttempt(ofRow: 2))
    guard case .detached(let deadline?) = last.lease else {
      Issue.record("no lease")
      return
    }
    #expect(deadline.bootID.isEmpty)
    #expect(deadline.wall > last.started)
  }

  private func life() throws -> SimulatedMachine {
    let machine = SimulatedMachine(seed: 1)
    machine.install("/s/FORMAT", try bytes(GoldenLife.format, size: 64))
    machine.install(
      "/s/log/00000001.log", try bytes(GoldenLife.log, size: GoldenLife.logByteCount))
    return machine
  }

  @Test func `a life of version 1 can be sealed, and stays what it was`() throws {
    let machine = try life()
    let store = try machine.open(1)
    let expected = try words(store.snapshot())
    try store.compact()
    try store.close()
    // The new LOCK had a log begun, which is gone as well.
    #expect(machine.files(in: "/s/log").count == 1)
    #expect(machine.contents("/s/log/00000001.log") == nil)
    let sealed = try machine.open(2)
    #expect(try words(sealed.snapshot()) == expected)
    // CAIRN_PRINT_GOLDEN=1 writes the files down for GoldenSealed.
    if ProcessInfo.processInfo.environment["CAIRN_PRINT_GOLDEN"] != nil {
      for directory in ["/s", "/s/log", "/s/checkpoints"] {
        for path in machine.files(in: directory) {
          print(path, machine.contents(path)?.count ?? 0)
          print(Self.lines(machine.contents(path) ?? []))
        }
      }
    }
  }

  @Test func `a sealed life is read as it was`() throws {
    let machine = SimulatedMachine(seed: 3)
    for file in GoldenSealed.files {
      machine.install(file.path, try bytes(file.lines, size: file.byteCount))
    }
    let disk = SimulatedProcess(machine, number: 7)
    let report = try StoreCheck.run(at: "/s", disk: disk)
    #expect(report.isSound, "\(report.findings)")
    let sealed = try machine.open(2, for: .reading)
    #expect(sealed.isResumed && sealed.warnings == [])
    #expect(try words(sealed.snapshot()) == words(life().open(1, for: .reading).snapshot()))
  }

  /// The bytes as ``bytes(_:size:)`` reads them.
  private static func lines(_ bytes: [UInt8]) -> String {
    var lines: [String] = []
    var wasSkipped = true
    for start in stride(from: 0, to: bytes.count, by: 32) {
      let row = bytes[start..<min(start + 32, bytes.count)]
      guard row.contains(where: { $0 != 0 }) else {
        wasSkipped = true
        continue
      }
      let digits = row.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      lines.append(wasSkipped ? "\(start):\(digits)" : digits)
      wasSkipped = false
    }
    return lines.joined(separator: "\n")
  }

  /// `OFFSET:HEX` lines; what lies between is zero.
  private func bytes(_ text: String, size: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var offset = 0
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":")
      if parts.count == 2 { offset = try #require(Int(parts[0])) }
      let digits = try #require(parts.last).compactMap(\.hexDigitValue)
      for index in stride(from: 0, to: digits.count, by: 2) {
        bytes[offset] = UInt8(digits[index] << 4 | digits[index + 1])
        offset += 1
      }
    }
    return bytes
  }
}
