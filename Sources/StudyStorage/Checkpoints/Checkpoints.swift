// The checkpoints of one store: which there are, which is the newest, when another is due.

import Dispatch
import Glibc
import StudyModel
import Synchronization

/// The directory of a store's checkpoints.
struct Checkpoints: Sendable {
  private let paths: StorePaths
  private let disk: any Disk
  private let store: StoreIdentity
  private let cache: ColumnCache

  /// The newest, and the one before, so that no damage of one file costs anything: what is in the
  /// newest alone is in the log too.
  private static let kept = 2
  /// At the end of the names of those that are being written.
  private static let unfinished = ".tmp"

  init(
    _ paths: StorePaths, _ disk: any Disk, _ store: StoreIdentity,
    _ cache: ColumnCache = ColumnCache(limit: 1 << 20)
  ) {
    self.paths = paths
    self.disk = disk
    self.store = store
    self.cache = cache
  }

  /// Where checkpoints end, the newest first.
  func positions() -> [LogPosition] {
    // Of a directory that cannot be listed there are none for us.
    (try? listed()) ?? []
  }

  private func listed() throws(StorageError) -> [LogPosition] {
    do throws(DiskError) {
      return try disk.list(paths.checkpoints)
        .compactMap { StorePaths.checkpointPosition(ofFile: $0) }.sorted(by: >)
    } catch {
      if error.isMissing { return [] }
      throw .disk(error)
    }
  }

  /// The newest that can be read.
  ///
  /// - Parameter limit: it ends before this; nil: wherever.
  func newest(before limit: LogPosition? = nil) -> Checkpoint? {
    for position in positions() where limit.map({ position < $0 }) ?? true {
      // One that cannot be read is as good as none: `cairn check` says what is wrong with it.
      if let known = try? checkpoint(at: position) { return known }
    }
    return nil
  }

  private func checkpoint(at position: LogPosition) throws(StorageError) -> Checkpoint {
    let path = paths.checkpoint(position)
    let known = try Checkpoint(at: path, of: store, on: disk, cache)
    guard known.trailer.position == position else {
      throw .damagedCheckpoint(path: path, offset: 0, reason: "its name is that of another")
    }
    return known
  }

  /// Up to where checkpoints have what log `number` holds: so much of it is on disk for ever.
  func end(inLog number: UInt32) throws(StorageError) -> UInt64? {
    for position in try listed() where position.log == number {
      do throws(StorageError) {
        return try checkpoint(at: position).trailer.position.offset
      } catch {
        // A damaged one says nothing. One that cannot be read now may say much.
        guard case .damagedCheckpoint = error else { throw error }
      }
    }
    return nil
  }

  /// Writes one under a name that nobody reads, and reads it back. Only one process at a time.
  ///
  /// - Parameter mark: the end of what is in it.
  func prepare(_ snapshot: Snapshot, _ writers: WriterTable, _ mark: Log.Mark) throws {
    do throws(DiskError) {
      try disk.makeDirectory(paths.checkpoints)
      try disk.syncDirectory(paths.directory)
    } catch {
      guard error.code == EEXIST else { throw error }
    }
    let known = writers.epochs.sorted().compactMap { epoch in
      writers[epoch].map { identity in
        StoredState.Writer(
          epoch: epoch, lastSequence: writers.lastSequence(of: epoch) ?? 0, identity: identity)
      }
    }
    let state = StoredState(snapshot, known, mark.highestEpoch)
    let trailer = CheckpointTrailer(
      store: store, position: mark.position, lastFrame: (mark.frameStart, mark.checksum),
      state: PartPlace(offset: 0, count: 0, checksum: 0), stateBytes: 0)
    try removeUnfinished()
    let path = paths.checkpoint(mark.position)
    do {
      let written = try CheckpointWriter.write(
        snapshot, state, trailer, to: path + Self.unfinished, on: disk)
      // What is read here nobody reads again.
      let passing = ColumnCache(limit: 1 << 20)
      try Checkpoint(at: path + Self.unfinished, of: store, on: disk, passing)
        .verify(written, on: disk)
    } catch {
      // Where the disk is full, others need the room.
      try? removeUnfinished()
      throw error
    }
  }

