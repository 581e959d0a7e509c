// Stores that pass every checksum and mean harm, or nonsense: an error or an answer, but never a
// trap, a hang, or memory beyond a small multiple of the file.

import ColumnCodecs
import Foundation
import Glibc
import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

/// A store whose bytes are made up, with right checksums.
struct ForgedStore {
  var logs: [(header: LogHeader, bytes: [UInt8])] = []
  private var sequences: [UInt32: UInt32] = [:]
  let format: FormatFile

  init() {
    format = FormatFile(
      identity: StoreIdentity(bytes: [UInt8](repeating: 7, count: 16)), created: 0)
    addLog { _ in }
  }

  /// Begins a log whose header is as `change` makes it.
  mutating func addLog(_ change: (inout LogHeader) -> Void) {
    var header = LogHeader(
      number: UInt32(logs.count + 1), store: format.identity, seed: UInt64(logs.count) + 1,
      timeBase: 0, bootID: [], creator: "forger")
    if let last = logs.last { header.previousEnd = UInt64(last.bytes.count) }
    change(&header)
    logs.append((header, header.encoded()))
  }

  /// Appends a frame of `payload` to the last log.
  mutating func add(payload: [UInt8], epoch: UInt32 = 1, sequence: UInt32? = nil) {
    guard let last = logs.indices.last else { return }
    let place = FramePlace(
      epoch: epoch, sequence: sequence ?? sequences[epoch, default: 0], synced: 0,
      seed: logs[last].header.seed, offset: UInt64(logs[last].bytes.count))
    sequences[epoch, default: 0] &+= 1
    guard let frame = FrameCodec.encode(payload: payload, place) else {
      preconditionFailure("a payload of \(payload.count) bytes")
    }
    logs[last].bytes += frame
  }

  mutating func add(_ events: [StudyEvent]) throws { add(payload: try Self.payload(events)) }

  static func payload(_ events: [StudyEvent]) throws -> [UInt8] {
    var encoder = RecordEncoder(RecordContext(timeBase: 0, epoch: 1))
    for event in events { try encoder.append(.event(event)) }
    return Array(encoder.writer.bytes[FrameHeader.byteCount...])
  }

  /// A record whose body is `body`, whatever that means.
  static func record(_ type: RecordType, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var inner = ByteWriter()
    body(&inner)
    var writer = ByteWriter()
    writer.varint(type.rawValue << 1 | 1)
    writer.blob(inner.bytes)
    return writer.bytes
  }

  func machine() -> SimulatedMachine {
    let machine = SimulatedMachine(seed: 1)
    machine.install("/s/FORMAT", format.encoded())
    for log in logs {
      machine.install(StorePaths(directory: "/s").log(log.header.number), log.bytes)
    }
    return machine
  }

  /// Opens it, goes on with it, and opens it again.
  static func useAll(_ machine: SimulatedMachine) throws -> Snapshot {
    _ = try StoreCheck.run(at: "/s", disk: SimulatedProcess(machine, number: 3))
    let store = try TornLog.open(machine, .writing(create: false))
    let id = try store.makeStudy("another")
    if try store.snapshot()[id] != nil { try store.makeTrial(id) }
    try store.close()
    return try TornLog.open(machine, .reading).snapshot()
  }
}

@Suite struct HostileStoreTests {
  @Test(arguments: [0, 1, 4223, 4225, UInt64(1) << 40, .max])
  func `a log that says the one before it ended nowhere`(previousEnd: UInt64) throws {
    var forged = ForgedStore()
    try forged.add([EventSamples.creation])
    forged.addLog { $0.previousEnd = previousEnd }
    try forged.add([EventSamples.creation])
    let snapshot = try ForgedStore.useAll(forged.machine())
    #expect(snapshot.study(named: "another") != nil)
  }

  /// The same while the store is open and has read beyond that end.
  @Test func `a log that takes back all that was read`() throws {
    var forged = ForgedStore()
    try forged.add([EventSamples.creation])
    let machine = forged.machine()
    let lock = try SimulatedProcess(machine, number: 9).open("/s/LOCK", .openingOrCreating)
    try LockFile(file: lock, probe: nil).setWord(1)
    let reader = try TornLog.open(machine, .reading)
    #expect(try reader.snapshot().studies.count == 1)
    forged.addLog { $0.previousEnd = 0 }
    machine.install("/s/log/00000002.log", forged.logs[1].bytes)
    try LockFile(file: lock, probe: nil).setWord(2)
    #expect(try TornLog.open(machine, .reading).snapshot().studies.isEmpty)
    #expect(try reader.snapshot().studies.isEmpty)
  }

