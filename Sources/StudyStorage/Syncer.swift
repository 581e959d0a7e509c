// Group commit: one thread syncs, everybody waits for an offset.
//
// fdatasync takes a hundred times as long as an append. It runs outside every lock, so that
// others append meanwhile; one call then serves all who wait for what it covered.

import Dispatch
import Synchronization

/// The syncing side of one open store.
final class Syncer: Sendable {
  /// How long an unsynced append may wait, in milliseconds: half of what is promised, the rest
  /// is for the sync itself.
  private static let delay = 500

  private struct Waiter: Sendable {
    let position: LogPosition
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Pending: Sendable {
    var waiters: [Waiter] = []
    /// A sync for waiters is under way, or about to be.
    var isRunning = false
    /// A sync for nobody in particular is due within ``delay``.
    var isScheduled = false
    /// Everything before is on disk.
    var durable = LogPosition(log: 0, offset: 0)
  }

  private let pending = Mutex(Pending())
  private let queue = DispatchQueue(label: "cairn.store.sync")
  private let isAutomatic: Bool

  /// - Parameter isAutomatic: whether appends are synced although nobody waits.
  init(isAutomatic: Bool) { self.isAutomatic = isAutomatic }

  /// Sees to it that what was just appended will be synced. `soon`: because the log is full
  /// and is to be rolled by the way.
  func didAppend(_ store: Store, soon: Bool) {
    guard isAutomatic else { return }
    let isDue = pending.withLock { pending in
      defer { pending.isScheduled = true }
      return !pending.isScheduled
    }
    guard isDue else { return }
    queue.asyncAfter(deadline: .now() + .milliseconds(soon ? 1 : Self.delay)) { [weak store] in
      self.pending.withLock { $0.isScheduled = false }
      guard let store, !store.isClosed else { return }
      // A failure is kept in the store, and the next call reports it.
      guard let durable = try? store.synchronize(rolling: true) else { return }
      self.advance(to: durable)
      store.checkpointIfDue()
    }
  }

  /// Returns when everything before `position` is on disk.
  func wait(for position: LogPosition, in store: Store) async throws {
    if pending.withLock({ $0.durable >= position }) { return }
    try await withCheckedThrowingContinuation { continuation in
      let (isDone, isFirst) = pending.withLock { pending in
        if pending.durable >= position { return (true, false) }
        pending.waiters.append(Waiter(position: position, continuation: continuation))
        defer { pending.isRunning = true }
        return (false, !pending.isRunning)
      }
      if isDone { continuation.resume() }
      if isFirst { queue.async { self.serve(store) } }
    }
  }

  /// Syncs until nobody waits.
  private func serve(_ store: Store) {
    while true {
      do {
        advance(to: try store.synchronize(rolling: false))
      } catch {
        let waiters = pending.withLock { pending in
          defer { pending.waiters = [] }
          return pending.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
      }
      let isIdle = pending.withLock { pending in
        if pending.waiters.isEmpty { pending.isRunning = false }
        return pending.waiters.isEmpty
      }
      if isIdle { return }
    }
  }

  private func advance(to durable: LogPosition) {
    let done = pending.withLock { pending in
      pending.durable = max(pending.durable, durable)
      let split = pending.waiters.partition { $0.position <= pending.durable }
      defer { pending.waiters.removeSubrange(split...) }
      return Array(pending.waiters[split...])
    }
    for waiter in done { waiter.continuation.resume() }
  }
}
