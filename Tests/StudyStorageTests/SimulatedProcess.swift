// A process on a simulated machine, and what goes wrong in it.

import Glibc
import Synchronization

@testable import StudyStorage

/// What goes wrong in a process, counted by its disk calls.
struct FaultPlan: Sendable {
  /// The process dies in the midst of this call.
  var killAtCall: Int?
  /// This call fails with this error.
  var failure: (call: Int, code: Int32)?
  /// Whether a failing write leaves some of its bytes behind.
  var writesHalf = false
  var syncFailureChance = 0.0
}

/// A process on the machine.
final class SimulatedProcess: Disk {
  struct State: Sendable {
    var plan = FaultPlan()
    var calls = 0
    var isDead = false
    /// A sync failed in the operation under way.
    var sawFailedSync = false
    var openFiles: [Int] = []
    /// The name of every call, in order.
    var trace: [String] = []
  }

  let machine: SimulatedMachine
  let number: Int32
  let process = Mutex(State())

  init(_ machine: SimulatedMachine, number: Int32) {
    self.machine = machine
    self.number = number
  }

  var plan: FaultPlan {
    get { process.withLock { $0.plan } }
    set { process.withLock { $0.plan = newValue } }
  }

  var isDead: Bool { process.withLock { $0.isDead } }
  var calls: Int { process.withLock { $0.calls } }
  var trace: [String] { process.withLock { $0.trace } }

  /// `kill -9`: what it wrote stays, what it locked is free.
  func kill() {
    machine.state.withLock { _ = $0.dead.insert(number) }
    let files = process.withLock { state in
      state.isDead = true
      return Set(state.openFiles)
    }
    machine.state.withLock { machine in
      for number in machine.inodes.keys {
        machine.inodes[number]?.release(files)
      }
    }
  }

  enum Verdict { case fine, killed, fails(DiskError) }

  /// Counts a call and says what becomes of it.
  func judge(_ operation: String, _ path: String) -> Verdict {
    let verdict = process.withLock { state -> Verdict in
      func error(_ code: Int32) -> DiskError {
        DiskError(code: code, operation: operation, path: path)
      }
      if state.isDead { return .fails(error(EIO)) }
      state.calls += 1
      state.trace.append(operation)
      if state.calls == state.plan.killAtCall, !state.sawFailedSync { return .killed }
      // A second fault while a failed sync is being dealt with is more than the store promises
      // to survive (schema/store-format.md, "What remains").
      if let failure = state.plan.failure, failure.call == state.calls, !state.sawFailedSync {
        return .fails(error(failure.code))
      }
      return .fine
    }
    if case .killed = verdict { kill() }
    return verdict
  }

  /// For calls that happen wholly or not at all.
  func enter(_ operation: String, _ path: String) throws(DiskError) {
    switch judge(operation, path) {
    case .fine: return
    case .killed: throw DiskError(code: EIO, operation: operation, path: path)
    case .fails(let error): throw error
    }
  }

  func makeDirectory(_ path: String) throws(DiskError) {
    try enter("mkdir", path)
    let isNew = machine.state.withLock { $0.directories.insert(path).inserted }
    if !isNew { throw DiskError(code: EEXIST, operation: "mkdir", path: path) }
  }

  func list(_ path: String) throws(DiskError) -> [String] {
    try enter("list", path)
    let names = machine.state.withLock { state -> [String]? in
      guard state.directories.contains(path) else { return nil }
      return (Array(state.names.keys) + Array(state.directories))
        .filter { StorePaths.parent(of: $0) == path && $0 != "/" }
        .map { String($0.split(separator: "/").last ?? "") }.sorted()
    }
    guard let names else { throw DiskError(code: ENOENT, operation: "list", path: path) }
    return names
  }

