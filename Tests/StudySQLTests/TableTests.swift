import StudyModel
import Synchronization
import Testing

@testable import StudySQL

@Suite struct TableTests {
  let snapshot: Snapshot
  let study: StudyID

  init() { (snapshot, study) = digits() }

  @Test func `studies has a row a study`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows(
        """
        SELECT name, directions, sampler, trials, complete, pruned, failed, running, waiting,
          best_value, best_number, created, table_name FROM studies
        """) == [
          [
            "digits", "maximize", "auto", 6, 2, 1, 1, 1, 1, 0.92, 0,
            "2026-01-02 03:04:05.000000", "digits",
          ],
          [
            "spare", "minimize", "auto", 0, 0, 0, 0, 0, 0, nil, nil,
            "2026-01-02 03:04:05.000000", "spare",
          ],
        ])
  }

  @Test func `a study's own table shows what most questions ask`() throws {
    let database = try HistoryDatabase(snapshot)
    var rows = try database.query("SELECT * FROM digits")
    #expect(
      rows.columns.map(\.name) == [
        "number", "state", "value", "started", "ended", "duration_s", "lr", "layers", "opt",
        "amp", "momentum", "user_note",
      ])
    #expect(rows.columns.filter(\.isBoolean).map(\.name) == ["amp"])
    let all = try rows.all()
    #expect(
      all[0] == [
        0, "complete", 0.92, "2026-01-02 03:04:05.000000", "2026-01-02 03:04:06.500000", 1.5,
        0.0005, 2, "adam", 1, nil, "a \"good\" one",
      ])
    #expect(all[3].last == 3)
    #expect(all[5] == [5, "waiting", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil])
  }

  @Test func `its hidden columns are there for whoever names them`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows(
        """
        SELECT accuracy, accuracy_last, accuracy_min, accuracy_max, accuracy_steps,
          "val/loss_last", peak_rss, cpu_s, wall_s, worker, host, attempts, attempt_reason,
          exit_status, sampler, retry_of, feasible, code, system_code
        FROM digits WHERE number IN (0, 2, 5)
        """) == [
          [
            0.92, 0.92, 0.5, 0.95, 3, 0.25, 4096, 2.5, 1.5, "elm:1", "elm", 1, nil, 0, "random",
            nil, 1, "abc123", "abc123",
          ],
          [
            nil, nil, nil, nil, 0, nil, nil, nil, nil, "elm:1", "elm", 1, "exit status 3", 3,
            "random", nil, 1, nil, nil,
          ],
          [
            nil, nil, nil, nil, 0, nil, nil, nil, nil, nil, nil, 0, nil, nil, nil, nil, 1, nil,
            nil,
          ],
        ])
  }

  @Test func `what people said of trials is shown where it was said`() throws {
    var marked = snapshot
    let study = try #require(marked.study(named: "digits"))
    marked.apply(
      .trialsMarked(
        study.study.id,
        try study.marking(
          [
            .init(0, .note("a \"b\"")), .init(0, .tag("x")), .init(0, .tag("y z")),
            .init(1, .dropped(.complete, reason: "bogus")), .init(5, .rerun(of: 0, ended: nil)),
          ], time: study.study.updated)))
    let database = try HistoryDatabase(marked)
    let columns = try database.query("SELECT * FROM digits").columns.map(\.name)
    #expect(columns.suffix(5) == ["user_note", "note", "tags", "dropped", "rerun_of"])
    for table in ["digits", "trials"] {
      #expect(
        try database.rows(
          "SELECT number, note, tags, dropped, rerun_of FROM \(table) "
            + "WHERE coalesce(note, dropped, rerun_of) IS NOT NULL"
            + (table == "trials" ? " AND study = 'digits'" : "")) == [
            [0, "a \"b\"", "x,y z", nil, nil], [1, nil, nil, "bogus", nil],
            [5, nil, nil, nil, 0],
          ])
    }
    // A filter by columns finds what a look at each row does.
    #expect(try database.rows("SELECT number FROM digits WHERE dropped = 'bogus'") == [[1]])
    #expect(
      try database.rows("SELECT number FROM digits WHERE tags IS NULL AND number < 2") == [[1]])
  }

  @Test func `the last printed line is looked up where it was not recorded`() throws {
    let asked = Mutex<[Int]>([])
    let database = try HistoryDatabase(snapshot) { _, trial, attempt in
      asked.withLock { $0.append(trial) }
      return attempt == 1 ? "line of \(trial)" : nil
    }
    #expect(
      try database.rows("SELECT last_line FROM digits WHERE number IN (0, 5)") == [
        ["line of 0"], [nil],
      ])
    #expect(asked.withLock { $0 } == [0])
    #expect(
      try HistoryDatabase(snapshot).rows("SELECT last_line FROM digits WHERE number = 0") == [[nil]]
    )
  }

  @Test func `trials has those of all studies`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows(
        "SELECT study, number, value, objectives, params, attrs FROM trials WHERE state = 'COMPLETE'"
      )
        == [
          [
            "digits", 0, 0.92, #"{"accuracy": 0.92}"#,
            #"{"lr": 0.0005, "layers": 2, "opt": "adam", "amp": true}"#,
            #"{"note": "a \"good\" one"}"#,
          ],
          [
            "digits", 3, 0.85, #"{"accuracy": 0.85}"#,
            #"{"lr": 0.0001, "layers": 8, "opt": "sgd", "amp": true}"#, #"{"note": 3}"#,
          ],
        ])
    #expect(
      try database.rows("SELECT params ->> 'opt', count(*) FROM trials GROUP BY 1") == [
        [nil, 1], ["adam", 3], ["sgd", 2],
      ])
  }

  @Test func `params has a row a parameter of a trial`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows("SELECT name, value FROM params WHERE study = 'digits' AND number = 1")
        == [["lr", 0.01], ["layers", 4], ["opt", "sgd"], ["amp", 0]])
    #expect(
      try database.rows(
        """
        SELECT name, distribution ->> '$.name', distribution -> '$.attributes.choices'
        FROM params WHERE number = 0
        """) == [
          ["lr", "FloatDistribution", nil], ["layers", "IntDistribution", nil],
          ["opt", "CategoricalDistribution", #"["adam","sgd"]"#],
          ["amp", "CategoricalDistribution", "[false,true]"],
        ])
  }

  @Test func `metrics has a row a report, by metric and step`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows("SELECT number, metric, step, value FROM metrics WHERE number <> 3") == [
        [0, "accuracy", 0, 0.5], [0, "accuracy", 1, 0.95], [0, "accuracy", 2, 0.92],
        [0, "val/loss", 0, 1.5], [0, "val/loss", 1, 0.25], [1, "accuracy", 0, 0.1],
        [1, "accuracy", 1, 0.2],
      ])
    #expect(
      try database.rows("SELECT value, time FROM metrics WHERE number = 3 AND step = 1") == [
        [nil, "2026-01-02 03:04:08.100000"]
      ])
  }

  @Test func `series knows what the values come to`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows(
        "SELECT number, metric, steps, first, last, min, max, nans FROM series") == [
          [0, "accuracy", 3, 0.5, 0.92, 0.5, 0.95, 0], [0, "val/loss", 2, 1.5, 0.25, 0.25, 1.5, 0],
          [1, "accuracy", 2, 0.1, 0.2, 0.1, 0.2, 0], [3, "accuracy", 3, 0.7, 0.85, 0.7, 0.85, 1],
        ])
    #expect(
      try database.rows(
        """
        SELECT count(*) FROM series s WHERE s.min IS NOT
          (SELECT min(value) FROM metrics m WHERE m.study = s.study AND m.number = s.number
            AND m.metric = s.metric)
        """) == [[0]])
  }

  @Test func `attrs has those of studies and of trials`() throws {
    let database = try HistoryDatabase(snapshot)
    #expect(
      try database.rows("SELECT study, number, scope, key, value, json FROM attrs") == [
        ["digits", nil, "user", "team", "blue", #""blue""#],
        ["digits", 0, "user", "note", "a \"good\" one", #""a \"good\" one""#],
        ["digits", 0, "system", "code", "abc123", #""abc123""#],
        ["digits", 3, "user", "note", 3, "3"],
      ])
    #expect(try database.rows("SELECT key FROM attrs WHERE number IS NULL") == [["team"]])
    #expect(
      try database.rows("SELECT key FROM attrs WHERE study = 'digits' ORDER BY number LIMIT 1")
        == [["team"]])
  }

  @Test func `several objectives have a value each`() throws {
    var store = StoreBuilder()
    let id = store.study(
      "two",
      objectives: [
        .init(name: "loss", direction: .minimize), .init(name: "Speed", direction: .maximize),
      ])
    let trial = store.start(id)
    store.finish(id, trial, .complete, [0.5, 12])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT value_1, value_2, loss, speed FROM two") == [
        [0.5, 12.0, 0.5, 12.0]
      ])
    #expect(
      try database.rows("SELECT value, objectives FROM trials") == [
        [nil, #"{"loss": 0.5, "Speed": 12.0}"#]
      ])
    #expect(
      try database.rows("SELECT directions, best_value FROM studies") == [
        ["minimize,maximize", nil]
      ])
  }

  @Test func `what a retried trial cost is the sum of its attempts`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    let trial = store.start(id)
    func end(_ outcome: AttemptOutcome, _ peak: Int64) -> AttemptEnd {
      AttemptEnd(
        outcome: outcome, reason: outcome.name,
        usage: ResourceUsage(wallSeconds: 1, cpuSeconds: 2, peakResidentBytes: peak))
    }
    store.snapshot.apply(
      .attemptEnded(
        id, trial: 0, claim: trial.claim, end(.interrupted, 900), time: seconds(1)))
    let second = ClaimID(epoch: 2, sequence: 1)
    store.snapshot.apply(
      .trialClaimed(
        id, trial: 0,
        TrialClaim(claim: second, lease: .held, host: "oak", worker: "w2", time: seconds(5))))
    store.finish(id, (0, second), .failed, end: end(.timedOut, 300))
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows(
        "SELECT attempts, attempt_outcome, host, worker, peak_rss, cpu_s, wall_s FROM s") == [
          [2, "timed out", "oak", "w2", 900, 4.0, 2.0]
        ])
  }

  @Test func `a bound that is broken makes a trial infeasible`() throws {
    var store = StoreBuilder()
    let id = store.snapshot.nextStudyID
    store.snapshot.apply(
      .studyCreated(
        id: id, name: "b",
        definition: StudyDefinition(
          bounds: [MetricBound(metric: "ms", relation: .atMost, limit: 20)], seed: 1), time: dawn))
    let trial = store.start(id)
    store.snapshot.apply(
      .trialFinished(
        id, trial: 0,
        TrialResult(
          claim: trial.claim, state: .complete, values: [1], violations: [3], time: dawn)))
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.rows("SELECT number FROM b WHERE NOT feasible") == [[0]])
  }
}
