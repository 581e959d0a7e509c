// Where a trial stands. The raw values are those of Optuna's protocol.

/// What becomes of a trial: it waits, runs, and ends in one of three ways.
public enum TrialState: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// Claimed by a worker that is (or was) at it.
  case running = 0
  /// Ended with a value.
  case complete = 1
  /// Stopped early because it looked hopeless.
  case pruned = 2
  /// Ended without a value; its last attempt says why.
  case failed = 3
  /// To be run: enqueued, or interrupted and to be run again.
  case waiting = 4

  /// Finished trials never change.
  public var isFinished: Bool { self != .running && self != .waiting }

  /// Whether it counts toward the number of trials a study shall have.
  public var isAccomplished: Bool { self == .complete || self == .pruned }

  /// As tables, filters and JSON have it.
  public var name: String {
    switch self {
    case .running: "running"
    case .complete: "complete"
    case .pruned: "pruned"
    case .failed: "failed"
    case .waiting: "waiting"
    }
  }

  /// Nil when no state is called so.
  public init?(name: String) {
    guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}
