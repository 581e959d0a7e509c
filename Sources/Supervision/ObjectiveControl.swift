// Orders to a running objective, from any thread.

import Synchronization

/// A handle by which an objective that is being run (``ObjectiveRunner/run(_:control:handle:)``)
/// can be told to stop. One handle serves one run.
package final class ObjectiveControl: Sendable {
  private struct State {
    /// The shortest grace asked for so far.
    var grace: Double?
    var listener: (@Sendable (Double) -> Void)?
  }

  private let state = Mutex(State())

  package init() {}

  /// SIGTERM to the objective's process group, and SIGKILL to its whole tree `grace` seconds
  /// later; 0: SIGKILL at once. Asked again, the earlier moment counts. Before its start: it is
  /// ended as soon as it has started; after its end: nothing happens.
  package func stop(grace: Double) {
    let listener = state.withLock { state in
      if let earlier = state.grace, earlier <= grace, grace > 0 {
        return nil as (@Sendable (Double) -> Void)?
      }
      state.grace = grace
      return state.listener
    }
    listener?(grace)
  }

  /// Whether it was told to stop.
  package var isStopped: Bool { state.withLock { $0.grace != nil } }

  /// Sends what was asked so far, and what will be, to `listener`.
  func attach(_ listener: @escaping @Sendable (Double) -> Void) {
    let asked = state.withLock { state in
      state.listener = listener
      return state.grace
    }
    if let asked { listener(asked) }
  }

  func detach() { state.withLock { $0.listener = nil } }
}
