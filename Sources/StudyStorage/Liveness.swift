// Who of a store's writers is alive. Two things tell: the byte of LOCK that a writer holds for
// as long as it lives, and the process that its HELLO names. Either is enough: LOCK may be a copy
// or a new file, and then nobody holds a byte of it; the process may be out of sight, in another
// container or on another machine, and then its byte speaks for it.

import Synchronization

package struct Liveness: Sendable {
  let lock: LockFile
  let disk: any Disk
  let store: StoreIdentity
  let writers: WriterTable

  /// Whether the writer of `epoch` may still write. Also true when the system cannot tell: the
  /// trial of a worker that may be alive is nobody else's.
  package func isAlive(epoch: UInt32) -> Bool {
    isAlive(epoch: epoch, writers[epoch])
  }

  func isAlive(epoch: UInt32, _ writer: WriterIdentity?) -> Bool {
    do {
      // A descriptor cannot see locks of its own, but the one asked is never the one that locks.
      if try lock.isHeld(epoch: epoch) { return true }
    } catch {
      return true
    }
    guard let process = writer?.process else { return false }
    // Of its own process one knows more than that it lives.
    if process == disk.identity() { return OwnWriters.contains(store, epoch) }
    return disk.isRunning(process)
  }
}

/// The writers that this process has open, of any store.
enum OwnWriters {
  private struct Key: Hashable {
    let store: StoreIdentity
    let epoch: UInt32
  }

  /// How many: a store and a copy of it may both be open.
  private static let counts = Mutex<[Key: Int]>([:])

  static func add(_ store: StoreIdentity, _ epoch: UInt32) {
    counts.withLock { $0[Key(store: store, epoch: epoch), default: 0] += 1 }
  }

  static func remove(_ store: StoreIdentity, _ epoch: UInt32) {
    counts.withLock { counts in
      let key = Key(store: store, epoch: epoch)
      let rest = (counts[key] ?? 0) - 1
      counts[key] = rest > 0 ? rest : nil
    }
  }

  static func contains(_ store: StoreIdentity, _ epoch: UInt32) -> Bool {
    counts.withLock { $0[Key(store: store, epoch: epoch)] != nil }
  }
}
