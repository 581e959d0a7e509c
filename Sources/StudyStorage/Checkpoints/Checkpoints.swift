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

  /// The newest, and one in case that it cannot be read.
  private static let kept = 2
  /// At the end of the names of those that are being written.
  private static let unfinished = ".tmp"

  init(_ paths: StorePaths, _ disk: any Disk, _ store: StoreIdentity) {
    self.paths = paths
    self.disk = disk
    self.store = store
  }

  /// Where checkpoints end, the newest first.
  func positions() -> [LogPosition] {
    // A store without any has no such directory; one that cannot be listed has none for us.
    let names = (try? disk.list(paths.checkpoints)) ?? []
    return names.compactMap { StorePaths.checkpointPosition(ofFile: $0) }.sorted(by: >)
  }

  /// The newest that can be read.
  func newest(_ cache: ColumnCache) -> Checkpoint? {
    for position in positions() {
      // One that cannot be read is as good as none: `cairn check` says what is wrong with it.
      let known = try? Checkpoint(at: paths.checkpoint(position), of: store, on: disk, cache)
      if let known, known.trailer.position == position { return known }
    }
    return nil
  }

  /// Writes one, gives it its name, and takes away those that nobody needs any more. Only one
  /// process at a time.
  ///
  /// - Parameter mark: the end of what is in it, which is on disk.
  /// - Returns: how many bytes it has.
  func write(_ snapshot: Snapshot, _ writers: WriterTable, _ mark: Log.Mark) throws -> UInt64 {
    do throws(DiskError) {
      try disk.makeDirectory(paths.checkpoints)
      try disk.syncDirectory(paths.directory)
    } catch {
      guard error.code == EEXIST else { throw error }
    }
    var state = StoredState()
    state.nextStudyID = snapshot.nextStudyID
    state.nextTrialID = snapshot.nextTrialID
    state.highestEpoch = mark.highestEpoch
    state.writers = writers.epochs.sorted().compactMap { epoch in
      writers[epoch].map { StoredState.Writer(epoch: epoch, identity: $0) }
    }
    let trailer = CheckpointTrailer(
      store: store, position: mark.position, lastFrame: (mark.frameStart, mark.checksum),
      state: PartPlace(offset: 0, count: 0, checksum: 0), stateBytes: 0)
    try removeUnfinished()
    let path = paths.checkpoint(mark.position)
    let bytes: UInt64
    do {
      bytes = try CheckpointWriter.write(
        snapshot, state, trailer, to: path + Self.unfinished, on: disk)
    } catch {
      // Where the disk is full, others need the room.
      try? removeUnfinished()
      throw error
    }
    try disk.rename(path + Self.unfinished, to: path)
    try disk.syncDirectory(paths.checkpoints)
    for position in positions().dropFirst(Self.kept) {
      try disk.unlink(paths.checkpoint(position))
    }
    return bytes
  }

  /// Takes away what processes that were killed have left.
  private func removeUnfinished() throws(DiskError) {
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
    var isRunning = false
  }

  private let least: UInt64?
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "cairn.store.checkpoint", qos: .utility)

  /// - Parameters:
  ///   - least: how many bytes of log are worth one; nil: none are written.
  ///   - known: what the store was opened from.
  init(_ least: UInt64?, known: Checkpoint?) {
    self.least = least
    state = Mutex(State(size: known?.bytes ?? 0))
  }

  func isDue(_ bytesRead: UInt64) -> Bool {
    guard let least else { return false }
    return state.withLock { state in
      !state.isRunning && bytesRead - state.bytesRead >= max(least, state.size)
    }
  }

  /// Has `store` write one, beside everything else.
  func begin(_ store: Store) {
    queue.async { [weak store] in
      guard let store, !store.isClosed else { return }
      // What cannot be written now is tried again when more has come: the log has it all.
      _ = try? store.writeCheckpoint()
    }
  }

  /// Runs `body` if nobody else does just now.
  ///
  /// - Parameter body: writes a checkpoint of what is there when so much of the log has been read,
  ///   and says that, and how large it is; nil when there is none to be written.
  func run(_ body: () throws -> (bytesRead: UInt64, size: UInt64)?) rethrows -> Bool {
    let isFree = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFree else { return false }
    defer { state.withLock { $0.isRunning = false } }
    guard let written = try body() else { return false }
    state.withLock { ($0.bytesRead, $0.size) = written }
    return true
  }
}
