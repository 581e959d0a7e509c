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
  private let checkpointer: Checkpointer
  /// Whether blocks that a checkpoint holds are let go of.
  private let shedsBlocks = Atomic(false)

  private struct State: Sendable {
    var log: Log
    var replay: Replay
  }

  // MARK: Opening

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
    // Whoever opened it may go to another directory.
    let paths = StorePaths(directory: disk.absolutePath(of: path))
    if access != .reading { try Self.refuseLocalLocks(paths.directory, disk) }
    if access == .writing(create: true) { try StoreCreation.createIfMissing(paths, disk) }
    let (format, formatName) = try Self.readFormat(paths, disk)
    let (lock, lockName) = try Self.openLock(paths, access, disk)
    let place = LogPlace(
      files: LogFiles(disk: disk, paths: paths), store: format.identity, lock: lock,
      lockName: lockName, formatName: formatName, rule: options.rule,
      rollBytes: options.rollBytes)
    let cache = ColumnCache()
    let checkpoint =
      options.usesCheckpoints
      ? Checkpoints(paths, disk, format.identity).newest(cache) : nil
    var replay = Replay(path: paths.directory, from: checkpoint)
    var (log, tail) = try Log.open(place, &replay, from: checkpoint?.mark)
    try log.settle(tail, &replay)
    self.path = paths.directory
    self.access = access
    self.durability = durability
    self.disk = disk
    self.format = format
    self.lock = lock
    state = Mutex(State(log: log, replay: replay))
    self.cache = cache
    checkpointer = Checkpointer(
      options.usesCheckpoints ? options.checkpointBytes : nil,
      known: log.isResumed ? checkpoint : nil)
    syncer = Syncer(isAutomatic: options.syncsInBackground && access != .reading)
  }

  private static func refuseLocalLocks(
    _ path: String, _ disk: any Disk
  ) throws(StorageError) {
    // A store that is yet to be made will lie where its parent does.
    let mount = disk.mount(of: path) ?? disk.mount(of: StorePaths.parent(of: path))
    guard let mount, let option = mount.localLockOption else { return }
    throw .localLocks(path: path, mount: mount.path, type: mount.type, option: option)
  }

  private static func readFormat(
    _ paths: StorePaths, _ disk: any Disk
  ) throws(StorageError) -> (FormatFile, FileName) {
    let bytes: [UInt8]
    let identity: FileIdentity
    do throws(DiskError) {
      let file = try disk.open(paths.format, .reading)
      bytes = try file.read(at: 0, count: FormatFile.byteCount + 1)
      identity = try file.status().identity
    } catch {
      throw error.isMissing ? missing(paths, disk) : .disk(error)
    }
    switch FormatFile.read(bytes) {
    case .valid(let format):
      if format.features.unknownIncompatible != 0 {
        throw .unknownFeatures(
          path: paths.directory, flags: format.features.unknownIncompatible, forWriting: false)
      }
      return (format, FileName(path: paths.format, identity: identity))
    case .newer(let version):
      throw .newerFormat(
        path: paths.directory, version: version, supported: FormatFile.currentVersion)
    case .damaged: throw .damagedFormat(path: paths.format)
    case .foreign:
      throw .notAStore(path: paths.directory, reason: "its file FORMAT is of something else")
    }
  }

  /// Why there is no FORMAT.
  static func missing(_ paths: StorePaths, _ disk: any Disk) -> StorageError {
    do throws(DiskError) {
      _ = try disk.list(paths.directory)
      return .notAStore(path: paths.directory, reason: "it has no file FORMAT")
    } catch {
      // Something that is there and cannot be listed is a file.
      return error.code == ENOTDIR
        ? .notAStore(path: paths.directory, reason: "it is a file, and a store is a directory")
        : error.isMissing ? .noStore(path: paths.directory) : .disk(error)
    }
  }

  private static func openLock(
    _ paths: StorePaths, _ access: Access, _ disk: any Disk
  ) throws(StorageError) -> (LockFile, FileName) {
    do throws(DiskError) {
      guard access != .reading else {
        let probe = try disk.open(paths.lock, .reading)
        let name = FileName(path: paths.lock, identity: try probe.status().identity)
        return (LockFile(file: nil, probe: probe), name)
      }
      let file = try disk.open(paths.lock, .openingOrCreating)
      let name = FileName(path: paths.lock, identity: try file.status().identity)
      return (LockFile(file: file, probe: try disk.open(paths.lock, .reading)), name)
    } catch {
      guard access == .reading && error.isMissing else { throw .disk(error) }
      // Nobody writes; there is nothing to look at, and nothing that must keep its name.
      return (
        LockFile(file: nil, probe: nil),
        FileName(path: paths.lock, identity: FileIdentity(device: 0, number: 0))
      )
    }
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
    replay.apply(records, epoch: frame.epoch)
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
      if case .number(let number) = try onDisk({ () throws(DiskError) in try lock.word() }),
        number > cursor.number
      {
        try follow()
        continue
      }
      try state.withLock { state in
        try verifyNames(of: cursor, &state)
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

  /// What is on disk is promised to nobody when nobody can find it there.
  private func verifyNames(of cursor: LogCursor, _ state: inout State) throws(StorageError) {
    guard access != .reading else { return }
    do throws(StorageError) {
      try state.log.verifyNames()
      _ = try FileName(path: cursor.path, identity: cursor.identity).verify(disk)
    } catch {
      if case .displaced = error { state.log.failure = error }
      throw error
    }
  }

  /// After a failed sync: the kernel counts the lost pages as clean, so nothing that is in the
  /// log and was not known to be on disk can be trusted to get there.
  private func escape(from number: UInt32, after error: DiskError) throws {
    try state.withLock { state in
      do {
        try state.log.whileAlone(&state.replay) { (log, _) in
          // Another process may have been first.
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

  // MARK: Checkpoints

  /// Writes down what is there, so that it need not be read from the log again.
  ///
  /// - Returns: false when there was nothing new, when another process is at it, or when the log is
  ///   damaged: what is missing shall be told of at every opening.
  @discardableResult
  package func writeCheckpoint() throws -> Bool {
    guard access != .reading, let file = lock.file else {
      throw StorageError.openedForReading(path: path)
    }
    return try checkpointer.run {
      guard try file.lock(byte: LockFile.sealByte, waits: false) else { return nil }
      defer { try? file.unlock(byte: LockFile.sealByte) }
      let found = try state.withLock { state in
        if let failure = state.log.failure { throw failure }
        return state.log.warnings.isEmpty
          ? state.log.mark.map { ($0, state.replay, state.log.bytesPassed) } : nil
      }
      guard let (mark, replay, bytesPassed) = found else { return nil }
      let checkpoints = Checkpoints(StorePaths(directory: path), disk, identity)
      if checkpoints.positions().first == mark.position { return nil }
      // Before it has a name, everything that is in it is on disk: else a log that lost its end
      // would seem to go on behind it.
      guard try synchronize() >= mark.position else { return nil }
      let bytes = try checkpoints.write(replay.snapshot, replay.writers, mark)
      if shedsBlocks.load(ordering: .relaxed) {
        let path = StorePaths(directory: path).checkpoint(mark.position)
        let stored = try Checkpoint(at: path, of: identity, on: disk, cache)
        state.withLock { $0.replay.shed(stored, of: replay) }
      }
      return (bytesPassed, bytes)
    }
  }

  /// From now on, finished trials that a checkpoint holds need no memory: for whoever records a
  /// great many. Reading them may fail, as from a store that was opened from a checkpoint.
  package func shedBlocks() { shedsBlocks.store(true, ordering: .relaxed) }

  /// Has a checkpoint written beside everything else, due or not.
  package func beginCheckpoint() { checkpointer.begin(self) }

  /// Sees to it that a checkpoint is written, if one is due.
  func checkpointIfDue() {
    if isCheckpointDue { checkpointer.begin(self) }
  }

  private var isCheckpointDue: Bool {
    access != .reading && checkpointer.isDue(state.withLock { $0.log.bytesPassed })
  }

  // MARK: Closing

  /// Says in the log that this writer ended, if it wrote, and frees its liveness byte, so that the
  /// claims it holds end with it. Further calls throw ``StorageError/closed(path:)``.
  package func close() throws(StorageError) {
    // Whatever fails: afterwards it is closed.
    let farewell = Result { try sayGoodbye() }
    // A checkpoint is a help for others; that there is none is no failure.
    if isCheckpointDue && !isClosed { _ = try? writeCheckpoint() }
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

/// What only tests choose otherwise.
struct StoreOptions {
  var rollBytes: UInt64 = 64 << 20
  var rule = RecoveryRule.standard
  var syncsInBackground = true
  var usesCheckpoints = true
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
