// A store of every released format version, as that version wrote it. New code reads old bytes.

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
    let machine = SimulatedMachine(seed: 1)
    machine.install("/s/FORMAT", try bytes(GoldenLife.format, size: 64))
    machine.install(
      "/s/log/00000001.log", try bytes(GoldenLife.log, size: GoldenLife.logByteCount))
    let store = try TornLog.open(machine, .reading)
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
