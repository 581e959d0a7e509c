// A study, as the tables read it.

import PlainText
internal import StudyModel

/// A study's state, shared by all tables and pieces instead of copied.
final class StudySource: Sendable {
  let state: StudyRecord
  let clock: ClockZone
  /// How many trials the studies before this one have: trials are numbered through over the
  /// whole store, to give rows their identities.
  let trialsBefore: Int
  /// Under which name the study's own table is found.
  let tableName: String

  var name: String { state.study.name }

  init(_ state: StudyRecord, clock: ClockZone, trialsBefore: Int, tableName: String) {
    self.state = state
    self.clock = clock
    self.trialsBefore = trialsBefore
    self.tableName = tableName
  }

  /// The identity of the first of the rows that belong to the trial in `row`. A trial has
  /// fewer than 2^31 of them, as reports are counted in 31 bits.
  func firstRowID(ofTrialRow row: Int) -> Int64 { Int64(trialsBefore + row) << 31 }

  func time(_ time: Timestamp?) -> SQLValue {
    time.map { .text(clock.text($0)) } ?? .null
  }
}
