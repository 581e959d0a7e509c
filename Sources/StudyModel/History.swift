// What a sampler or a pruner is given: a study's objectives, and its trials one by one, so that
// its cost need not grow with the history's length.

/// A study as it stood at one moment. Cheap to copy; reading it takes no lock.
public struct History: Sendable {
  /// What is optimized, in the order of the values.
  public let objectives: [Objective]
  private let record: StudyRecord

  /// - Complexity: O(1).
  public init(_ record: StudyRecord) {
    objectives = record.study.definition.objectives
    self.record = record
  }

  /// How many trials there are, open ones included.
  public var trialCount: Int { record.trialCount }

  /// How many trials are in `state`, without a walk; those that are set aside left out.
  public func count(_ state: TrialState) -> Int { record.searchedCount(state) }

  /// How many trials have begun, those that are set aside left out.
  public var begunCount: Int { endedCount + count(.running) }

  /// How many of them have ended.
  public var endedCount: Int { accomplishedCount + count(.failed) }

  /// How many trials are complete or pruned.
  public var accomplishedCount: Int { record.accomplishedCount }

  /// How many bounds trials are held against.
  public var boundCount: Int { record.schema.boundCount }

  /// The row of trial `number`; nil when there is none.
  public func row(ofNumber number: Int) -> Int? { record.row(ofNumber: number) }

  /// Rows in the order in which trials finished; those that are set aside left out.
  public var finishedRows: SearchedRows { record.searchedRows }

  /// Rows of trials that are waiting or running, ascending; those that are set aside left out.
  public var openRows: [Int] {
    record.setAsideCount == 0 ? record.openRows : record.openRows.filter { !isSetAside($0) }
  }

  /// Whether the trial in `row` counts for nothing: see ``TrialMarks/isSetAside``.
  public func isSetAside(_ row: Int) -> Bool { record.isSetAside(row: row) }

  /// One number for which trials are set aside: what was learned of rows before holds as long as
  /// it is the same.
  public var setAsideFingerprint: UInt64 { record.setAside.fingerprint }

  /// The trial in `row`, which must be one of the study's.
  ///
  /// - Throws: when it cannot be read.
  public func trial(_ row: Int) throws -> TrialCells {
    TrialCells(try record.place(row, .cells))
  }

  /// The parameter of a name; nil when no trial has it.
  public func parameter(_ name: String) -> KnownParameter? {
    record.schema.parameters.number(of: NameKey(name)).map { number in
      KnownParameter(
        number: number, record.schema.distributions[UInt64(number)] ?? Registry())
    }
  }

  /// The intermediate values of objective `index`; nil when no trial reported any.
  public func intermediate(ofObjective index: Int) -> KnownMetric? {
    record.schema.metrics.number(of: NameKey(objectives[index].name)).map {
      KnownMetric(record, $0)
    }
  }
}
