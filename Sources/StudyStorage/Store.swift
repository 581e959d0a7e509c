// A store: all studies of one directory, shared by any number of processes.
//
// Every change is one frame of one log. Whoever changes something takes the append lock, reads
// what the others have appended meanwhile, decides on that ground, and appends: so decisions
// (which number does this trial get, is this claim still free) are made one after the other,
// however many processes work. Bytes and reasons: schema/store-format.md.

package import StudyModel
import Synchronization

/// What a returned call promises beyond surviving the death of its process, which everything
/// does at once.
package enum Durability: String, Sendable, CaseIterable {
  /// Decisions are on disk. Reports are within a second, while the process lives.
  case standard = "default"
  /// Everything is on disk within a second, while the process lives.
  case relaxed
  /// Everything is on disk.
  case strict
}

/// How much hangs on a commit.
package enum CommitKind: Sendable {
  /// Something others rely on: a study or trial is created, claimed, ended.
  case decision
  /// One of many values.
  case report
}

/// What a decision may know beside the state of the store.
package struct CommitContext: Sendable {
  /// The identity of the frame that will hold what is decided.
  package let claim: ClaimID
  package let now: Timestamp
  /// Microseconds of the machine's boot-time clock, by which leases are measured.
  package let bootMicroseconds: UInt64
}

/// What was appended.
package struct Commit: Sendable {
  package let kind: CommitKind
  /// The frame's identity; nil when nothing happened.
  package let claim: ClaimID?
  /// Where it ends.
  package let end: LogPosition
}

