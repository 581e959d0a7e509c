import PlainText
import StudyModel
import Testing

@testable import StudySQL

/// Texts where columns were meant, and columns compared with what they never are.
@Suite struct LiteralTests {
  let snapshot: Snapshot
  let study: StudyID

  init() { (snapshot, study) = digits() }

  @Test(
    arguments: [
      (
        "'lr' > 0.1",
        """
        'lr' in single quotes is a text and not the column "lr"
          'lr' > 0.1
          ^
          try: lr
        """
      ),
      (
        "amp and 0.3 < 'val/loss_last'",
        """
        'val/loss_last' in single quotes is a text and not the column "val/loss_last"
          amp and 0.3 < 'val/loss_last'
                        ^
          try: "val/loss_last"
        """
      ),
      (
        "'layer' > 0.1",
        """
        the text "layer" is compared with 0.1, the same for every row
          'layer' > 0.1
          ^
          try: layers
        """
      ),
      (
        "lr < 'small'",
        """
        "lr" is a number, and never the text "small"
          lr < 'small'
               ^
          try: a number, such as lr > 0.5
        """
      ),
      (
        "started > 'yesterday'",
        """
        "started" is a time, and "yesterday" is none
          started > 'yesterday'
                    ^
          try: started > '2026-11-27 05:00', '2026-11-27T05:00Z' or '2026-11-27'; \
        datetime('now', '-1 hour')
        """
      ),
      (
        "started > 2026-01-02",
        """
        "started" is a time, which is written in quotes
          started > 2026-01-02
                    ^
          try: started > '2026-11-27 05:00', '2026-11-27T05:00Z' or '2026-11-27'; \
        datetime('now', '-1 hour')
        """
      ),
      (
        "opt > 8",
        """
        "opt" is text, which is not compared as the number 8
          opt > 8
                ^
          try: opt = '8', or CAST(opt AS REAL) > 8
        """
      ),
      (
        "'amp'",
        """
        'amp' in single quotes is a text and not the column "amp"
          'amp'
          ^
          try: amp
        """
      ),
      (
        "lr > 0 and not 'slow'",
        """
        the text "slow" is neither true nor false
          lr > 0 and not 'slow'
                         ^
          try: a comparison, such as opt = 'adam'
        """
      ),
    ])
  func `a mistake is answered with help`(filter: String, words: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(study, about: filter)?.description == words)
  }

  /// Wherever a column can stand, its name in single quotes is told from a text.
  @Test(
    arguments: [
      "'lr' > 0.1", "'LR' > 0.1", "('lr') > 0.1", "0.1 < 'lr'", "'lr' = 'lr'", "'opt' = 'adam'",
      "'lr' between 0.1 and 0.2", "'lr' not between 0.1 and 0.2", "lr between 'layers' and 1",
      "'lr' in (0.1, 0.2)", "'lr' not in (0.1)", "'lr' is not null", "'lr' isnull", "'lr' is 0.1",
      "'lr' * 2 > 0.1", "2 * 'lr' > 0.1", "-'lr' < 0", "abs('lr') > 0.1", "coalesce('lr', 0) > 0.1",
      "'amp' and lr > 0", "lr > 0 and ('amp')", "not 'amp'", "lr > 'layers'", "amp = 'layers'",
      "started > 'ended'", "lr > 0 or 'lr' > 0.1", "-0.1 < 'lr'", "'lr' > -0.1", "'lr' <> +1",
      "not ('lr' > 0.1)", "'lr' > 0.1 and 'lr' < 0.2", "lr in (0.1, 'layers')",
    ])
  func `a column's name in single quotes is an error`(filter: String) throws {
    let database = try HistoryDatabase(snapshot)
    guard case .textIsColumn? = database.complaint(study, about: filter) else {
      Issue.record("\(String(describing: database.complaint(study, about: filter)))")
      return
    }
  }

  @Test(
    arguments: [
      "2026-13-01", "2026-02-29", "2026-01-02T", "2026-01-02T25:00", "2026-01-02T03:60",
      "2026-01-02T03:04:05.", "2026-01-02T03:04:05+25:00", "2026-01-02 ", "26-01-02", "x", "",
      "2026-01-02T03:04:05Zulu", "20260102", "2026-W01-1",
    ])
  func `what is no time is refused`(text: String) throws {
    let database = try HistoryDatabase(snapshot)
    guard case .notATime? = database.complaint(study, about: "started > '\(text)'") else {
      Issue.record("\(text)")
      return
    }
  }

  @Test func `a parameter is found by its own letters`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    for value in [0.25, 0.5] {
      store.start(id, [("lr", rate, .float(value)), ("LR", rate, .float(1 - value))])
    }
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.numbers(id, where: "lr > 0.3") == [1])
    #expect(try database.numbers(id, where: "LR_2 > 0.6") == [0])
    guard case .sameToSQL("LR", "LR_2", "lr", _)? = database.complaint(id, about: "LR > 0.6") else {
      Issue.record("\(String(describing: database.complaint(id, about: "LR > 0.6")))")
      return
    }
    var rows = try database.trials(of: id, TrialListing(sort: ["-LR"], columns: ["LR", "lr"]))
    #expect(rows.columns.map(\.name) == ["LR_2", "lr"])
    #expect(try rows.all() == [[0.75, 0.25], [0.5, 0.5]])
  }
}
