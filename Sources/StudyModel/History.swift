// What a sampler or a pruner is given: a study's objectives and those columns of its trials that
// it declares to need.

/// A study as it stood at one moment. Cheap to copy; reading it takes no lock.
public struct History: Sendable {
  /// What is optimized, in the order of the values.
  public let objectives: [Objective]
  /// What the reader asked for of all trials.
  public let trials: LoadedColumns
  private let record: StudyRecord

  /// - Throws: when columns cannot be read.
  public init(_ record: StudyRecord, loading columns: ColumnSet) throws {
    objectives = record.study.definition.objectives
    trials = try record.load(columns)
    self.record = record
  }

  /// How many trials there are, open ones included.
  public var trialCount: Int { trials.rows.count }

  /// How many trials are in `state`, without a walk.
  public func count(_ state: TrialState) -> Int { record.count(state) }

  /// How many trials are complete or pruned.
  public var accomplishedCount: Int { record.accomplishedCount }

  /// The row of trial `number`; nil when there is none.
  public func row(ofNumber number: Int) -> Int? { record.row(ofNumber: number) }

  /// Rows in the order in which trials finished.
  public var finishedRows: FinishedRows { record.finishedRows }

  /// Rows of trials that are waiting or running, ascending.
  public var openRows: [Int] { record.openTrials.map(\.row) }

  /// The intermediate values of objective `index`; nil when no trial reported any.
  public func intermediate(ofObjective index: Int) -> MetricColumn? {
    trials.metric(objectives[index].name)
  }
}
