// When to give a trial up.

public import StudyModel

/// Judges a running trial by what it and the others reported. A value, like a ``Sampler``.
public protocol Pruner: Sendable {
  /// Whether the running trial in `row` should stop, having just reported at `step`.
  func shouldPrune(row: Int, at step: Int64, given history: History) -> Bool
}
