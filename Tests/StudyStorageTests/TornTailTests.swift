// The end of a log, cut at every byte and left in every state a crash can leave it in.

import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

/// A log of which the first part is synced and the rest is not.
struct TornLog {
  static let path = "/s"
  static let log = "/s/log/00000001.log"

  let machine: SimulatedMachine
  let bytes: [UInt8]
  /// Where frames end, in order; the first is that of the study.
  let ends: [Int]
  let syncedFrames: Int

  init(seed: UInt64) throws {
    machine = SimulatedMachine(seed: seed)
    let store = try TornLog.open(machine, .writing(create: true))
    let study = try store.makeStudy("s")
    var ends = [Int(store.readPosition.offset)]
    for serial in 0..<8 {
      if serial == 4 { _ = try store.synchronize() }
      try store.record(serial, study)
      ends.append(Int(store.readPosition.offset))
    }
    self.ends = ends
    syncedFrames = 5
    bytes = machine.contents(Self.log) ?? []
  }

  static func open(
    _ machine: SimulatedMachine, _ access: Store.Access, rule: RecoveryRule = .standard
  ) throws -> Store {
    try Store(
      path, access, .standard, SimulatedProcess(machine, number: 1),
      StoreOptions(rule: rule, syncsInBackground: false))
  }

  /// The same store with other bytes in its log.
  func with(_ log: [UInt8]) -> SimulatedMachine {
    let copy = SimulatedMachine(seed: 1)
    for name in ["FORMAT", "LOCK"] {
      copy.install(Self.path + "/" + name, machine.contents(Self.path + "/" + name) ?? [])
    }
    copy.install(Self.log, log)
    return copy
  }
}

extension Store {
  fileprivate func record(_ serial: Int, _ study: StudyID) throws {
    _ = try commit(.decision) { _, context in
      (
        [
          .studyAttributeSet(
            study, .user, key: "\(serial)", value: "x", time: context.now)
        ], ()
      )
    }
  }

  fileprivate func serials() throws -> [Int] {
    try snapshot().study(named: "s")?.study.userAttributes.keys.compactMap { Int($0) }.sorted()
      ?? []
  }
}

@Suite struct TornTailTests {
  enum Remains: CaseIterable {
    case endOfFile, zeros, garbage, staleFrames, zerosThenGoodFrames
  }

  /// The log with everything from byte `cut` on as `remains` says.
  static func torn(
    _ log: TornLog, at cut: Int, _ remains: Remains, stale: TornLog,
    _ random: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = log.bytes
    let nextEnd = log.ends.first { $0 > cut } ?? bytes.count
    switch remains {
    case .endOfFile: bytes.resize(cut)
    case .zeros: for index in cut..<bytes.count { bytes[index] = 0 }
    case .garbage:
      for index in cut..<bytes.count {
        bytes[index] = UInt8.random(in: .min ... .max, using: &random)
      }
    case .staleFrames:
      for index in cut..<bytes.count { bytes[index] = stale.bytes[index] }
    case .zerosThenGoodFrames: for index in cut..<nextEnd { bytes[index] = 0 }
    }
    return bytes
  }

  /// What is wrong with how a torn log is read, if anything.
  static func complaint(
    _ log: TornLog, _ bytes: [UInt8], rule: RecoveryRule = .standard
  ) throws -> String? {
    // The frames that are still whole, up to the first that is not.
    let whole = log.ends.prefix { end in
      bytes.count >= end && bytes[4224..<end].elementsEqual(log.bytes[4224..<end])
    }
    let machine = log.with(bytes)
    let reader = try TornLog.open(machine, .reading, rule: rule)
    let expected = Array(0..<(whole.count - 1))
    let found = try reader.serials()
    if found != expected { return "read \(found), not \(expected)" }
    let hasTail = bytes.count > (whole.last ?? 0)
    if hasTail != !reader.warnings.isEmpty { return "warned of \(reader.warnings)" }
    for case .damaged in reader.warnings { return "called it damage" }

    let writer = try TornLog.open(machine, .writing(create: false), rule: rule)
    try writer.record(99, EventSamples.study)
    let log = try writer.position().log
    if log != (hasTail ? 2 : 1) { return "went on in log \(log)" }
    let after = try TornLog.open(machine, .reading, rule: rule).serials()
    if after != expected + [99] { return "then read \(after)" }
    return nil
  }

  /// Only what was never synced can be torn.
  static func complaints(rule: RecoveryRule = .standard) throws -> [String] {
    let log = try TornLog(seed: 1)
    let stale = try TornLog(seed: 2)
    var random = SeededGenerator(3)
    var complaints: [String] = []
    for cut in log.ends[log.syncedFrames - 1]..<log.bytes.count {
      for remains in Remains.allCases {
        let bytes = torn(log, at: cut, remains, stale: stale, &random)
        if let complaint = try complaint(log, bytes, rule: rule) {
          complaints.append("\(remains) from byte \(cut): \(complaint)")
        }
      }
    }
    return complaints
  }

  @Test func `a torn tail loses nothing before it and brings back nothing behind it`() throws {
    let complaints = try Self.complaints()
    #expect(complaints.isEmpty, "\(complaints.prefix(5))")
  }

  @Test func `the test above notices a rule that keeps what lies behind a gap`() throws {
    #expect(try !Self.complaints(rule: .keepingEverything).isEmpty)
  }

  /// Every synced frame but the last one spoiled in turn: reported, and the others kept.
  static func damageComplaints(rule: RecoveryRule = .standard) throws -> [String] {
    let log = try TornLog(seed: 1)
    var complaints: [String] = []
    for frame in 1..<log.syncedFrames {
      for place in [log.ends[frame - 1], log.ends[frame] - 1] {
        var bytes = log.bytes
        bytes[place] ^= 0x10
        let store = try TornLog.open(log.with(bytes), .reading, rule: rule)
        let damage = StoreWarning.damaged(
          path: TornLog.log, from: UInt64(log.ends[frame - 1]), to: UInt64(log.ends[frame]))
        if store.warnings != [damage] { complaints.append("\(frame): \(store.warnings)") }
        let found = try store.serials()
        if found != Array(0..<8).filter({ $0 != frame - 1 }) {
          complaints.append("\(frame): read \(found)")
        }
      }
    }
    return complaints
  }

  @Test func `damage in what was synced is reported and costs only itself`() throws {
    let complaints = try Self.damageComplaints()
    #expect(complaints.isEmpty, "\(complaints)")
  }

  @Test func `the test above notices a rule that takes every gap for the end`() throws {
    #expect(try !Self.damageComplaints(rule: .ignoringSynced).isEmpty)
  }

  @Test func `what is behind the synced part of a damaged log is void all the same`() throws {
    let log = try TornLog(seed: 1)
    var bytes = log.bytes
    bytes[log.ends[1] - 1] ^= 1  // synced
    bytes[log.ends[6] - 1] ^= 1  // not synced: 6 and 7 go
    let store = try TornLog.open(log.with(bytes), .reading)
    #expect(try store.serials() == [1, 2, 3, 4])
    #expect(store.warnings.count == 2)
  }
}
