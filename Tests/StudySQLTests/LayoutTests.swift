import PlainText
import StudyModel
import Testing

@testable import StudySQL

/// Which columns a study's table has, and what they say of unusual trials.
@Suite struct LayoutTests {
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
