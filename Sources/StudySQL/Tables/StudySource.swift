// A study, as the tables read it.

internal import StudyModel

/// A study's state, shared by all tables and pieces instead of copied.
final class StudySource: Sendable {
  let state: StudyState
  let clock: ClockZone
  /// How many trials the studies before this one have: trials are numbered through over the
  /// whole store, to give rows their identities.
  let trialsBefore: Int
  /// Under which name the study's own table is found.
  let tableName: String

  /// The columns of the trials, each an object of its own: to read a value through the whole
  /// state would copy the references in between, every time.
  let parameters: [ParameterReader]
  let metrics: [MetricReader]

  var name: String { state.study.name }

  init(_ state: StudyState, clock: ClockZone, trialsBefore: Int, tableName: String) {
    self.state = state
    self.clock = clock
    self.trialsBefore = trialsBefore
    self.tableName = tableName
    parameters = state.trials.parameters.map(ParameterReader.init)
    metrics = state.trials.metrics.map(MetricReader.init)
  }

  /// The identity of the first of the rows that belong to the trial in `row`. A trial has
  /// fewer than 2^31 of them, as reports are counted in 31 bits.
  func firstRowID(ofTrialRow row: Int) -> Int64 { Int64(trialsBefore + row) << 31 }

  func time(_ time: Timestamp?) -> SQLValue {
    time.map { .text(clock.text($0)) } ?? .null
  }

  /// The last attempt of the trial in `row`.
  func lastAttempt(_ row: Int) -> Attempt? {
    state.trials.lastAttempt[row].map { state.trials.attempts[$0] }
  }

  /// What all attempts of the trial in `row` cost together; nil when it is not known.
  func usage(_ row: Int) -> ResourceUsage? {
    let parts = state.trials.attempts(ofRow: row).compactMap { $0.end?.usage }
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() {
      sum.wallSeconds += part.wallSeconds
      sum.cpuSeconds += part.cpuSeconds
      sum.peakResidentBytes = max(sum.peakResidentBytes, part.peakResidentBytes)
    }
    return sum
  }

  /// Seconds spent in attempts that have ended: as their supervisors measured them, else from
  /// claim to end. When a lost attempt ended nobody knows: it counts as far as it was measured.
  /// Nil when no attempt's time is known.
  func secondsSpent(_ row: Int) -> Double? {
    let parts = state.trials.attempts(ofRow: row).compactMap { attempt -> Double? in
      if let usage = attempt.end?.usage { return usage.wallSeconds }
      guard let ended = attempt.ended, attempt.end?.outcome != .lost else { return nil }
      return max(0, ended.seconds(since: attempt.started))
    }
    return parts.isEmpty ? nil : parts.reduce(0, +)
  }
}
