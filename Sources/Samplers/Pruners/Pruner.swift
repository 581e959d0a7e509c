// When to give a trial up.

public import StudyModel

/// A pruner as a study can choose it, declared in the pruner's own file.
public protocol PrunerKind: Component {
  /// Whether it needs an objective to compare trials by, and exactly one.
  static var comparesTrials: Bool { get }

  /// - Throws: ``SamplerError/badOption(component:option:reason:)`` for options that do not go
  ///   together.
  static func make(_ options: Options) throws(SamplerError) -> any Pruner
}

extension PrunerKind {
  /// Most do.
  public static var comparesTrials: Bool { true }
}

/// Judges a running trial by what it and the others reported. A value, like a ``Sampler``.
public protocol Pruner: Sendable {
  /// The beginning of a conversation about one study.
  func session() -> any PrunerSession
}

/// A pruner at work on one study; see ``SamplerSession`` for what it may keep.
public protocol PrunerSession: Sendable {
  /// - Throws: when curves cannot be read.
  mutating func judge(_ request: JudgementRequest) throws -> Judgement
}

/// What a pruner is asked with: a trial that has just reported.
public struct JudgementRequest: Sendable {
  /// The running trial, as a row of the history.
  public var row: Int
  /// The step it reported at.
  public var step: Int64
  /// The study as it stands now.
  public var history: History

  /// `row` has reported at `step`.
  public init(row: Int, at step: Int64, given history: History) {
    self.row = row
    self.step = step
    self.history = history
  }
}

/// What shall become of a trial. Whoever acts on it switches over all cases, so that a further
/// one (to go on with another trial's parameters and checkpoint) is overlooked nowhere.
public enum Judgement: Hashable, Sendable {
  case goOn
  case stop
}
