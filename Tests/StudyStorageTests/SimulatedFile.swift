// A file that a simulated process has open.

import Glibc
import StudyModel
import Synchronization

@testable import StudyStorage

final class SimulatedFile: DiskFile {
  private let process: SimulatedProcess
  private let inode: Int
  private let handle: Int
  private let path: String

  init(_ process: SimulatedProcess, inode: Int, handle: Int, path: String) {
    self.process = process
    self.inode = inode
    self.handle = handle
    self.path = path
  }

  deinit {
    let (inode, handle) = (inode, handle)
    process.machine.state.withLock { state in
      state.inodes[inode]?.release([handle])
    }
  }

  private func withInode<Value: Sendable>(
    _ body: (inout SimulatedMachine.Inode) -> Value
  ) -> Value {
    process.machine.state.withLock { body(&$0.inodes[inode, default: .init()]) }
  }

  func read(at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
    try process.enter("read", path)
    return withInode { inode in
      guard offset < UInt64(inode.current.count) else { return [] }
      return Array(inode.current[Int(offset)...].prefix(count))
    }
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) -> Int {
    var room = bytes.count
    var failure: DiskError?
    switch process.judge("write", path) {
    case .fine:
      let free = process.machine.state.withLock { state in
        state.capacity.map { max(0, $0 - state.usedBytes) } ?? .max
      }
      let growth = withInode { max(0, Int(offset) + bytes.count - $0.allocated) }
      if growth > free {
        room = max(0, bytes.count - (growth - free))
        if room == 0 { failure = DiskError(code: ENOSPC, operation: "write", path: path) }
      }
    case .killed:
      room = process.machine.state.withLock { Int.random(in: 0...bytes.count, using: &$0.random) }
      failure = DiskError(code: EIO, operation: "write", path: path)
    case .fails(let error):
      let isShort = process.plan.writesHalf && !process.isDead
      room = isShort ? bytes.count / 2 : 0
      failure = isShort && room > 0 ? nil : error
    }
    withInode { $0.write(bytes.prefix(room), at: Int(offset)) }
    if let failure { throw failure }
    return room
  }

  func status() throws(DiskError) -> FileStatus {
    try process.enter("fstat", path)
    return withInode { FileStatus($0, number: inode) }
  }

  func synchronize() throws(DiskError) {
    let error = DiskError(code: EIO, operation: "fdatasync", path: path)
    let fails = process.machine.state.withLock { $0.random.chance(process.plan.syncFailureChance) }
    switch process.judge("fdatasync", path) {
    case .fine where !fails: withInode { $0.synchronize() }
    case .killed: throw error
    case .fails(let planned):
      process.process.withLock { $0.sawFailedSync = true }
      if !process.isDead { withInode { $0.forgetWrites() } }
      throw planned
    case .fine:
      process.process.withLock { $0.sawFailedSync = true }
      withInode { $0.forgetWrites() }
      throw error
    }
  }

  func truncate(to size: UInt64) throws(DiskError) {
    try process.enter("truncate", path)
    withInode { inode in
      inode.current.resize(Int(size))
      inode.sizes.append(Int(size))
      // As on a real disk: what was kept allocated behind the end goes too.
      inode.reserved = 0
    }
  }

  func reserve(from offset: UInt64, count: UInt64) throws(DiskError) -> Bool {
    guard process.machine.state.withLock({ $0.canReserve }) else { return false }
    try process.enter("fallocate", path)
    let wanted = Int(offset + count)
    let isFull = process.machine.state.withLock { state in
      let allocated = state.inodes[inode]?.allocated ?? 0
      let growth = max(0, wanted - allocated)
      if let capacity = state.capacity, state.usedBytes + growth > capacity { return true }
      state.inodes[inode]?.reserved = max(wanted, allocated)
      return false
    }
    if isFull { throw DiskError(code: ENOSPC, operation: "fallocate", path: path) }
    return true
  }

  func lock(byte: UInt64, waits: Bool) throws(DiskError) -> Bool {
    try process.enter("lock", path)
    let isTaken = withInode { inode in
      if let owner = inode.locks[byte], owner != handle { return false }
      inode.locks[byte] = handle
      return true
    }
    // One thread plays all processes: who waits would wait for ever.
    if !isTaken && waits { throw DiskError(code: EDEADLK, operation: "lock", path: path) }
    return isTaken
  }

  func unlock(byte: UInt64) throws(DiskError) {
    try process.enter("unlock", path)
    withInode { $0.locks[byte] = nil }
  }

  func isLockedElsewhere(byte: UInt64) throws(DiskError) -> Bool {
    try process.enter("probe", path)
    return withInode { inode in inode.locks[byte].map { $0 != handle } ?? false }
  }
}
