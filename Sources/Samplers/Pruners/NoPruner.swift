// No pruning.

import StudyModel

/// Never stops a trial.
public struct NoPruner: PrunerKind, Pruner, PrunerSession {
  /// `none`
  public static let name = "none"
  /// For help.
  public static let summary = "every trial runs to its end"
  /// For help.
  public static let guidance = Guidance(
    for: "objectives without intermediate values, and noisy or crossing curves",
    needs: "nothing",
    otherwise: "curve or median where trials report by step and most could be given up early")
  /// It takes any number of objectives.
  public static let comparesTrials = false

  /// It has none.
  public typealias Options = NoOptions

  /// There is but one.
  public static func make(_ options: NoOptions) -> any Pruner { Self() }

  /// It remembers nothing.
  public func session() -> any PrunerSession { self }

  /// Always to go on.
  public func judge(_ request: JudgementRequest) -> Judgement { .goOn }
}
