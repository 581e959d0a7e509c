// Where attempts run.
//
// A run first has a place for a trial, then asks for one: the claim records where the trial runs,
// and no trial is taken that then waits for a machine.

package import PlainText
package import Supervision

/// What gives trials a place to run: this machine (``LocalExecutor``), or another.
package protocol AttemptExecutor: Sendable {
  /// Waits until there is a place for one trial.
  ///
  /// - Parameter waiting: is told, once, what it waits for, when that may take long.
  /// - Throws: `CancellationError` when the task is cancelled; why there will never be a place.
  func acquireSlot(waiting: @Sendable (Explanation) -> Void) async throws -> any ExecutionSlot
}

/// A place where the attempts of one trial run one after the other, until it is released.
package protocol ExecutionSlot: Sendable {
  /// The machine's name.
  var host: String { get }
  /// The GPUs that are the trial's, as `CUDA_VISIBLE_DEVICES` takes them; nil: whatever there is.
  var devices: [String]? { get }

  /// Runs one attempt to its end, as ``ObjectiveRunner/run(_:control:holding:handle:)`` does.
  ///
  /// - Throws: what `handle` throws, and why nothing could be run here at all. An attempt that was
  ///   lost under way is an end, not an error.
  func run(
    _ launch: ObjectiveLaunch, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd

  /// Gives the place back. Called once, when nothing runs in it.
  func release()
}