  func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
    try enter("open", path)
    let result = machine.state.withLock { state -> Result<(Int, Int), DiskError> in
      let known = state.names[path]
      let handle = state.nextNumber
      state.nextNumber += 1
      switch (known, mode) {
      case (let inode?, .reading), (let inode?, .writing), (let inode?, .openingOrCreating):
        return .success((inode, handle))
      case (nil, .creating), (nil, .openingOrCreating):
        let inode = state.nextNumber
        state.nextNumber += 1
        state.inodes[inode] = .init()
        state.rename([(path, inode)])
        return .success((inode, handle))
      case (nil, _): return .failure(DiskError(code: ENOENT, operation: "open", path: path))
      case (_?, .creating):
        return .failure(DiskError(code: EEXIST, operation: "open", path: path))
      }
    }
    let (inode, handle) = try result.get()
    process.withLock { $0.openFiles.append(handle) }
    return SimulatedFile(self, inode: inode, handle: handle, path: path)
  }

  func syncDirectory(_ path: String) throws(DiskError) {
    try enter("syncDirectory", path)
    machine.state.withLock { state in
      for change in state.nameChanges where change.directory == path {
        for (path, inode) in change.changes { state.durableNames[path] = inode }
      }
      state.nameChanges.removeAll { $0.directory == path }
    }
  }

  func rename(_ old: String, to new: String) throws(DiskError) {
    try enter("rename", new)
    let isThere = machine.state.withLock { state in
      guard let inode = state.names[old] else { return false }
      state.rename([(new, inode), (old, nil)])
      return true
    }
    if !isThere { throw DiskError(code: ENOENT, operation: "rename", path: old) }
  }

  func link(_ old: String, to new: String) throws(DiskError) {
    try enter("link", new)
    let code = machine.state.withLock { state -> Int32 in
      guard let inode = state.names[old] else { return ENOENT }
      if state.names[new] != nil { return EEXIST }
      state.rename([(new, inode)])
      return 0
    }
    if code != 0 { throw DiskError(code: code, operation: "link", path: new) }
  }

  func unlink(_ path: String) throws(DiskError) {
    try enter("unlink", path)
    let isThere = machine.state.withLock { state in
      guard state.names[path] != nil else { return false }
      state.rename([(path, nil)])
      return true
    }
    if !isThere { throw DiskError(code: ENOENT, operation: "unlink", path: path) }
  }

  func mount(of path: String) -> MountPoint? { nil }
  func absolutePath(of path: String) -> String { path }

  func status(of path: String) throws(DiskError) -> FileStatus {
    try enter("stat", path)
    let status = machine.state.withLock { state in
      state.names[path].flatMap { number in
        state.inodes[number].map { FileStatus($0, number: number) }
      } ?? (state.directories.contains(path) ? FileStatus(.init(), number: 0) : nil)
    }
    guard let status else { throw DiskError(code: ENOENT, operation: "stat", path: path) }
    return status
  }

  func now() -> Int64 {
    machine.state.withLock { state in
      state.time += 1000
      return state.time
    }
  }

  func bootMicroseconds() -> UInt64 { UInt64(bitPattern: now()) }
  func isRunning(_ process: ProcessSignature) -> Bool {
    machine.state.withLock { !$0.dead.contains(process.processID) }
  }
  func random() -> UInt64 { machine.state.withLock { $0.random.next() } }

  func identity() -> ProcessSignature {
    ProcessSignature(
      processID: number, startTicks: 1, host: "simulated",
      bootID: "00000000-0000-4000-8000-000000000000")
  }
}

extension SimulatedMachine.State {
  mutating func rename(_ changes: [(path: String, inode: Int?)]) {
    for (path, inode) in changes { names[path] = inode }
    nameChanges.append((StorePaths.parent(of: changes[0].path), changes))
  }

  var usedBytes: Int { inodes.values.reduce(0) { $0 + $1.allocated } }
}

extension FileStatus {
  init(_ inode: SimulatedMachine.Inode, number: Int) {
    self.init(
      identity: FileIdentity(device: 1, number: UInt64(number)),
      bytes: UInt64(inode.current.count), allocated: UInt64(inode.allocated))
  }
}
