// Stopping a run from outside: by a signal, from another terminal, one trial or all.

internal import Supervision
internal import Synchronization

/// A handle by which a run is told to stop, from any thread.
package final class RunControl: Sendable {
  private struct State {
    var stopping: RunSummary.Reason?
    /// Seconds for the running trials to end; set when they are to be stopped.
    var grace: Double?
    var running: [Int: ObjectiveControl] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// No new trials; those that run are stopped with `grace` seconds to end in (nil: they may
  /// end as they will). Asked twice, the shorter grace counts; 0 means at once.
  package func stop(because reason: RunSummary.Reason, grace: Double?) {
    let toStop = state.withLock { state in
      if state.stopping == nil { state.stopping = reason }
      guard let grace else { return [ObjectiveControl]() }
      state.grace = min(grace, state.grace ?? grace)
      return Array(state.running.values)
    }
    if let grace { toStop.forEach { $0.stop(grace: grace) } }
  }

  /// Stops one trial, if it runs here.
  package func stop(trial: Int, grace: Double) {
    state.withLock { $0.running[trial] }?.stop(grace: grace)
  }

  /// Why the run is stopping; nil while it is not.
  package var stopping: RunSummary.Reason? { state.withLock { $0.stopping } }

  /// Whether running trials are being stopped, not only new ones withheld.
  var stopsRunning: Bool { state.withLock { $0.grace != nil } }

  /// The trials that run here.
  var runningTrials: [Int] { state.withLock { Array($0.running.keys) } }

  func begin(trial: Int) -> ObjectiveControl {
    let control = ObjectiveControl()
    let grace = state.withLock { state in
      state.running[trial] = control
      return state.grace
    }
    if let grace { control.stop(grace: grace) }
    return control
  }

  func end(trial: Int) { state.withLock { _ = $0.running.removeValue(forKey: trial) } }
}
