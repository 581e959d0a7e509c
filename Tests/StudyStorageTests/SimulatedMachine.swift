// A machine whose disk fails and which loses power, all of it decided by one seed.
//
// Every file has what its readers see, what is durable, and the writes in between. A loss of
// power keeps, sector by sector, any number of those writes; the size may be that of any of
// them. Names (of new, renamed and unlinked files) are durable up to any point since the last
// sync of their directory. A sync that fails forgets what it should have written: a later one
// succeeds over the hole.

import Glibc
import StudyModel
import Synchronization

@testable import StudyStorage

/// SplitMix64: small, seeded, good enough to choose faults.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }
}

final class SimulatedMachine: Sendable {
  struct Inode: Sendable {
    var current: [UInt8] = []
    var durable: [UInt8] = []
    var writes: [(offset: Int, bytes: [UInt8])] = []
    var sizes: [Int] = []
    /// Byte → the open file that holds its lock.
    var locks: [UInt64: Int] = [:]
  }

  struct State: Sendable {
    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    /// Since the last sync of the directory; each is atomic.
    var nameChanges: [(directory: String, changes: [(path: String, inode: Int?)])] = []
    var directories: Set<String> = ["/"]
    var nextNumber = 1
    var time: Int64 = 1_700_000_000_000_000
    var random: SeededGenerator
    /// Bytes all files may have together; nil: no limit.
    var capacity: Int?
  }

  let state: Mutex<State>

  init(seed: UInt64) { state = Mutex(State(random: SeededGenerator(seed))) }

  private init(_ state: State) { self.state = Mutex(state) }

  /// The machine after its power went and came back: only what is durable, or happened to be.
  func afterPowerLoss() -> SimulatedMachine {
    var state = state.withLock { $0 }
    var kept = state.durableNames
    for directory in Set(state.nameChanges.map(\.directory)) {
      let changes = state.nameChanges.filter { $0.directory == directory }
      for change in changes.prefix(Int.random(in: 0...changes.count, using: &state.random)) {
        for (path, inode) in change.changes { kept[path] = inode }
      }
    }
    state.names = kept
    state.durableNames = kept
    state.nameChanges = []
    for number in state.inodes.keys.sorted() {
      guard var inode = state.inodes[number] else { continue }
      inode.loseCache(&state.random)
      state.inodes[number] = inode
    }
    return SimulatedMachine(state)
  }

  /// The bytes of a file as its readers see them.
  func contents(_ path: String) -> [UInt8]? {
    state.withLock { state in state.names[path].flatMap { state.inodes[$0]?.current } }
  }

  /// A file that was always there.
  func install(_ path: String, _ bytes: [UInt8]) {
    state.withLock { state in
      let number = state.nextNumber
      state.nextNumber += 1
      state.inodes[number] = Inode(current: bytes, durable: bytes)
      state.names[path] = number
      state.durableNames[path] = number
      var directory = StoreCreation.parent(of: path)
      while directory != "/" && directory != "." {
        state.directories.insert(directory)
        directory = StoreCreation.parent(of: directory)
      }
    }
  }
}

extension SimulatedMachine.Inode {
  mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    guard !bytes.isEmpty else { return }
    current.put(bytes, at: offset)
    writes.append((offset, Array(bytes)))
    sizes.append(current.count)
  }

  mutating func synchronize() {
    durable.resize(current.count)
    for write in writes {
      durable.put(write.bytes[...].prefix(max(0, current.count - write.offset)), at: write.offset)
    }
    forgetWrites()
  }

  /// Drops the locks of files that were closed.
  mutating func release(_ files: Set<Int>) {
    locks = locks.filter { !files.contains($0.value) }
  }

  mutating func forgetWrites() {
    writes = []
    sizes = []
  }

  mutating func loseCache(_ random: inout SeededGenerator) {
    let size = ([durable.count] + sizes).randomElement(using: &random) ?? durable.count
    let isAllOrNothing = random.chance(0.5)
    durable.resize(size)
    var sectors = Set<Int>()
    for write in writes {
      sectors.formUnion((write.offset / 512)...((write.offset + write.bytes.count - 1) / 512))
    }
    for sector in sectors.sorted() {
      let kept =
        isAllOrNothing
        ? (Bool.random(using: &random) ? writes.count : 0)
        : Int.random(in: 0...writes.count, using: &random)
      for write in writes.prefix(kept) {
        let from = max(write.offset, sector * 512)
        let to = min(write.offset + write.bytes.count, sector * 512 + 512, size)
        guard from < to else { continue }
        durable.put(write.bytes[(from - write.offset)..<(to - write.offset)], at: from)
      }
    }
    current = durable
    forgetWrites()
    locks = [:]
  }
}

extension [UInt8] {
  mutating func resize(_ size: Int) {
    if count > size { removeLast(count - size) }
    if count < size { self += [UInt8](repeating: 0, count: size - count) }
  }

  mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    if count < offset + bytes.count { resize(offset + bytes.count) }
    replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }
}

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
        .filter { StoreCreation.parent(of: $0) == path && $0 != "/" }
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

  func now() -> Timestamp {
    machine.state.withLock { state in
      state.time += 1000
      return Timestamp(rawValue: state.time)
    }
  }

  func bootMicroseconds() -> UInt64 { UInt64(bitPattern: now().rawValue) }
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
    nameChanges.append((StoreCreation.parent(of: changes[0].path), changes))
  }

  var usedBytes: Int { inodes.values.reduce(0) { $0 + $1.current.count } }
}

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
      let growth = withInode { max(0, Int(offset) + bytes.count - $0.current.count) }
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

  func size() throws(DiskError) -> FileSize {
    try process.enter("size", path)
    return withInode {
      FileSize(bytes: UInt64($0.current.count), allocated: UInt64($0.current.count))
    }
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
    }
  }

  func reserve(from offset: UInt64, count: UInt64) throws(DiskError) -> Bool { false }

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
