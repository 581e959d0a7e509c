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
    /// Up to here blocks are kept for it, whatever its size.
    var reserved = 0
    var allocated: Int { max(reserved, current.count) }
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
    /// Whether files can be given blocks beyond their end.
    var canReserve = false
    /// Processes that have ended.
    var dead: Set<Int32> = []
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

  /// The paths of the files in a directory.
  func files(in directory: String) -> [String] {
    state.withLock { state in
      state.names.keys.filter { StorePaths.parent(of: $0) == directory }.sorted()
    }
  }

  /// A second machine with the same files under the same names, as `cp -r` makes them: nobody
  /// holds a lock there.
  func copied(seed: UInt64) -> SimulatedMachine {
    let copy = SimulatedMachine(seed: seed)
    let files = state.withLock { state in
      state.names.compactMap { path, inode in state.inodes[inode].map { (path, $0.current) } }
    }
    for (path, bytes) in files { copy.install(path, bytes) }
    return copy
  }

  /// A file that was always there.
  func install(_ path: String, _ bytes: [UInt8]) {
    state.withLock { state in
      let number = state.nextNumber
      state.nextNumber += 1
      state.inodes[number] = Inode(current: bytes, durable: bytes)
      state.names[path] = number
      state.durableNames[path] = number
      var directory = StorePaths.parent(of: path)
      while directory != "/" && directory != "." {
        state.directories.insert(directory)
        directory = StorePaths.parent(of: directory)
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