  /// Gives the one that was prepared its name. Under the append lock: whoever ends a log ends it
  /// behind what checkpoints have of it, and none may come later that has more.
  func publish(_ position: LogPosition) throws(DiskError) {
    let path = paths.checkpoint(position)
    try disk.rename(path + Self.unfinished, to: path)
    try disk.syncDirectory(paths.checkpoints)
  }

  /// Takes away what nobody needs any more: older ones, and logs of which two have everything.
  func removeObsolete() throws {
    for position in positions().dropFirst(Self.kept) {
      try disk.unlink(paths.checkpoint(position))
    }
    try removeSealedLogs()
    try LogFiles(disk: disk, paths: paths).removeTemporaries()
  }

  /// Takes away logs that end before the older of the checkpoints that are kept. Whatever instant
  /// this dies at, the logs that are left follow one another, and a checkpoint ends in them.
  private func removeSealedLogs() throws {
    let files = LogFiles(disk: disk, paths: paths)
    guard case let kept = positions(), kept.count == Self.kept, let older = kept.last,
      case let sealed = try files.list().filter({ $0 < older.log }), !sealed.isEmpty,
      // Who does not know that logs may be sealed must not take what is left for everything.
      try files.header(of: older.log)?.features.isSealed == true,
      (try? checkpoint(at: older)) != nil
    else { return }
    for number in sealed { try disk.unlink(paths.log(number)) }
    try disk.syncDirectory(paths.logs)
  }

  /// Takes away what was not published.
  func removeUnfinished() throws(DiskError) {
    for name in try disk.list(paths.checkpoints) where name.hasSuffix(".ckp" + Self.unfinished) {
      try disk.unlink(paths.checkpoints + "/" + name)
    }
  }
}

extension Checkpoint {
  /// Where the log goes on behind it.
  var mark: Log.Mark {
    Log.Mark(
      position: trailer.position, frameStart: trailer.lastFrame.start,
      checksum: trailer.lastFrame.checksum, highestEpoch: highestEpoch)
  }
}

/// When an open store writes a checkpoint.
///
/// One is due when as much of the log was read or written since the last one as that has bytes, and
/// a few MiB at least: so what is written for checkpoints is in proportion to the log.
final class Checkpointer: Sendable {
  private struct State: Sendable {
    /// How much of the log had been read at the last one.
    var bytesRead: UInt64 = 0
    /// How many bytes that has.
    var size: UInt64
    /// Whether one is being written, or about to be.
    var isBusy = false
    /// What the last one that nobody waited for failed with.
    var failure: StorageError?
  }

  private let least: UInt64?
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "cairn.store.checkpoint", qos: .utility)

  /// - Parameters:
  ///   - least: how many bytes of log are worth one; nil: none are written.
  ///   - size: how many bytes the one has that the store was opened from; 0: none.
  init(_ least: UInt64?, size: UInt64) {
    self.least = least
    state = Mutex(State(size: size))
  }

  func isDue(_ bytesRead: UInt64) -> Bool {
    guard let least else { return false }
    return state.withLock { state in
      !state.isBusy && bytesRead - state.bytesRead >= max(least, state.size)
    }
  }

  /// Has `store` write one, beside everything else.
  func begin(_ store: Store) {
    state.withLock { $0.isBusy = true }
    queue.async { [weak store] in
      defer { self.state.withLock { $0.isBusy = false } }
      guard let store, !store.isClosed else { return }
      self.attempt(store.bytesPassed) { try store.sealOnQueue(waits: false) }
    }
  }

  /// Seals for nobody who waits: what cannot be written now is tried again when as much has come
  /// as is worth another, since the log has it all; why it failed is kept.
  func attempt(_ bytesRead: UInt64, _ seal: () throws -> SealOutcome) {
    let failure: StorageError?
    do {
      _ = try seal()
      failure = nil
    } catch {
      failure = .wrapping(error)
    }
    state.withLock { state in
      state.failure = failure
      if failure != nil { state.bytesRead = bytesRead }
    }
  }

  /// Why the last one that nobody waited for could not be written.
  var failure: StorageError? { state.withLock { $0.failure } }

  /// Runs `body` when nobody else does in this process.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result { try queue.sync(execute: body) }

  /// Learns that a checkpoint of `size` bytes was written when so much of the log had been read.
  func didWrite(bytesRead: UInt64, size: UInt64) {
    state.withLock { ($0.bytesRead, $0.size) = (bytesRead, size) }
  }
}
