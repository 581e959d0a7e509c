import StudyModel
import StudyStorage
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

  @Test func `several objectives are shown under their names, and bounds by feasible`() throws {
    var store = StoreBuilder()
    let id = store.study("pareto", objectives: twoObjectives, bounds: [latencyBound])
    let kept = store.start(id)
    store.finish(id, kept, .complete, [0.9, 18], violations: [-2])
    let broken = store.start(id)
    store.finish(id, broken, .complete, [0.95, 25], violations: [5])
    store.start(id)
    let database = try HistoryDatabase(store.snapshot)
    var rows = try database.query("SELECT * FROM pareto")
    #expect(
      rows.columns.map(\.name) == [
        "number", "state", "accuracy", "latency", "feasible", "started", "ended", "duration_s",
      ])
    #expect(
      try rows.all().map { Array($0[2...4]) } == [
        [0.9, 18.0, 1], [0.95, 25.0, 0], [nil, nil, nil],
      ])
    #expect(
      try database.rows("SELECT value_1, value_2, violation FROM pareto") == [
        [0.9, 18.0, -2.0], [0.95, 25.0, 5.0], [nil, nil, nil],
      ])
    #expect(try database.numbers(id, where: "feasible") == [0])
    #expect(try database.numbers(id, where: "not feasible and accuracy > 0.9") == [1])
    #expect(
      try database.rows("SELECT number, feasible, violation FROM trials") == [
        [0, 1, -2.0], [1, 0, 5.0], [2, nil, nil],
      ])
  }

  @Test func `an objective called like a parameter or first column keeps its number`() throws {
    var store = StoreBuilder()
    let id = store.study(
      "s",
      objectives: ["lr", "state", "host"].map { .init(name: $0, direction: .minimize) })
    let trial = store.start(id, [("lr", rate, .float(0.5)), ("value_3", rate, .float(0.25))])
    store.finish(id, trial, .complete, [7, 8, 9])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.columnNames(of: id) == [
        "number", "state", "value_1", "value_2", "host", "started", "ended", "duration_s", "lr",
        "param_value_3",
      ])
    #expect(
      try database.rows(
        "SELECT value_1, value_2, host, value_3, lr, param_value_3, trial_host FROM s")
        == [[7.0, 8.0, 9.0, 9.0, 0.5, 0.25, "elm"]])
  }

  @Test func `the duration is time spent, not time passed`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    // Two seconds, a night's pause, three seconds; then one that was lost, found after a day.
    var trial = store.start(id)
    trial = store.restart(id, trial, AttemptEnd(outcome: .interrupted), after: 2, pause: 40_000)
    trial = store.restart(
      id, trial,
      AttemptEnd(
        outcome: .failed,
        usage: ResourceUsage(wallSeconds: 3, cpuSeconds: 1, peakResidentBytes: 1)),
      after: 41_000, pause: 0)
    trial = store.restart(id, trial, AttemptEnd(outcome: .lost), after: 90_000, pause: 0)
    store.finish(id, trial, .complete, [1], after: 90_001)
    store.start(id)
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT duration_s, elapsed_s, attempts FROM s") == [
        [6.0, 90_001.0, 4], [nil, nil, 1],
      ])
  }

  @Test func `what every trial has survives any number of metrics and parameters`() throws {
    var store = StoreBuilder()
    let id = store.study("s", objectives: [.init(name: "m599", direction: .minimize)])
    let trial = store.start(id, [("lr", rate, .float(0.5))])
    for index in 0..<600 { store.report(id, trial, "m\(index)", [1, 2]) }
    store.attribute(id, trial, "gpu", "0", .system)
    store.finish(id, trial, .complete, [2])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows(
        """
        SELECT lr, host, attempts, peak_rss, feasible, code, m599, m599_steps, m599_max, m0_last,
          m598_last, m598_max FROM s
        """) == [[0.5, "elm", 1, nil, 1, nil, 2.0, 2, 2.0, 2.0, 2.0, 2.0]])
    #expect(
      database.complaint(id, about: "m598_steps > 1")?.description == """
        the table has no room for "m598_steps": SQLite takes 2000 columns
          m598_steps > 1
          ^
          try: number IN (SELECT number FROM series WHERE study = 's' AND metric = 'm598' \
        AND steps > 0)
        """)
    #expect(
      try database.numbers(
        id,
        where: """
          number IN (SELECT number FROM series WHERE study = 's' AND metric = 'm598' AND steps > 0)
          """) == [0])
    #expect(try database.omittedColumnNames(of: id) == [])
  }

  @Test func `parameters without room are named, and exported`() throws {
    var store = StoreBuilder()
    let space = try SearchSpace(
      (0..<2100).map { Parameter(name: "p\($0)", distribution: layers) })
    let id = store.study("s", space: space)
    store.start(id, (0..<2100).map { ("p\($0)", layers, .integer(Int64($0 % 8 + 1))) })
    let database = try HistoryDatabase(store.snapshot)
    let omitted = try database.omittedColumnNames(of: id)
    #expect(omitted.last == "p2099" && omitted.count > 100)
    #expect(try database.rows("SELECT p0, attempts FROM s") == [[1, 1]])
    var text = ""
    try database.exportTrials(of: id, format: .csv) { text += $0 }
    #expect(text.contains(",p2099\r\n"))
  }

  @Test func `infinities, NaN and what is no JSON break no row`() throws {
    var store = StoreBuilder()
    let choices = try Distribution.choice([.float(.infinity), .float(.nan), .float(-.infinity)])
    let id = store.study("s", objectives: [.init(name: "loss", direction: .minimize)])
    let values: [ParameterValue] = [.float(.infinity), .float(.nan), .float(-.infinity)]
    let json = [#"{"a": [1, NaN, -Infinity], "b": "NaN"}"#, "{", "\"x\\q\""]
    for (index, value) in values.enumerated() {
      let trial = store.start(id, [("c", choices, value)])
      store.attribute(id, trial, "k", json[index])
      store.finish(id, trial, .complete, [index == 0 ? .infinity : 1])
    }
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows(
        "SELECT params, attrs, objectives FROM trials WHERE json_valid(params) AND json_valid(attrs)"
      )
        == [
          [
            #"{"c": 9e999}"#, #"{"k": {"a": [1, null, -9e999], "b": "NaN"}}"#,
            #"{"loss": 9e999}"#,
          ], [#"{"c": null}"#, #"{"k": "{"}"#, #"{"loss": 1.0}"#],
          [#"{"c": -9e999}"#, #"{"k": "\"x\\q\""}"#, #"{"loss": 1.0}"#],
        ])
    #expect(
      try database.rows(
        """
        SELECT params ->> 'c', objectives ->> 'loss', attrs -> '$.k.a[2]' FROM trials
        """) == [
          [.real(.infinity), .real(.infinity), "-9e999"], [nil, 1.0, nil],
          [.real(-.infinity), 1.0, nil],
        ])
    #expect(
      try database.rows(
        """
        SELECT sum(json_valid(distribution)), sum(json_valid(json)) FROM params, attrs
        WHERE params.number = attrs.number
        """) == [[3, 3]])
  }

  @Test func `NaN is a step, and nothing in a minimum`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    for values in [[Double.nan, 2, .nan], [.nan]] as [[Double]] {
      store.report(id, store.start(id), "m", values)
    }
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT steps, first, last, min, max, mean, nans FROM series") == [
        [3, nil, nil, 2.0, 2.0, 2.0, 2], [1, nil, nil, nil, nil, nil, 1],
      ])
    #expect(
      try database.rows("SELECT m_last, m_min, m_steps FROM s") == [[nil, 2.0, 3], [nil, nil, 1]])
  }
}
