import PlainText
import StudyModel
import Synchronization
import Testing

@testable import StudySQL

/// `cairn query`: any SELECT, and nothing else.
@Suite struct QueryTests {
  let snapshot: Snapshot
  let study: StudyID

  init() { (snapshot, study) = digits() }

  @Test(
    arguments: [
      "DELETE FROM digits", "INSERT INTO digits(number) VALUES (1)", "UPDATE digits SET value = 1",
      "CREATE TABLE x(a)", "CREATE VIEW v AS SELECT 1", "DROP TABLE digits",
      "ATTACH '/tmp/x.db' AS y", "DETACH main", "PRAGMA table_list", "VACUUM", "BEGIN", "COMMIT",
      "SAVEPOINT a", "ANALYZE", "REINDEX", "CREATE VIRTUAL TABLE f USING fts5(x)",
      "CREATE TEMP TABLE t(a)", "ALTER TABLE digits RENAME TO d",
    ])
  func `anything but reading is refused`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    let verb = String(sql.prefix { $0 != " " })
    #expect(database.complaint(about: sql) == .readsOnly(statement: verb))
  }

  @Test(
    arguments: [
      "WITH x AS (SELECT 1) DELETE FROM digits", "WITH x AS (SELECT 1) DELETE FROM sqlite_master",
      "EXPLAIN DELETE FROM digits", "EXPLAIN PRAGMA table_list",
      "WITH x AS (SELECT 1) UPDATE sqlite_master SET sql = ''",
      "WITH x AS (SELECT 1) INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
    ])
  func `nor is it behind another word`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    guard case .readsOnly = database.complaint(about: sql) else {
      Issue.record("\(sql): \(String(describing: database.complaint(about: sql)))")
      return
    }
  }

  @Test(
    arguments: [
      "SELECT load_extension('x')", "SELECT * FROM pragma_table_list",
      "SELECT fts3_tokenizer('simple')", "SELECT writefile('/tmp/x', 'y')",
      "SELECT readfile('/etc/passwd')",
    ])
  func `no function reaches outside`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(about: sql) != nil)
  }

  @Test func `one statement at a time, and not none`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      database.complaint(about: "SELECT 1; SELECT 2") == .severalStatements(rest: "SELECT 2"))
    #expect(try database.rows("SELECT 1 ; -- done") == [[1]])
    #expect(database.complaint(about: " -- nothing") == .emptyQuery)
    #expect(database.complaint(about: "") == .emptyQuery)
    #expect(database.complaint(about: "SELECT '\0'") != nil)
  }

  @Test(
    arguments: [
      (
        "SELECT lrr FROM digits",
        """
        there is no column "lrr"
          SELECT lrr FROM digits
                 ^
          try: lr
        """
      ),
      (
        "SELECT * FROM digit",
        """
        there is no table or study "digit"
          SELECT * FROM digit
                        ^
          try: digits
        """
      ),
      (
        "SELECT d.metrc FROM metrics d",
        """
        there is no column "d.metrc"
          SELECT d.metrc FROM metrics d
                 ^
          try: metric
        """
      ),
      (
        "SELECT val/loss_last FROM digits",
        """
        the name "val/loss_last" needs double quotes in SQL, which would compute with its parts
          SELECT val/loss_last FROM digits
                 ^
          try: "val/loss_last"
        """
      ),
      (
        "SELECT * FROM digits WHERE opt = \"adagrad_with_nesterov\"",
        """
        "adagrad_with_nesterov" is no column; text stands in single quotes
          SELECT * FROM digits WHERE opt = "adagrad_with_nesterov"
                                           ^
          try: 'adagrad_with_nesterov'
        """
      ),
      (
        "DELETE FROM digits",
        """
        queries only read; DELETE is not allowed
          try: a SELECT
        """
      ),
    ])
  func `a mistake is answered with help`(sql: String, words: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(about: sql)?.description == words)
  }

  @Test(
    arguments: [
      "SELECT number FROM digits WHERE 'lr' > 0.1",
      "SELECT count(*) FROM digits d WHERE 0.1 < 'lr'",
      "SELECT * FROM digits ORDER BY 'value'", "SELECT opt FROM digits GROUP BY 'opt'",
      "SELECT max('value') FROM digits", "SELECT * FROM metrics WHERE 'step' = 3",
      "SELECT * FROM digits WHERE 'amp'", "SELECT number FROM digits WHERE 'amp' AND lr > 0",
      "WITH x AS (SELECT * FROM digits) SELECT * FROM x WHERE 'lr' > 0.1",
    ])
  func `a column's name in single quotes is an error`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    guard case .textIsColumn? = database.complaint(about: sql) else {
      Issue.record("\(String(describing: database.complaint(about: sql)))")
      return
    }
  }

  @Test(
    arguments: [
      "SELECT 'lr', 'value' AS what FROM digits", "SELECT * FROM params WHERE name = 'lr'",
      "SELECT * FROM series WHERE metric = 'value' AND last > 0.5",
      "SELECT 'a' AS lr FROM digits WHERE lr = 'a'", "SELECT name || ' lr ' || number FROM params",
      "SELECT * FROM metrics WHERE time > '2026-11-27T05:00Z'",
      "SELECT group_concat(opt, 'lr') FROM digits",
      "SELECT json_extract(params, '$.lr') FROM trials",
      "WITH x(lr) AS (SELECT 'abc') SELECT * FROM x, digits d WHERE x.lr = 'abc'",
      "SELECT strftime('%H', started) AS started FROM digits GROUP BY started HAVING started > '05'",
    ])
  func `a text that is one is none`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(database.complaint(about: sql) == nil)
  }

  @Test func `times compare as times, in order and in groups`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows("SELECT count(*) FROM digits WHERE started > ?1", ["2026-01-02T03:04:07Z"])
        == [[2]])
    #expect(
      try database.rows("SELECT max(started), min(started) FROM digits") == [
        ["2026-01-02 03:04:09.000000", "2026-01-02 03:04:05.000000"]
      ])
    #expect(
      try database.rows(
        "SELECT a.number FROM digits a JOIN digits b ON a.started = b.started ORDER BY a.started")
        == [[0], [1], [2], [3], [4]])
  }

  /// Each would take gigabytes, in another way.
  @Test(
    arguments: [
      "SELECT x FROM c ORDER BY -x", "SELECT group_concat(x, 'yyyyyyyyyyyyyyyyyyyyyyyyy') FROM c",
      "SELECT count(DISTINCT x) FROM c", "SELECT a.x FROM c a, c b GROUP BY a.x * b.x",
      "SELECT json_group_array(x) FROM c", "SELECT x FROM c UNION SELECT -x FROM c",
      "SELECT count(*) FROM c a JOIN c b ON a.x = -b.x",
      "SELECT hex(zeroblob(1000000000))",
      "SELECT x FROM c ORDER BY hex(zeroblob(90000)), x",
      "SELECT replace(hex(zeroblob(30000000)), '0', '0123456789abcdef')",
    ])
  func `what would take gigabytes is stopped`(sql: String) throws {
    let database = try HistoryDatabase(
      snapshot, limits: QueryLimits(operations: 100_000_000, memoryBytes: 8 << 20))
    let bomb = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
    guard case .tooMuchMemory? = database.complaint(about: sql.contains("c") ? bomb + sql : sql)
    else {
      Issue.record("\(String(describing: database.complaint(about: sql)))")
      return
    }
    #expect(try database.rows("SELECT count(*) FROM digits") == [[6]])
  }

  @Test func `a bomb stops at its limit`() throws {
    let bomb =
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    let database = try HistoryDatabase(snapshot, limits: QueryLimits(operations: 100_000))
    #expect(database.complaint(about: bomb) == .tooMuchWork(operations: 100_000))
    #expect(try database.rows("SELECT count(*) FROM digits") == [[6]])
    #expect(database.complaint(about: "SELECT length(zeroblob(1000000000))") != nil)
    #expect(
      database.complaint(about: "SELECT replace(hex(zeroblob(9999999)), '0', '0123456789abcdef')")
        != nil)
  }

  @Test func `a running query can be cancelled from another thread`() async throws {
    let cancellation = QueryCancellation()
    let started = Atomic(false)
    let snapshot = snapshot
    async let outcome: QueryError? = Task.detached {
      let database = try HistoryDatabase(snapshot, cancellation: cancellation)
      started.store(true, ordering: .releasing)
      return database.complaint(
        about:
          "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c")
    }.value
    while !started.load(ordering: .acquiring) { await Task.yield() }
    cancellation.cancel()
    #expect(try await outcome == .interrupted)
  }

  @Test func `rows outlive the database they came from`() throws {
    func open() throws -> QueryRows {
      let database = try HistoryDatabase(snapshot)
      return try database.query("SELECT number FROM digits WHERE number < 2")
    }
    var rows = try open()
    #expect(try rows.all() == [[0], [1]])
    #expect(try rows.next() == nil)
  }

  @Test func `values take the place of placeholders`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows("SELECT ?1, ?2, ?3, ?4", [1, 2.5, "", nil]) == [[1, 2.5, "", nil]])
    #expect(throws: QueryError.self) { try database.rows("SELECT 1", [1]) }
    #expect(throws: QueryError.self) { try database.rows("SELECT ?1, :x", [1]) }
  }

  @Test(
    arguments: [
      "SELECT count(*) FROM metrics WHERE study = 'digits' AND number = 0",
      "SELECT count(*) FROM metrics WHERE (study = 'digits' AND number = 0)",
    ])
  func `an equality on study and number narrows the scan`(sql: String) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(try database.rows(sql) == [[5]])
    #expect(try ScanMeter.loads { _ = try database.rows(sql) }.map(\.rows) == [0..<1])
  }

  @Test func `alternatives over several scans lose and repeat no row`() throws {
    let database = try HistoryDatabase(snapshot)
    for table in ["params", "metrics", "series", "attrs", "trials"] {
      let either = try database.rows(
        """
        SELECT count(*) FROM \(table)
        WHERE (study = 'digits' AND number = 0) OR (study = 'digits' AND number = 1)
          OR (study = 'digits' AND number + 0 = 0)
        """)
      let plain = try database.rows("SELECT count(*) FROM \(table) WHERE +number IN (0, 1)")
      #expect(either == plain)
    }
  }

  @Test func `comparisons that SQLite converts are not narrowed wrongly`() throws {
    var store = StoreBuilder()
    let id = store.study("5")
    store.start(id)
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.rows("SELECT study FROM trials WHERE study = 5") == [["5"]])
    #expect(try database.rows("SELECT count(*) FROM trials WHERE study = NULL") == [[0]])
    #expect(try database.rows("SELECT count(*) FROM trials WHERE number = '0'") == [[1]])
    #expect(try database.rows("SELECT count(*) FROM trials WHERE number IS NULL") == [[0]])
    #expect(
      try HistoryDatabase(snapshot).rows(
        "SELECT count(*) FROM trials WHERE study = 'DIGITS' COLLATE NOCASE") == [[6]])
  }

  @Test func `a join goes trial by trial`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    for _ in 0..<2000 {
      let trial = store.start(id)
      store.report(id, trial, "m", [1, 2, 3])
      store.finish(id, trial, .complete, [3])
    }
    let database = try HistoryDatabase(store.snapshot, limits: QueryLimits(operations: 2_000_000))
    #expect(
      try database.rows(
        """
        SELECT count(*), sum(m.value) FROM trials t
        JOIN metrics m ON m.study = t.study AND m.number = t.number WHERE t.state = 'complete'
        """) == [[6000, 12000.0]])
    #expect(
      try database.rows(
        "SELECT count(*) FROM s JOIN metrics m ON m.study = 's' AND m.number = s.number")
        == [[6000]])
  }

  @Test func `local time is told by the machine's clock`() throws {
    let database = try HistoryDatabase(snapshot, clock: .local)
    let local = try database.rows("SELECT created FROM studies LIMIT 1")
    let offset = try database.rows(
      "SELECT strftime('%s', '2026-01-02 03:04:05', 'localtime') - strftime('%s', '2026-01-02 03:04:05')"
    )
    guard case .text(let text) = local[0][0], case .integer(let ahead) = offset[0][0] else {
      Issue.record("no text")
      return
    }
    #expect(
      ClockZone.utc.text(Timestamp(rawValue: dawn.rawValue + ahead * 1_000_000)) == text)
  }
}
