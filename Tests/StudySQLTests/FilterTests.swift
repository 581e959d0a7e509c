import PlainText
import StudyModel
import Testing

@testable import StudySQL

/// What people type after `--where`, right and wrong.
@Suite struct FilterTests {
  let snapshot: Snapshot
  let study: StudyID

  init() { (snapshot, study) = digits() }

  @Test(
    arguments: [
      ("lr < 1e-3 and state = 'complete' and accuracy_last > 0.9", [0]),
      ("state = 'COMPLETE'", [0, 3]),
      ("state <> 'COMPLETE'", [1, 2, 4, 5]),
      ("state IS NOT 'Complete'", [1, 2, 4, 5]),
      ("state in ('Failed', 'pruned')", [1, 2]),
      ("accuracy > 0.9", [0]),
      ("amp", [0, 3, 4]),
      ("not amp", [1, 2]),
      ("opt = 'adam' -- the good one", [0, 2, 4]),
      ("\"val/loss_last\" < 1", [0]),
      ("value < (select max(value) from digits)", [3]),
      ("momentum is null", [0, 1, 2, 3, 4, 5]),
      ("number = 3", [3]), ("number = '3'", [3]), ("number = 3.0", [3]), ("number = 3.5", []),
      ("number = 1 or number = 4", [1, 4]),
      ("number in (4, 0, 9)", [0, 4]),
      ("started < '2026-01-02 03:04:07'", [0, 1]),
      ("user_note like '%good%'", [0]),
      ("duration_s > 1", [0, 1, 2, 3]),
      ("started < '2026-01-02T03:04:07'", [0, 1]), ("started < '2026-01-02T03:04:07Z'", [0, 1]),
      ("started <= '2026-01-02 03:04:07'", [0, 1, 2]), ("started = '2026-01-02T03:04:07Z'", [2]),
      ("started < '2026-01-02T04:04:07+01:00'", [0, 1]),
      ("started < '2026-01-02T03:04:06.5'", [0, 1]), ("started < '2026-01-02T03:04:06,5'", [0, 1]),
      ("started > '2026-01-02T03:04:06.999999999Z'", [2, 3, 4]),
      ("started > '2026-01-02'", [0, 1, 2, 3, 4]), ("started > '2026-01-03'", []),
      ("started between '2026-01-02T03:04:06' and '2026-01-02T03:04:08Z'", [1, 2, 3]),
      ("started in ('2026-01-01T22:04:05-05:00', '2026-01-02T03:04:08')", [0, 3]),
      ("'2026-01-02T03:04:07' > started", [0, 1]),
      ("started < datetime('2026-01-02 03:04:05', '+2 seconds')", [0, 1]),
      ("started like '2026-01-02 03:04:07%'", [2]),
      ("lr > '0.1'", [4]), ("lr between '1e-3' and '0.2'", [1, 2]),
      ("layers in ('2', '8')", [0, 3]),
      ("user_note = 'lr' or user_note = '3'", []), ("opt || '' = 'adam'", [0, 2, 4]),
      ("instr(opt, 'amp') = 0 and opt = 'sgd'", [1, 3]),
      ("case opt when 'lr' then 0 when 'sgd' then 1 end", [1, 3]),
      ("iif(amp, 'lr', 'x') = 'lr'", [0, 3, 4]), ("(opt) = ('sgd')", [1, 3]),
      ("opt is not 'adam'", [1, 3, 5]), ("opt between 'lr' and 'value'", [1, 3]),
      ("1", [0, 1, 2, 3, 4, 5]),
    ] as [(String, [Int64])])
  func `a filter finds its trials`(filter: String, numbers: [Int64]) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(try database.numbers(study, where: filter) == numbers.map { .integer($0) })
  }

  @Test func `sorting puts trials without a value last, and equal ones by number`() throws {
    let database = try HistoryDatabase(snapshot)
    func order(_ keys: [String]) throws -> [SQLValue] {
      var rows = try database.trials(of: study, TrialListing(sort: keys, columns: ["NUMBER"]))
      return try rows.all().map { $0[0] }
    }
    #expect(try order(["-value"]) == [0, 3, 1, 2, 4, 5])
    #expect(try order(["value"]) == [3, 0, 1, 2, 4, 5])
    #expect(try order(["opt", "-lr"]) == [4, 2, 0, 1, 3, 5])
    #expect(try order(["-number"]) == [5, 4, 3, 2, 1, 0])
    #expect(try order([]) == [0, 1, 2, 3, 4, 5])
    var rows = try database.trials(
      of: study, TrialListing(sort: ["-lr"], columns: ["lr"], limit: 2, offset: 1))
    #expect(try rows.all() == [[0.1], [0.01]])
  }

  @Test(
    arguments: [
      (
        "lrr < 1e-3",
        """
        there is no column "lrr"
          lrr < 1e-3
          ^
          try: lr
        """
      ),
      (
        "amp and \"lrr\" < 1",
        """
        there is no column "lrr"
          amp and "lrr" < 1
                  ^
          try: lr
        """
      ),
      (
        "lr",
        """
        the filter is only the column "lr", which is neither true nor false; did the shell take \
        the rest, such as a > or <?
          try: the whole filter in quotes, such as 'lr > 0', or 'lr IS NOT NULL'
        """
      ),
      (
        "lr > 0 and opt = adam",
        """
        "adam" is no column; text stands in single quotes
          lr > 0 and opt = adam
                           ^
          try: 'adam'
        """
      ),
      (
        "opt = \"adam\"",
        """
        "adam" is no column; text stands in single quotes
          opt = "adam"
                ^
          try: 'adam'
        """
      ),
      (
        "opt not in (sgd, adam)",
        """
        "sgd" is no column; text stands in single quotes
          opt not in (sgd, adam)
                      ^
          try: 'sgd'
        """
      ),
      (
        "val/loss_last < 0.3",
        """
        the name "val/loss_last" needs double quotes in SQL, which would compute with its parts
          val/loss_last < 0.3
          ^
          try: "val/loss_last"
        """
      ),
      (
        "val/loss < 0.3",
        """
        the name "val/loss_last" needs double quotes in SQL, which would compute with its parts
          val/loss < 0.3
          ^
          try: "val/loss_last"
        """
      ),
      (
        "lr 0.1",
        """
        SQL cannot read this: near "0.1": syntax error
          lr 0.1
             ^
          try: comparisons joined by and/or, such as lr < 1e-3 and state = 'complete'
        """
      ),
      (
        "lr > 0\nand 数 = 1",
        """
        there is no column "数"
          and 数 = 1
              ^
        """
      ),
      (
        "state = 'completed'",
        """
        no trial is ever in the state "completed"
          state = 'completed'
                  ^
          try: 'complete'
        """
      ),
      (
        "state in ('failed', 'xyz')",
        """
        no trial is ever in the state "xyz"
          state in ('failed', 'xyz')
                              ^
          try: 'running', 'complete', 'pruned', 'failed', 'waiting'
        """
      ),
      (
        "state = complete",
        """
        "complete" is no column; text stands in single quotes
          state = complete
                  ^
          try: 'complete'
        """
      ),
      (
        "  ",
        """
        the expression is empty
          try: a comparison, such as 'value < 0.5'
        """
      ),
      (
        "1) or (1",
        """
        this is not one expression: a closing bracket has no opening one
          1) or (1
           ^
        """
      ),
      (
        "opt = 'adam",
        """
        this is not one expression: text begins and does not end
          opt = 'adam
                ^
        """
      ),
      (
        "amp = 'true'",
        """
        "amp" is true or false, and never the text "true"
          amp = 'true'
                ^
          try: amp, or not amp
        """
      ),
      (
        "lr < 1 and",
        """
        this is not one expression: it ends too early
          lr < 1 and
                    ^
        """
      ),
      (
        "(lr > 1",
        """
        this is not one expression: a bracket is not closed
          (lr > 1
                 ^
        """
      ),
    ])
  func `a mistake is answered with help`(filter: String, words: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(study, about: filter)?.description == words)
  }

  @Test(
    arguments: [
      "1) UNION SELECT (1", "1; DROP TABLE x", "1 /* open", "lr > ?", "lr > ?1", "lr > $x",
      "lr > :x", "lr > @x",
      "load_extension('x')", "count(*) > 1", "lr > (", "select 1",
    ])
  func `what is no expression over the columns is refused`(filter: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(study, about: filter) != nil)
  }

  @Test func `a column to sort by or to show is checked`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(throws: QueryError.unknownColumn("valeu", candidates: ["value"], nil)) {
      _ = try database.trials(of: study, TrialListing(sort: ["-valeu"]))
    }
    #expect(throws: QueryError.unknownColumn("layer", candidates: ["layers"], nil)) {
      _ = try database.trials(of: study, TrialListing(columns: ["layer"]))
    }
    #expect(throws: QueryError.unknownStudy(99)) {
      _ = try database.trials(of: StudyID(rawValue: 99))
    }
  }

  @Test func `a metric asked for by its name is offered with its summaries`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    let trial = store.start(id)
    store.report(id, trial, "acc", [1])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      database.complaint(id, about: "acc > 0.5")
        == .unknownColumn(
          "acc", candidates: ["acc_last", "acc_min", "acc_max"],
          Excerpt("acc > 0.5", offset: 0)))
  }
}
