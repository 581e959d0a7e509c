// A store: all studies of one directory, shared by any number of processes.
//
// Every change is one frame of one log. Whoever changes something takes the append lock, reads
// what the others have appended meanwhile, decides on that ground, and appends: so decisions
// (which number does this trial get, is this claim still free) are made one after the other,
// however many processes work. Bytes and reasons: schema/store-format.md.

import Glibc
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
  /// Who of the writers lives, which the store itself must not be asked meanwhile.
  package let liveness: Liveness
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

  /// From the root.
  package let path: String
  package let access: Access
  package let durability: Durability
  private let disk: any Disk
  private let format: FormatFile
  private let lock: LockFile
  private let state: Mutex<State>
  private let syncer: Syncer
  private let cache: ColumnCache
  private let checkpoints: Checkpoints
  private let checkpointer: Checkpointer

  private struct State: Sendable {
    var log: Log
    var replay: Replay
  }

  // MARK: Opening

  /// Little beside what a machine has, and enough for some columns of a million trials.
  package static let usualCacheBytes = 64 << 20

  /// Opens the store at `path`.
  ///
  /// - Parameters:
  ///   - disk: what it lies on.
  ///   - cacheBytes: how much is kept, about, of what was decoded.
  /// - Throws: when there is none (and none is to be made), when it is not one, when it is of a
  ///   later version, when it may not be written, when other machines could not see its locks.
  package static func open(
    at path: String, for access: Access, durability: Durability = .standard,
    disk: any Disk = SystemDisk(), cacheBytes: Int = Store.usualCacheBytes
  ) throws(StorageError) -> Store {
    var options = StoreOptions()
    options.cacheBytes = cacheBytes
    return try Store(path, access, durability, disk, options)
  }

  init(
    _ path: String, _ access: Access, _ durability: Durability, _ disk: any Disk,
    _ options: StoreOptions
  ) throws(StorageError) {
    // Whoever opened it may go to another directory.
    let paths = StorePaths(directory: disk.absolutePath(of: path))
    if access != .reading { try StoreFiles.refuseLocalLocks(paths.directory, disk) }
    if access == .writing(create: true) { try StoreCreation.createIfMissing(paths, disk) }
    let (format, formatName) = try StoreFiles.format(paths, disk)
    let (lock, lockName) = try StoreFiles.lock(paths, access, disk)
    let cache = ColumnCache(limit: options.cacheBytes)
    let checkpoints = Checkpoints(paths, disk, format.identity, cache)
    let place = LogPlace(
      files: LogFiles(disk: disk, paths: paths), store: format.identity, lock: lock,
      lockName: lockName, formatName: formatName, rule: options.rule,
      rollBytes: options.rollBytes, checkpoints: checkpoints)
    var replay = Replay(path: paths.directory, options.usesCheckpoints ? checkpoints : nil)
    var (log, tail) = try Log.open(place, &replay)
    try log.settle(tail, &replay)
    self.checkpoints = checkpoints
    self.path = paths.directory
    self.access = access
    self.durability = durability
    self.disk = disk
    self.format = format
    self.lock = lock
    state = Mutex(State(log: log, replay: replay))
    self.cache = cache
    checkpointer = Checkpointer(
      options.usesCheckpoints ? options.checkpointBytes : nil, size: replay.baseBytes)
    syncer = Syncer(isAutomatic: options.syncsInBackground && access != .reading)
  }

  // MARK: What it is

  /// Which store this is, wherever it was moved.
  package var identity: StoreIdentity { format.identity }

  /// What the clocks say by which leases are measured.
  package var clock: ClockReading {
    ClockReading(
      bootMicroseconds: disk.bootMicroseconds(), bootID: disk.identity().bootID,
      wall: Timestamp(rawValue: disk.now()))
  }

  /// Damage and unfinished writes found so far. What they held is lost; the rest is there.
  package var warnings: [StoreWarning] { state.withLock { $0.log.warnings } }

  /// The number of this store as a writer; nil until it has written.
  package var epoch: UInt32? {
    state.withLock { state in
      state.log.writer.flatMap { $0.nextSequence > 0 ? $0.epoch : nil }
    }
  }

  /// Who writes under `epoch`; nil when nobody does, when it said that it ended, when it was
  /// found dead, or when its first frame is lost.
  package func writer(epoch: UInt32) -> WriterIdentity? {
    state.withLock { $0.replay.writers[epoch] }
  }

  /// Whether the writer of `epoch` lives and has its store open, here or on a machine that shares
  /// the locks. Also true when the system cannot tell: the trial of a worker that may be alive
  /// is nobody else's. Costs a system call for the living, some more for the dead. Within a
  /// commit, ask ``CommitContext/liveness``.
  package func isAlive(epoch: UInt32) -> Bool {
    liveness(state.withLock { $0.replay.writers }).isAlive(epoch: epoch)
  }

  /// The epochs of those who live and have the store open to write, having written already.
  package var livingWriters: [UInt32] {
    let writers = state.withLock { $0.replay.writers }
    let liveness = liveness(writers)
    return writers.epochs.filter { liveness.isAlive(epoch: $0) }
  }

  private func liveness(_ writers: WriterTable) -> Liveness {
    Liveness(lock: lock, disk: disk, store: identity, writers: writers)
  }

  // MARK: Reading

  /// Everything that any process has recorded up to now. Takes no lock that others wait for.
  package func snapshot() throws(StorageError) -> Snapshot {
    try state.withLock { (state) throws(StorageError) in
      if case .closed? = state.log.failure { throw .closed(path: path) }
      _ = try state.log.catchUp(&state.replay)
      state.replay.forgetDeadWriters(liveness)
      return state.replay.snapshot
    }
  }

  /// Where the last log ends now. When two calls agree, nothing was appended in between. Costs
  /// two system calls.
  package func position() throws(StorageError) -> LogPosition {
    try state.withLock { (state) throws(StorageError) in
      try onDisk { () throws(DiskError) in
        if case .number(let number) = try lock.word(), number > state.log.cursor.number {
          return LogPosition(log: number, offset: 0)
        }
        return LogPosition(
          log: state.log.cursor.number, offset: try state.log.cursor.file.status().bytes)
      }
    }
  }

  /// Whether it was opened from a checkpoint, and has not had to read the log from its beginning.
  var isResumed: Bool { state.withLock { $0.log.isResumed } }

  /// How many bytes of frames it has read and written.
  var bytesPassed: UInt64 { state.withLock { $0.log.bytesPassed } }

  /// What became of the columns of checkpoints that it was asked for.
  var cacheStatistics: ColumnCache.Statistics { cache.statistics }

  /// How far it has read.
  var readPosition: LogPosition { state.withLock { $0.log.position } }

  // MARK: Writing

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
      state.replay.forgetDeadWriters(liveness)
      return try state.log.whileAlone(&state.replay) { log, replay in
        let frame = try log.nextFrame()
        let context = CommitContext(
          claim: ClaimID(epoch: frame.epoch, sequence: frame.sequence),
          now: Timestamp(rawValue: disk.now()), liveness: liveness(replay.writers))
        let (events, result) = try decide(replay.snapshot, context)
        guard !events.isEmpty else {
          return (result, Commit(kind: kind, claim: nil, end: log.position), false)
        }
        try record(
          events.map(LogRecord.event), as: frame,
          isEssential: events.allSatisfy(\.endsSomething), &log, &replay)
        return (
          result, Commit(kind: kind, claim: context.claim, end: log.position), log.isFull
        )
      }
    }
    if commit.claim != nil { syncer.didAppend(self, soon: isFull) }
    return (result, commit)
  }

  /// Appends `records` as one frame and applies them. A writer's first frame introduces it.
  private func record(
    _ records: [LogRecord], as frame: FrameIdentity, isEssential: Bool, _ log: inout Log,
    _ replay: inout Replay
  ) throws {
    var records = records
    if frame.sequence == 0 {
      let writer = WriterIdentity(
        process: disk.identity(), time: Timestamp(rawValue: disk.now()))
      records.insert(.hello(writer), at: 0)
    }
    try log.append(frame, isEssential: isEssential) { timeBase in
      var encoder = RecordEncoder(RecordContext(timeBase: timeBase, epoch: frame.epoch))
      do throws(ByteError) {
        for record in records { try encoder.append(record) }
      } catch {
        throw StorageError.unrecordable(path: path, reason: "\(error)")
      }
      return encoder.writer
    }
    if frame.sequence == 0 { OwnWriters.add(identity, frame.epoch) }
    replay.apply(records, of: frame)
  }

  // MARK: Keeping promises

  /// Returns when `commit` survives a loss of power, or at once where the store's mode does not
  /// promise that of its kind.
  ///
  /// - Throws: ``StorageError/outcomeUnknown(path:_:)`` when the disk failed to keep it and it
  ///   could not be written elsewhere either.
  package func waitUntilDurable(_ commit: Commit) async throws(StorageError) {
    guard commit.claim != nil, promises(commit.kind) else { return }
    try await waitUntilDurable(commit.end)
  }

  /// Returns when everything before `position` survives a loss of power, whoever wrote it.
  package func waitUntilDurable(_ position: LogPosition) async throws(StorageError) {
    do { try await syncer.wait(for: position, in: self) } catch { throw .wrapping(error) }
  }

  private func promises(_ kind: CommitKind) -> Bool {
    switch durability {
    case .standard: kind == .decision
    case .relaxed: false
    case .strict: true
    }
  }

  /// Syncs what is appended up to now, on the calling thread.
  ///
  /// - Returns: the position up to which everything is on disk.
  package func synchronize() throws(StorageError) -> LogPosition {
    do { return try synchronize(rolling: false) } catch { throw .wrapping(error) }
  }

  /// - Parameter rolling: whether to begin the next log when this one is full. Most of it is
  ///   then on disk already, and the lock is held for a short second sync only.
  func synchronize(rolling: Bool) throws -> LogPosition {
    while true {
      let cursor = try state.withLock { state in
        if let failure = state.log.failure { throw failure }
        return state.log.cursor
      }
      let end = cursor.position
      if cursor.synced >= cursor.offset && !rolling { return end }
      do {
        try synchronizeNames(of: cursor)
        try cursor.file.synchronize()
      } catch {
        if access == .reading { throw StorageError.disk(error) }
        try escape(from: cursor.number, after: error)
        continue
      }
      // Only now: had another process seen a sync fail before ours began, it would have said so
      // before publishing anything, and ours may have succeeded over a hole.
      if try isPassed(cursor) {
        try follow()
        continue
      }
      do throws(StorageError) {
        try verifyNames(of: cursor)
      } catch {
        // A log loses its name when it is sealed, which the word says before.
        guard case .displaced = error else { throw error }
        if try isPassed(cursor) { continue }
        state.withLock { $0.log.failure = error }
        throw error
      }
      try state.withLock { state in
        if let failure = state.log.failure { throw failure }
        state.log.didSynchronize(end)
        if rolling, state.log.isFull {
          try state.log.whileAlone(&state.replay) { (log, _) in
            if log.isFull { try log.roll(.full) }
          }
        }
      }
      return end
    }
  }

  /// A log whose frames nobody has synced yet may have been made by a process that died before
  /// it synced the directory.
  private func synchronizeNames(of cursor: LogCursor) throws(DiskError) {
    guard cursor.synced <= UInt64(LogHeader.blockByteCount), access != .reading else { return }
    try disk.syncDirectory(StorePaths(directory: path).logs)
    guard cursor.number == 1 else { return }
    try disk.syncDirectory(path)
    try disk.syncDirectory(StorePaths.parent(of: path))
  }

  /// Whether the log goes on behind that of `cursor`.
  private func isPassed(_ cursor: LogCursor) throws(StorageError) -> Bool {
    guard case .number(let number) = try onDisk({ () throws(DiskError) in try lock.word() })
    else { return false }
    return number > cursor.number
  }

  /// What is on disk is promised to nobody when nobody can find it there.
  private func verifyNames(of cursor: LogCursor) throws(StorageError) {
    guard access != .reading else { return }
    try state.withLock { (state) throws(StorageError) in try state.log.verifyNames() }
    _ = try FileName(path: cursor.path, identity: cursor.identity).verify(disk)
  }

  /// After a failed sync: the kernel counts the lost pages as clean, so nothing that is in the
  /// log and was not known to be on disk can be trusted to get there.
  private func escape(from number: UInt32, after error: DiskError) throws {
    try state.withLock { state in
      state.log.failedSync = (number, error)
      do {
        try state.log.whileAlone(&state.replay) { (log, _) in
          // Another process may have been first, or a torn tail that had to be passed over.
          if log.cursor.number == number { try log.rollCopying(after: error) }
        }
      } catch {
        // Nothing that this store has not acknowledged yet may be acknowledged later.
        if state.log.failure == nil {
          state.log.failure = .outcomeUnknown(path: path, error.diskError)
        }
        throw StorageError.outcomeUnknown(path: path, error.diskError)
      }
    }
  }

  /// Goes on to the log that LOCK speaks of.
  private func follow() throws {
    try state.withLock { state in
      if access == .reading {
        let before = state.log.cursor.number
        _ = try state.log.catchUp(&state.replay)
        // Announced and not there: whoever rolls is at it, or died.
        if state.log.cursor.number == before {
          throw StorageError.outcomeUnknown(path: path, nil)
        }
        return
      }
      try state.log.whileAlone(&state.replay) { _, _ in }
      if let failure = state.log.failure { throw failure }
    }
  }

  // MARK: Sealing

  /// Writes down what is there, column by column, so that it need not be read from the log again;
  /// logs of which two such files have everything are taken away.
  ///
  /// - Parameter waits: whether to wait for another process that is at it.
  @discardableResult
  package func seal(waits: Bool = true) throws -> SealOutcome {
    try checkpointer.run { try sealOnQueue(waits: waits) }
  }

  /// - Precondition: runs on the checkpointer's queue.
  func sealOnQueue(waits: Bool) throws -> SealOutcome {
    try whileSealing(waits: waits) { try writeCheckpoint() } ?? .busy
  }

  /// Seals everything: afterwards a log is there for what comes, and none for what came.
  @discardableResult
  package func compact() throws -> SealOutcome {
    try checkpointer.run {
      try whileSealing(waits: true) {
        try state.withLock { state in
          try state.log.whileAlone(&state.replay) { log, _ in
            if log.position.offset > UInt64(LogHeader.blockByteCount) { try log.roll(.sealing) }
          }
        }
        let first = try writeCheckpoint()
        if case .damaged = first { return first }
        try state.withLock { state in
          try state.log.whileAlone(&state.replay) { log, replay in
            let frame = try log.nextFrame()
            try record([.seal], as: frame, isEssential: false, &log, &replay)
          }
        }
        return try writeCheckpoint()
      } ?? .busy
    }
  }

  /// - Returns: what `body` returns; nil when another process is at it and this is not to wait.
  private func whileSealing<Result>(waits: Bool, _ body: () throws -> Result) throws -> Result? {
    guard access != .reading, let file = lock.file else {
      throw StorageError.openedForReading(path: path)
    }
    guard try file.lock(byte: LockFile.sealByte, waits: waits) else { return nil }
    defer { try? file.unlock(byte: LockFile.sealByte) }
    return try body()
  }

  private func writeCheckpoint() throws -> SealOutcome {
    let found = try state.withLock { state in
      if let failure = state.log.failure { throw failure }
      return (state.log.warnings, state.log.mark, state.replay, state.log.bytesPassed)
    }
    let (warnings, mark, replay, bytesPassed) = found
    let losses = warnings.filter(\.isLoss)
    guard losses.isEmpty else { return .damaged(losses) }
    guard let mark, checkpoints.positions().first != mark.position else { return .nothingNew }
    // Before it has a name, everything that is in it is on disk: else a log that lost its end
    // would seem to go on behind it.
    guard try synchronize() >= mark.position else { return .nothingNew }
    try checkpoints.prepare(replay.snapshot, replay.writers, mark)
    let isPublished = try state.withLock { state in
      try state.log.whileAlone(&state.replay) { log, _ in
        guard try log.isFinal(mark.position) else { return false }
        try checkpoints.publish(mark.position)
        return true
      }
    }
    guard isPublished else {
      // A sync failed meanwhile, and what was behind the last good one stands in the next log.
      try checkpoints.removeUnfinished()
      return .nothingNew
    }
    try checkpoints.removeObsolete()
    guard let newest = checkpoints.newest(), newest.mark == mark else { return .sealed }
    checkpointer.didWrite(bytesRead: bytesPassed, size: newest.bytes)
    state.withLock { $0.replay.release(to: newest) }
    return .sealed
  }

  /// Has a checkpoint written beside everything else, due or not.
  package func beginCheckpoint() { checkpointer.begin(self) }

  /// Sees to it that a checkpoint is written, if one is due.
  func checkpointIfDue() {
    if isCheckpointDue { checkpointer.begin(self) }
  }

  private var isCheckpointDue: Bool { access != .reading && checkpointer.isDue(bytesPassed) }

  /// Why the store could not be sealed when it was time, beside everything else or when it was
  /// closed; nil when it could. Nothing is lost by it: the log has everything.
  package var sealingFailure: StorageError? { checkpointer.failure }

  // MARK: Closing

  /// Says in the log that this writer ended, if it wrote, and frees its liveness byte, so that the
  /// claims it holds end with it. Further calls throw ``StorageError/closed(path:)``.
  package func close() throws(StorageError) {
    // Whatever fails: afterwards it is closed.
    let farewell = Result { try sayGoodbye() }
    // A checkpoint is a help for others; that there is none is no failure.
    if isCheckpointDue && !isClosed {
      checkpointer.attempt(bytesPassed) { try seal(waits: false) }
    }
    do {
      try state.withLock { state in
        if case .closed? = state.log.failure { return }
        state.log.failure = .closed(path: path)
        forgetOwnWriter(state)
        try state.log.releaseWriter()
      }
      try farewell.get()
    } catch {
      throw .wrapping(error)
    }
  }

  deinit { state.withLock { forgetOwnWriter($0) } }

  private func forgetOwnWriter(_ state: borrowing State) {
    if let writer = state.log.writer, writer.nextSequence > 0 {
      OwnWriters.remove(identity, writer.epoch)
    }
  }

  /// Appends CLOSE and sees it to the disk, if this store wrote anything.
  private func sayGoodbye() throws {
    let hasWritten = try state.withLock { state in
      if case .closed? = state.log.failure { return false }
      guard let writer = state.log.writer, writer.nextSequence > 0 else { return false }
      try state.log.whileAlone(&state.replay) { log, replay in
        let frame = try log.nextFrame()
        try record([.close], as: frame, isEssential: true, &log, &replay)
      }
      return true
    }
    if hasWritten && durability != .relaxed { _ = try synchronize(rolling: false) }
  }

  /// Whether it was closed.
  var isClosed: Bool {
    state.withLock { state in
      if case .closed? = state.log.failure { true } else { false }
    }
  }

  /// Why it can go on no more.
  var failure: StorageError? { state.withLock { $0.log.failure } }
}

/// What became of an attempt to seal what a store holds.
package enum SealOutcome: Equatable, Sendable {
  case sealed
  case nothingNew
  /// Another process is at it.
  case busy
  /// Something is lost, which shall be told of at every opening until the store is repaired.
  case damaged([StoreWarning])
}

/// What only tests choose otherwise.
struct StoreOptions {
  var rollBytes: UInt64 = 16 << 20
  var rule = RecoveryRule.standard
  var syncsInBackground = true
  var usesCheckpoints = true
  var cacheBytes = Store.usualCacheBytes
  /// So much is read of the log before a checkpoint is worth writing.
  var checkpointBytes: UInt64 = 4 << 20
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