/// An open store. Any number of threads may use it, and any number of processes may have it open.
package final class Store: Sendable {
  package enum Access: Equatable, Sendable {
    /// Needs no permission to write, and takes no lock.
    case reading
    /// `create`: makes the store when there is none.
    case writing(create: Bool)
  }

  package let path: String
  package let access: Access
  package let durability: Durability
  let disk: any Disk
  let format: FormatFile
  let lock: LockFile
  let rule: RecoveryRule
  let state: Mutex<StoreState>
  let syncer: Syncer

  /// Opens the store at `path`.
  ///
  /// - Parameter disk: what it lies on.
  /// - Throws: when there is none (and none is to be made), when it is not one, when it is of a
  ///   later version, when it may not be written, when other machines could not see its locks.
  package static func open(
    at path: String, for access: Access, durability: Durability = .standard,
    disk: any Disk = SystemDisk()
  ) throws(StorageError) -> Store {
    try Store(path, access, durability, disk, StoreOptions())
  }

  init(
    _ path: String, _ access: Access, _ durability: Durability, _ disk: any Disk,
    _ options: StoreOptions
  ) throws(StorageError) {
    let paths = StorePaths(directory: path)
    if access != .reading { try Self.refuseLocalLocks(path, disk) }
    if access == .writing(create: true) { try StoreCreation.createIfMissing(paths, disk) }
    let format = try Self.readFormat(paths, disk)
    let lock = try Self.openLock(paths, access, disk)
    var (state, tail) = try StoreState.load(
      disk, paths, format.identity, lock, rule: options.rule, rollBytes: options.rollBytes)
    if state.word == .damaged { state.warnings.append(.damagedLockWord(path: paths.lock)) }
    tail = try Self.settle(tail, &state)
    if case .invalid(let end) = tail {
      state.warnings.append(
        .unfinishedTail(path: state.cursor.path, from: state.cursor.offset, to: end))
    }
    self.path = path
    self.access = access
    self.durability = durability
    self.disk = disk
    self.format = format
    self.lock = lock
    self.rule = options.rule
    self.state = Mutex(state)
    syncer = Syncer(isAutomatic: options.syncsInBackground && access != .reading)
  }

  /// Damage and unfinished writes found so far. What they held is lost; the rest is there.
  package var warnings: [StoreWarning] { state.withLock { $0.warnings } }

  /// The number of this store as a writer; nil until it has written.
  package var epoch: UInt32? {
    state.withLock { state in
      state.writer.flatMap { $0.nextSequence > 0 ? $0.epoch : nil }
    }
  }

  /// Who wrote under `epoch`; nil when nobody did, or its first frame is lost.
  package func writer(epoch: UInt32) -> WriterIdentity? {
    state.withLock { $0.writers[epoch] }
  }

  /// Whether the writer still holds its liveness byte, that is, whether its process lives (on
  /// this machine, or on one that shares the locks) and has its store open. Also true when the
  /// system cannot tell: the trial of a worker that may be alive is nobody else's.
  package func isAlive(epoch: UInt32) -> Bool {
    // A descriptor cannot see locks of its own, but the one asked is never the one that locks.
    do { return try lock.isAlive(epoch: epoch) } catch { return true }
  }

  /// Everything that any process has recorded up to now. Takes no lock that others wait for.
  package func snapshot() throws(StorageError) -> Snapshot {
    try state.withLock { (state) throws(StorageError) in
      if case .closed? = state.failure { throw .closed(path: path) }
      _ = try state.catchUp()
      return state.snapshot
    }
  }

  /// Where the last log ends now. When two calls agree, nothing was appended in between. Costs
  /// two system calls.
  package func position() throws(StorageError) -> LogPosition {
    try state.withLock { (state) throws(StorageError) in
      do {
        if case .number(let number) = try lock.word(), number > state.cursor.number {
          return LogPosition(log: number, offset: 0)
        }
        return LogPosition(
          log: state.cursor.number, offset: try state.cursor.file.size().bytes)
      } catch {
        throw .wrapping(error)
      }
    }
  }

  /// Decides and records, as one step that no other process can come between.
  ///
  /// Under the append lock, and after reading what others have appended, `decide` is shown the
  /// state and answers which events shall happen. They are one frame: all are recorded, or
  /// none. It runs while every other writer waits, so it should take microseconds; it must not
  /// call this store, and must not keep the snapshot (a kept one costs the next append a copy).
  ///
  /// Returns when the frame has survived the death of this process. Whether it survives a loss
  /// of power is ``waitUntilDurable(_:)``'s to answer.
  ///
  /// - Throws: what `decide` throws, and then nothing is written; ``StorageError``.
  package func commit<Result: Sendable>(
    _ kind: CommitKind,
    _ decide: (Snapshot, CommitContext) throws -> (events: [StudyEvent], result: Result)
  ) throws -> (result: Result, commit: Commit) {
    guard access != .reading else { throw StorageError.openedForReading(path: path) }
    let (result, commit, isFull) = try state.withLock { state in
      try withAppendLock(&state) { state in
        try state.prepareToAppend()
        let claim = try state.nextClaim()
        let context = CommitContext(
          claim: claim, now: disk.now(), bootMicroseconds: disk.bootMicroseconds())
        let (events, result) = try decide(state.snapshot, context)
        guard !events.isEmpty else {
          return (result, Commit(kind: kind, claim: nil, end: state.position), false)
        }
        try state.append(
          events.map(LogRecord.event), isEssential: events.allSatisfy(\.endsSomething))
        return (
          result, Commit(kind: kind, claim: claim, end: state.position),
          state.cursor.offset >= state.rollBytes
        )
      }
    }
    if commit.claim != nil { syncer.didAppend(self, soon: isFull) }
    return (result, commit)
  }

  /// Runs `body` with the append lock of all processes held.
  func withAppendLock<Result>(
    _ state: inout StoreState, _ body: (inout StoreState) throws -> Result
  ) throws -> Result {
    guard let file = lock.file else { throw StorageError.openedForReading(path: path) }
    do {
      _ = try file.lock(byte: LockFile.appendByte, waits: true)
    } catch {
      throw StorageError.disk(error)
    }
    let outcome = Swift.Result { try body(&state) }
    do {
      try file.unlock(byte: LockFile.appendByte)
    } catch {
      // Others would wait for ever; closing the descriptor is all that is left.
      state.failure = .disk(error)
      throw StorageError.disk(error)
    }
    return try outcome.get()
  }
}

/// What only tests choose otherwise.
struct StoreOptions {
  var rollBytes: UInt64 = 64 << 20
  var rule = RecoveryRule.standard
  var syncsInBackground = true
}

extension StudyEvent {
  /// Whether it ends a trial or an attempt, which must be possible on a full disk too.
  fileprivate var endsSomething: Bool {
    switch self {
    case .attemptEnded, .trialFinished: true
    default: false
    }
  }
}
