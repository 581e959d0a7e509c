// What people and programs say of a trial beside its history, at any time: also when it has
// finished, and nothing else of it changes any more.

/// What is said of one trial.
public struct TrialMarks: Hashable, Sendable {
  /// What somebody wrote of it.
  public var note: String?
  /// Each once, in the order in which they were given.
  public var tags: [String] = []
  /// Why it counts for nothing; nil: it was not dropped.
  public var dropped: String?
  /// The number of the trial that it runs again, outside the search, to see how noisy that is.
  public var rerunOf: Int?

  /// Nothing is said.
  public init() {}

  /// Whether nothing is said.
  public var isEmpty: Bool { self == TrialMarks() }

  /// Whether the trial is no part of the search: dropped, or a rerun. It is no observation for any
  /// sampler, pruner or analysis, is never best, and is none of the trials that the study shall
  /// have.
  public var isSetAside: Bool { dropped != nil || rerunOf != nil }
}

/// What is said of a trial, as a study keeps it.
package struct KeptMarks: Hashable, Sendable {
  package var said = TrialMarks()
  /// How it ended, where it is set aside and has.
  package var ended: TrialState?

  package init(said: TrialMarks = TrialMarks(), ended: TrialState? = nil) {
    self.said = said
    self.ended = ended
  }
}

/// One thing that is said of a trial.
public enum TrialMark: Hashable, Sendable {
  /// In place of the note it had; nil: none any more.
  case note(String?)
  case tag(String)
  case untag(String)
  /// The trial, which ended in `state`, is dropped for a reason, or with nil no more.
  case dropped(TrialState, reason: String?)
  /// The trial, which ended so if it has, is a rerun.
  case rerun(of: Int, ended: TrialState?)

  /// Changes `marks` as this says; returns whether they are others now.
  func change(_ marks: inout TrialMarks) -> Bool {
    let before = marks
    switch self {
    case .note(let text): marks.note = text
    case .tag(let tag): if !marks.tags.contains(tag) { marks.tags.append(tag) }
    case .untag(let tag): marks.tags.removeAll { $0 == tag }
    case .dropped(_, let reason): marks.dropped = reason
    case .rerun(let number, _): marks.rerunOf = number
    }
    return marks != before
  }
}

/// What is said of some trials of a study, at once.
public struct TrialMarking: Hashable, Sendable {
  /// One trial and what is said of it.
  public struct Entry: Hashable, Sendable {
    /// The trial's number.
    public var number: Int
    /// What is said.
    public var mark: TrialMark

    /// `mark` of trial `number`.
    public init(_ number: Int, _ mark: TrialMark) {
      self.number = number
      self.mark = mark
    }
  }

  /// In this order.
  public var entries: [Entry]
  /// The study's best trials from then on, by number, where they are others: which these are can
  /// only be told by whoever looks at all values. Rows count for nothing here.
  public var best: [BestTrial]?
  /// When it was said.
  public var time: Timestamp

  /// `best` is nil where the best trials stay what they are.
  public init(_ entries: [Entry], best: [BestTrial]? = nil, time: Timestamp) {
    self.entries = entries
    self.best = best
    self.time = time
  }
}
