// A store that is deleted, moved or replaced while it is open: an error, and nothing is
// acknowledged that is not there.

import Foundation
import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

/// What was told to be done.
private final class Acknowledged: Sendable {
  private let told = Mutex<Set<String>>([])

  var keys: Set<String> { told.withLock { $0 } }
  func add(_ key: String) { told.withLock { _ = $0.insert(key) } }
}

@Suite struct DisplacementTests {
  enum Blow: String, CaseIterable, Sendable {
    case deletesLock, replacesLock, deletesFormat, replacesFormat, deletesLog, replacesLog
    case deletesStore, movesStore, replacesStore

    /// What it does to the store at `store`.
    func strike(_ store: String) throws {
      let files = FileManager.default
      func replace(_ name: String) throws {
        try files.copyItem(atPath: "\(store)/\(name)", toPath: "\(store).copy")
        try files.removeItem(atPath: "\(store)/\(name)")
        try files.moveItem(atPath: "\(store).copy", toPath: "\(store)/\(name)")
      }
      switch self {
      case .deletesLock: try files.removeItem(atPath: store + "/LOCK")
      case .replacesLock: try replace("LOCK")
      case .deletesFormat: try files.removeItem(atPath: store + "/FORMAT")
      case .replacesFormat: try replace("FORMAT")
      case .deletesLog: try files.removeItem(atPath: store + "/log/00000001.log")
      case .replacesLog: try replace("log/00000001.log")
      case .deletesStore: try files.removeItem(atPath: store)
      case .movesStore: try files.moveItem(atPath: store, toPath: store + ".away")
      case .replacesStore:
        try files.moveItem(atPath: store, toPath: store + ".away")
        try files.copyItem(atPath: store + ".away", toPath: store)
      }
    }
  }

  @Test(arguments: Blow.allCases)
  func `the next append is an error, and so are all after it`(blow: Blow) throws {
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    let study = try store.makeStudy("s")
    try blow.strike(directory.store)
    for _ in 0..<2 {
      do {
        try store.makeTrial(study)
        Issue.record("it was acknowledged")
      } catch let error as StorageError {
        guard case .displaced = error else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }

  @Test(arguments: Blow.allCases)
  func `what was appended before is not acknowledged as durable`(blow: Blow) throws {
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    try store.makeTrial(try store.makeStudy("s"))
    try blow.strike(directory.store)
    #expect(throws: StorageError.self) { try store.synchronize() }
  }

  /// LOCK goes while one process works and another begins: whatever either was told is done must
  /// be in the store that is there then.
  @Test func `around a deleted LOCK nothing that was acknowledged is lost`() async throws {
    for round in 0..<8 {
      let directory = try TemporaryDirectory()
      let path = directory.store
      let first = try Store.open(at: path, for: .writing(create: true), durability: .relaxed)
      let study = try first.makeStudy("s")
      let acknowledged = Acknowledged()
      /// Sets attributes until it is refused, at most `count`.
      @Sendable func work(_ store: Store, _ name: String, _ count: Int) {
        for index in 0..<count {
          let key = "\(name) \(index)"
          do {
            _ = try store.commit(.decision) { _, context in
              let event = StudyEvent.studyAttributeSet(
                study, .user, key: key, value: "1", time: context.now)
              return ([event], ())
            }
          } catch {
            return
          }
          acknowledged.add(key)
        }
      }
      let old = Task { work(first, "old", 20_000) }
      while acknowledged.keys.count < 20 * round { await Task.yield() }
      try FileManager.default.removeItem(atPath: path + "/LOCK")
      let second = try Store.open(at: path, for: .writing(create: false), durability: .relaxed)
      work(second, "new", 100)
      await old.value
      work(second, "later", 10)
      let reader = try Store.open(at: path, for: .reading)
      let kept = Set(try #require(try reader.snapshot()[study]).study.userAttributes.keys)
      let lost = acknowledged.keys.subtracting(kept)
      #expect(lost.isEmpty, "round \(round): \(lost.count) of \(acknowledged.keys.count)")
      #expect(kept.contains("later 9"))
    }
  }

  @Test func `a relative path goes on meaning the same store`() throws {
    let disk = SystemDisk()
    #expect(disk.absolutePath(of: "/a/b") == "/a/b")
    let here = FileManager.default.currentDirectoryPath
    #expect(disk.absolutePath(of: "a/b") == here + "/a/b")
  }
}
