// No pruning.

public import StudyModel

/// Never stops a trial.
public struct NoPruner: PrunerKind, Pruner, PrunerSession {
  public static let name = "none"
  public static let summary = "every trial runs to its end"
  public static let comparesTrials = false

  public typealias Options = NoOptions

  public static func make(_ options: NoOptions) -> any Pruner { Self() }

  public var needs: ColumnSet { ColumnSet() }

  public func session() -> any PrunerSession { self }

  public func judge(_ request: JudgementRequest) -> Judgement { .goOn }
}
