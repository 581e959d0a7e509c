// What an acknowledgement promises, and how it is kept.

import StudyModel
import Synchronization

extension Store {
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

  var isClosed: Bool {
    state.withLock { state in
      if case .closed? = state.failure { true } else { false }
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
        if let failure = state.failure { throw failure }
        return state.cursor
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
      if case .number(let number) = try readWord(), number > cursor.number {
        try follow()
        continue
      }
      return try state.withLock { state in
        if let failure = state.failure { throw failure }
        if state.cursor.number == end.log {
          state.cursor.synced = max(state.cursor.synced, end.offset)
        }
        if rolling, state.cursor.offset >= state.rollBytes {
          try withAppendLock(&state) { state in
            try state.prepareToAppend()
            if state.cursor.offset >= state.rollBytes { try state.roll(.full) }
          }
        }
        return end
      }
    }
  }

  /// A log whose frames nobody has synced yet may have been made by a process that died before
  /// it synced the directory.
  private func synchronizeNames(of cursor: LogCursor) throws(DiskError) {
    guard cursor.synced <= UInt64(LogHeader.blockByteCount), access != .reading else { return }
    let paths = StorePaths(directory: path)
    try disk.syncDirectory(paths.logs)
    guard cursor.number == 1 else { return }
    try disk.syncDirectory(path)
    try disk.syncDirectory(StoreCreation.parent(of: path))
  }

  private func readWord() throws(StorageError) -> LockFile.Word {
    do { return try lock.word() } catch { throw .disk(error) }
  }

  /// After a failed sync: the kernel counts the lost pages as clean, so nothing that is in the
  /// log and was not known to be on disk can be trusted to get there.
  private func escape(from log: UInt32, after error: DiskError) throws {
    try state.withLock { state in
      do {
        try withAppendLock(&state) { state in
          _ = try state.catchUp()
          if let failure = state.failure { throw failure }
          // Another process may have been first.
          if state.cursor.number == log { try state.rollCopying(after: error) }
        }
      } catch {
        // Nothing that this store has not acknowledged yet may be acknowledged later.
        if state.failure == nil { state.failure = .outcomeUnknown(path: path, error.diskError) }
        throw StorageError.outcomeUnknown(path: path, error.diskError)
      }
    }
  }

  /// Goes on to the log that LOCK speaks of.
  private func follow() throws {
    try state.withLock { state in
      if access == .reading {
        let before = state.cursor.number
        _ = try state.catchUp()
        // Announced and not there: whoever rolls is at it, or died.
        if state.cursor.number == before {
          throw StorageError.outcomeUnknown(path: path, nil)
        }
        return
      }
      try withAppendLock(&state) { state in try state.prepareToAppend() }
      if let failure = state.failure { throw failure }
    }
  }
}
