// A real disk whose syncs are counted, and held up on command.

import Foundation
import Synchronization

@testable import StudyStorage

final class GatedDisk: Disk {
  private let disk = SystemDisk()
  private let condition = Condition()

  /// A gate with a count.
  fileprivate final class Condition: Sendable {
    private struct State {
      var syncs = 0
      var isOpen = true
      var waiting = 0
    }

    private let state = Mutex(State())

    var syncs: Int { state.withLock { $0.syncs } }
    var hasWaiters: Bool { state.withLock { $0.waiting > 0 } }

    func set(open: Bool) { state.withLock { $0.isOpen = open } }

    func pass() {
      state.withLock { state in
        state.syncs += 1
        state.waiting += 1
      }
      while !state.withLock({ $0.isOpen }) { usleep(100) }
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// How many syncs of a file's contents were begun.
  var syncs: Int { condition.syncs }

  /// From now on syncs wait.
  func close() { condition.set(open: false) }
  func open() { condition.set(open: true) }

  func waitUntilSomebodyWaits() async {
    while !condition.hasWaiters { await Task.yield() }
  }

  func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
    GatedFile(try disk.open(path, mode), condition)
  }

  func makeDirectory(_ path: String) throws(DiskError) { try disk.makeDirectory(path) }
  func list(_ path: String) throws(DiskError) -> [String] { try disk.list(path) }
  func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(path) }
  func rename(_ old: String, to new: String) throws(DiskError) { try disk.rename(old, to: new) }
  func link(_ old: String, to new: String) throws(DiskError) { try disk.link(old, to: new) }
  func unlink(_ path: String) throws(DiskError) { try disk.unlink(path) }
  func status(of path: String) throws(DiskError) -> FileStatus { try disk.status(of: path) }
  func absolutePath(of path: String) -> String { disk.absolutePath(of: path) }
  func mount(of path: String) -> MountPoint? { disk.mount(of: path) }
  func now() -> Int64 { disk.now() }
  func bootMicroseconds() -> UInt64 { disk.bootMicroseconds() }
  func random() -> UInt64 { disk.random() }
  func identity() -> ProcessSignature { disk.identity() }
  func isRunning(_ process: ProcessSignature) -> Bool { disk.isRunning(process) }
}

private final class GatedFile: DiskFile {
  private let file: any DiskFile
  private let condition: GatedDisk.Condition

  init(_ file: any DiskFile, _ condition: GatedDisk.Condition) {
    self.file = file
    self.condition = condition
  }

  func synchronize() throws(DiskError) {
    condition.pass()
    try file.synchronize()
  }

  func read(at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
    try file.read(at: offset, count: count)
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) -> Int {
    try file.write(bytes, at: offset)
  }

  func status() throws(DiskError) -> FileStatus { try file.status() }
  func truncate(to size: UInt64) throws(DiskError) { try file.truncate(to: size) }

  func reserve(from offset: UInt64, count: UInt64) throws(DiskError) -> Bool {
    try file.reserve(from: offset, count: count)
  }

  func lock(byte: UInt64, waits: Bool) throws(DiskError) -> Bool {
    try file.lock(byte: byte, waits: waits)
  }

  func unlock(byte: UInt64) throws(DiskError) { try file.unlock(byte: byte) }

  func isLockedElsewhere(byte: UInt64) throws(DiskError) -> Bool {
    try file.isLockedElsewhere(byte: byte)
  }
}
