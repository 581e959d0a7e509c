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
  /// How many studies are before this one.
  let index: Int
  /// Under which name the study's own table is found.
  let tableName: String

  /// See ``HistoryDatabase/LastLineReader``.
  let lastLine: HistoryDatabase.LastLineReader?

  var name: String { state.study.name }

  init(
    _ state: StudyRecord, clock: ClockZone, trialsBefore: Int, index: Int, tableName: String,
    lastLine: HistoryDatabase.LastLineReader? = nil
  ) {
    self.state = state
    self.clock = clock
    self.trialsBefore = trialsBefore
    self.index = index
    self.tableName = tableName
    self.lastLine = lastLine
  }

  /// The identity of the first of the rows that belong to the trial in `row`. A trial has
  /// fewer than 2^31 of them, as reports are counted in 31 bits.
  func firstRowID(ofTrialRow row: Int) -> Int64 { Int64(trialsBefore + row) << 31 }

  /// The identity of a row that belongs to a metric or parameter of the study as a whole: no two
  /// are the same in a store of less than a million studies with less than 2^16 such columns of
  /// less than 2^27 rows each.
  func rowID(ofColumn number: Int, _ place: Int) -> Int64 {
    Int64(index) << 43 &+ Int64(number) << 27 &+ Int64(place)
  }

  func time(_ time: Timestamp?) -> SQLValue {
    time.map { .text(clock.text($0)) } ?? .null
  }
}
