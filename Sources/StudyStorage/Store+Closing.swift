// Ending in good order, and looking for damage.

import StudyModel
import Synchronization

extension Store {
  /// Says in the log that this writer ended, if it wrote, and frees its liveness byte, so that the
  /// claims it holds end with it. Further calls throw ``StorageError/closed(path:)``.
  package func close() throws(StorageError) {
    // Whatever fails: afterwards it is closed.
    let farewell = Result { try sayGoodbye() }
    do {
      try state.withLock { state in
        if case .closed? = state.failure { return }
        state.failure = .closed(path: path)
        guard let writer = state.writer else { return }
        state.writer = nil
        try lock.file?.unlock(byte: LockFile.livenessByte(ofEpoch: writer.epoch))
      }
      try farewell.get()
    } catch {
      throw .wrapping(error)
    }
  }

  /// Appends CLOSE and sees it to the disk, if this store wrote anything.
  private func sayGoodbye() throws {
    let hasWritten = try state.withLock { state in
      if case .closed? = state.failure { return false }
      guard let writer = state.writer, writer.nextSequence > 0 else { return false }
      try withAppendLock(&state) { state in
        try state.prepareToAppend()
        try state.append([.close], isEssential: true)
      }
      return true
    }
    if hasWritten && durability != .relaxed { _ = try synchronize(rolling: false) }
  }

  /// Reads the whole store again, from its first byte to its last, and says what it found.
  package func check() throws(StorageError) -> StoreReport {
    let rollBytes = state.withLock { $0.rollBytes }
    var (fresh, tail) = try StoreState.load(
      disk, StorePaths(directory: path), format.identity, lock, rule: rule, rollBytes: rollBytes)
    tail = try Self.settle(tail, &fresh)
    if case .invalid(let end) = tail {
      fresh.warnings.append(
        .unfinishedTail(path: fresh.cursor.path, from: fresh.cursor.offset, to: end))
    }
    var crashed = 0
    for epoch in fresh.writers.keys where !fresh.closedEpochs.contains(epoch) {
      if !isAlive(epoch: epoch) { crashed += 1 }
    }
    return StoreReport(
      logs: fresh.finishedLogs + [try fresh.summary()], warnings: fresh.warnings,
      crashedWriters: crashed, studies: fresh.snapshot.studies.count,
      trials: fresh.snapshot.studies.reduce(0) { $0 + $1.trialCount })
  }
}
