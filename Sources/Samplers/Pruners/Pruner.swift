// When to give a trial up.

public import StudyModel

/// Judges a running trial by what it and the others reported. A value, like a ``Sampler``.
public protocol Pruner: Sendable {
  /// What it reads of a history, so that nothing else is loaded.
  var needs: ColumnSet { get }

  /// Whether the running trial in `row` should stop, having just reported at `step`.
  ///
  /// - Parameter history: with the columns that this pruner ``needs`` loaded.
  /// - Throws: when curves cannot be read.
  func shouldPrune(row: Int, at step: Int64, given history: History) throws -> Bool
}
