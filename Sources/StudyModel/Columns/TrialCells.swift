// One trial at a time: for whoever follows a long study and takes from each trial, once, what it
// keeps. Nothing here costs more the longer the study is, as loading a column may.

/// The cells of one trial.
public struct TrialCells: Sendable {
  private let place: TrialPlace

  init(_ place: TrialPlace) { self.place = place }

  /// What it is: waiting, running, or how it ended.
  public var state: TrialState { place.state }
  /// Empty when it was enqueued or came from elsewhere.
  public var proposer: String { place.proposer }
  /// The last of its attempts.
  public var lastAttempt: Attempt? { place.lastAttempt }

  /// The value of objective `index`.
  public func value(ofObjective index: Int) -> Double? { place.value(index) }

  /// By how much bound `index` of the study is broken (positive) or kept; nil: not known.
  public func violation(ofBound index: Int) -> Double? { place.violation(index) }

  /// The value of a parameter as kept (``Distribution/value(of:)``), and which of the parameter's
  /// distributions it was drawn from; nil when the trial lacks it.
  public func parameter(_ parameter: KnownParameter) -> (value: Double, distribution: Int)? {
    place.parameter(parameter.number).map { ($0.value, $0.distribution) }
  }
}

/// A parameter that some trials of a history have.
public struct KnownParameter: Sendable {
  let number: Int
  private let drawnFrom: Registry<Distribution>

  init(number: Int, _ distributions: Registry<Distribution>) {
    self.number = number
    drawnFrom = distributions
  }

  /// How many distributions trials of the study drew it from.
  public var distributionCount: Int { drawnFrom.count }

  /// One of them, in order of appearance.
  public func distribution(_ index: Int) -> Distribution { drawnFrom[index] }
}

/// A metric that some trials of a history reported, read one trial at a time.
public struct KnownMetric: Sendable {
  private let record: StudyRecord
  private let number: Int

  init(_ record: StudyRecord, _ number: Int) {
    self.record = record
    self.number = number
  }

  /// What the series of the trial in `row` comes to; nil without reports.
  ///
  /// - Throws: when it cannot be read.
  public func summary(ofRow row: Int) throws -> SeriesSummary? {
    try record.place(row, metric: number).summary(number)
  }

  /// The series of the trial in `row`, by ascending step, each step once.
  ///
  /// - Throws: when it cannot be read.
  public func series(ofRow row: Int) throws -> [MetricPoint] {
    try record.place(row, metric: number).points(number)
  }

  /// The value of the trial in `row` at exactly `step`.
  ///
  /// - Throws: when it cannot be read.
  /// - Complexity: O(log length); of a finished trial with regular steps O(1).
  public func value(ofRow row: Int, atStep step: Int64) throws -> Double? {
    try record.place(row, metric: number).reported(number, atStep: step)
  }
}