  @Test func `identities that are repeated or the last there are`() throws {
    var forged = ForgedStore()
    let last = StudyID(rawValue: .max)
    let lastTrial = TrialID(rawValue: .max)
    let time = EventSamples.time
    for name in ["a", "b"] {
      try forged.add([
        .studyCreated(id: last, name: name, definition: .plain, time: time),
        .studyCreated(id: StudyID(rawValue: 1), name: name, definition: .plain, time: time),
        .trialCreated(last, TrialCreation(id: lastTrial, number: 0, time: time)),
        .trialCreated(last, TrialCreation(id: lastTrial, number: 1, time: time)),
        .trialCreated(
          last,
          TrialCreation(id: TrialID(rawValue: 1), number: maximumTrialNumber, time: time)),
      ])
    }
    let machine = forged.machine()
    let store = try TornLog.open(machine, .writing(create: false))
    let first = StudyID(rawValue: 1)
    #expect(try store.snapshot()[first]?.study.name == "a")
    // Nothing may be given an identity a second time.
    _ = try? store.makeStudy("c")
    _ = try? store.makeTrial(last)
    let after = try TornLog.open(machine, .reading).snapshot()
    #expect(after[first]?.study.name == "a")
    #expect(Set(after.studies.map(\.study.id)).count == after.studies.count)
  }

  @Test func `a trial's number that no row has`() throws {
    let sample = TrialCreation(
      id: TrialID(rawValue: 1), number: maximumTrialNumber, time: EventSamples.time)
    var forged = ForgedStore()
    try forged.add([EventSamples.creation, .trialCreated(EventSamples.study, sample)])
    let store = try TornLog.open(forged.machine(), .writing(create: false))
    #expect(throws: StorageError.self) { try store.makeTrial(EventSamples.study) }

    var beyond = ForgedStore()
    beyond.add(
      payload: ForgedStore.record(.stopRequested) {
        $0.varint(1)
        $0.byte(1)
        $0.varint(1 << 63 - 1)
        $0.signed(0)
      })
    #expect(throws: StorageError.self) { try TornLog.open(beyond.machine(), .reading) }
  }

  @Test func `the last writer's number is used`() throws {
    var forged = ForgedStore()
    forged.add(payload: try ForgedStore.payload([EventSamples.creation]), epoch: .max)
    let store = try TornLog.open(forged.machine(), .writing(create: false))
    #expect(try store.snapshot().studies.count == 1)
    #expect(throws: StorageError.self) { try store.makeStudy("t") }
  }

  @Test func `a writer's last frame is used`() throws {
    var forged = ForgedStore()
    forged.add(
      payload: try ForgedStore.payload([EventSamples.creation]), epoch: 1, sequence: .max)
    _ = try ForgedStore.useAll(forged.machine())
  }

  @Test func `the last log's number is used`() throws {
    var forged = ForgedStore()
    forged.addLog { $0.number = .max }
    let machine = forged.machine()
    let store = try Store(
      "/s", .writing(create: false), .standard, SimulatedProcess(machine, number: 1),
      StoreOptions(rollBytes: 4300, syncsInBackground: false))
    #expect(store.warnings.contains(.missingLogs(first: "/s/log/00000002.log", count: 4294967293)))
    #expect(throws: StorageError.self) {
      for index in 0..<9 { _ = try store.makeStudy("\(index)") }
    }
  }

  @Test(arguments: [3, 1000, UInt32.max])
  func `a word in LOCK that announces what cannot be`(number: UInt32) throws {
    let machine = ForgedStore().machine()
    var word = ByteWriter()
    word.fixed(number)
    word.fixed(~number)
    machine.install("/s/LOCK", word.bytes)
    let disk = SimulatedProcess(machine, number: 1)
    let store = try Store(
      "/s", .writing(create: false), .standard, disk, StoreOptions(syncsInBackground: false))
    #expect(store.warnings == [.damagedLockWord(path: "/s/LOCK")])
    _ = try store.makeStudy("s")
    #expect(disk.calls < 200)
    #expect(try store.position().log == 1)
    #expect(try TornLog.open(machine, .reading).warnings == [])
  }

  @Test func `strange names beside the logs`() throws {
    var forged = ForgedStore()
    try forged.add([EventSamples.creation])
    let machine = forged.machine()
    let names = [
      "+0000001.log", "00000000.log", "000000001.log", "0000001.log", "4294967295.log",
      "99999999.log", "99999999999999999999.log", "-0000001.log", "00000001.log.tmp", "a.log",
      ".log", "0000000１.log", "00000500.log",
    ]
    for name in names { machine.install("/s/log/" + name, [UInt8](repeating: 65, count: 99)) }
    let disk = SimulatedProcess(machine, number: 1)
    let store = try Store(
      "/s", .writing(create: false), .standard, disk, StoreOptions(syncsInBackground: false))
    #expect(
      Set(store.warnings) == [
        .strayLog(path: "/s/log/00000500.log"), .strayLog(path: "/s/log/99999999.log"),
        .strayLog(path: "/s/log/4294967295.log"),
      ])
    _ = try store.makeStudy("t")
    #expect(try store.snapshot().studies.count == 2)
    #expect(disk.calls < 200)
  }

  @Test func `directories and pipes that bear a log's name`() throws {
    let directory = try TemporaryDirectory()
    _ = try Store.open(at: directory.store, for: .writing(create: true)).makeStudy("s")
    try FileManager.default.createDirectory(
      atPath: directory.store + "/log/00000002.log", withIntermediateDirectories: false)
    let status = unsafe mkfifo(directory.store + "/log/00000003.log", 0o600)
    #expect(status == 0)
    let store = try Store.open(at: directory.store, for: .writing(create: false))
    _ = try store.makeStudy("t")
    #expect(try store.snapshot().studies.count == 2)
  }

  /// In a process of its own, whose memory is nobody else's.
  @Test func `a small frame that unpacks to much`() async {
    await #expect(processExitsWith: .success) { try HostileStoreTests().openSmallFrame() }
  }

  private func openSmallFrame() throws {
    // As LZ4 packs it: 70 KB that stand for 16 MB.
    let payload = [UInt8](repeating: 0, count: FrameHeader.maximumPayload)
    guard let block = LZ4Block.compressed(payload, 0..<payload.count) else {
      preconditionFailure("it is not compressed")
    }
    precondition(block.count < 80_000)
    var writer = ByteWriter()
    writer.zeros(FrameHeader.byteCount)
    writer.raw(block)
    var forged = ForgedStore()
    let seed = forged.logs[0].header.seed
    writer.patch(UInt32(1) | UInt32(block.count) << 8, at: 20)
    writer.patch(UInt32(1) | UInt32(payload.count) << 8, at: 24)
    writer.patch(xxHash64(writer.bytes, 8..<writer.bytes.count, seed: seed ^ 4224), at: 0)
    writer.zeros(untilMultipleOf: 8)
    forged.logs[0].bytes += writer.bytes
    let machine = forged.machine()
    let before = peakBytes()
    do {
      _ = try TornLog.open(machine, .reading)
      preconditionFailure("it was opened")
    } catch is StorageError {}
    precondition(peakBytes() - before < 8 << 20)
  }

  @Test func `what a writer packs, a reader takes`() throws {
    var forged = ForgedStore()
    let value = "\"" + String(repeating: "a", count: 8 << 20) + "\""
    try forged.add([
      EventSamples.creation,
      .studyAttributeSet(
        EventSamples.study, .user, key: "k", value: value, time: EventSamples.time),
    ])
    let snapshot = try TornLog.open(forged.machine(), .reading).snapshot()
    #expect(snapshot[EventSamples.study]?.study.userAttributes["k"] == value)
  }

  @Test func `counts beyond what is there`() throws {
    for count in [UInt64(1) << 20, 1 << 40, .max] {
      var forged = ForgedStore()
      try forged.add([EventSamples.creation])
      forged.add(
        payload: ForgedStore.record(.metricsReported) {
          $0.varint(1)
          $0.varint(0)
          $0.byte(0)
          $0.signed(0)
          $0.signed(0)
          $0.varint(count)
        })
      #expect(throws: StorageError.self) { try TornLog.open(forged.machine(), .reading) }
    }
  }

  @Test func `one parameter twice in a trial`() throws {
    let entry = Assignment.Entry(
      name: "x", distribution: .float(try FloatDomain(low: 0, high: 1)), internalValue: 0)
    var forged = ForgedStore()
    try forged.add([
      EventSamples.creation,
      .trialCreated(
        EventSamples.study,
        TrialCreation(
          id: TrialID(rawValue: 1), number: 0, time: EventSamples.time,
          assignment: Assignment([entry, entry]))),
    ])
    #expect(throws: StorageError.self) { try TornLog.open(forged.machine(), .reading) }
  }

  /// In a process of its own, whose memory is nobody else's.
  @Test func `a gigabyte of zeros is passed over in time and little memory`() async {
    await #expect(processExitsWith: .success) { try HostileStoreTests().openZeros() }
  }

  private func openZeros() throws {
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    _ = try store.makeStudy("s")
    try store.close()
    // Less under the debugger's checks; tools/crash-test takes the whole gigabyte.
    let megabytes = ProcessInfo.processInfo.environment["CAIRN_ZEROS"].flatMap { Int($0) } ?? 64
    let status = unsafe truncate(directory.store + "/log/00000001.log", Int(megabytes) << 20)
    precondition(status == 0)
    let before = peakBytes()
    let reader = try Store.open(at: directory.store, for: .reading)
    precondition(reader.warnings.count == 1)
    for _ in 0..<1000 { _ = try reader.snapshot() }  // not searched again
    precondition(peakBytes() - before < 16 << 20)
    let writer = try Store.open(at: directory.store, for: .writing(create: false))
    _ = try writer.makeStudy("t")
    let (log, count) = (try writer.position().log, try reader.snapshot().studies.count)
    precondition(log == 2 && count == 2)
  }

  /// Headers that each promise a long frame: a search that believed them all would hash for days.
  @Test func `bytes that look like many long frames`() throws {
    var forged = ForgedStore()
    try forged.add([EventSamples.creation])
    var header = ByteWriter()
    header.fixed(UInt64(1))
    header.fixed(UInt32(0))
    header.fixed(UInt32(1))
    header.fixed(UInt32(1))
    header.fixed(UInt32(1) | UInt32(2_000_000) << 8)
    header.fixed(UInt32(0) | UInt32(2_000_000) << 8)
    header.zeros(4)
    for _ in 0..<(4 << 20) / 32 { forged.logs[0].bytes += header.bytes }
    let store = try TornLog.open(forged.machine(), .reading)
    #expect(store.warnings.count == 1)
  }

  @Test func `thousands of studies that were deleted`() throws {
    let count = 2000
    var forged = ForgedStore()
    for index in 1...count {
      let id = StudyID(rawValue: UInt64(index))
      try forged.add([
        .studyCreated(
          id: id, name: "s\(index)", definition: .plain, time: EventSamples.time)
      ])
    }
    for index in 1...count {
      try forged.add([
        .studyDeleted(StudyID(rawValue: UInt64(index)), time: EventSamples.time)
      ])
    }
    let snapshot = try ForgedStore.useAll(forged.machine())
    #expect(snapshot.studies.count == 1)
    #expect(snapshot.nextStudyID.rawValue == UInt64(count) + 2)
  }

  @Test func `names that only look alike are two`() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    let a = try store.makeStudy(composed)
    let b = try store.makeStudy(decomposed)
    #expect(a != b)
    let snapshot = try store.snapshot()
    #expect(snapshot.study(named: composed)?.study.id == a)
    #expect(snapshot.study(named: decomposed)?.study.id == b)
    let (number, claim, _) = try store.makeTrial(a)
    _ = try store.commit(.report) { _, context in
      let entries = [MetricReport.Entry(composed, 1), .init(decomposed, 2)]
      let report = MetricReport(claim: claim, step: 0, entries: entries, time: context.now)
      return ([.metricsReported(a, trial: number, report)], ())
    }
    let state = try #require(try store.snapshot()[a])
    #expect(try state.summary(of: composed, row: 0)?.last.value == 1)
    #expect(try state.summary(of: decomposed, row: 0)?.last.value == 2)
  }

  /// The most memory this process ever had, in bytes.
  private func peakBytes() -> Int {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }
}

extension EventSamples {
  /// Of the study that the others speak of.
  static let creation = StudyEvent.studyCreated(
    id: study, name: "s", definition: .plain, time: time)
}
