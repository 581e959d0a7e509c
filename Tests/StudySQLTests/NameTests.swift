import StudyModel
import Testing

@testable import StudySQL

/// Studies, parameters and attributes may be called anything.
@Suite struct NameTests {
  @Test(
    arguments: [
      "plain", "with space", "quo\"te", "it's", "select", "ünïcode 数", "a-b", "x.y", "; DROP",
      "per%cent", "[b]", "new\nline",
    ])
  func `any study and parameter can be read by its quoted name`(name: String) throws {
    var store = StoreBuilder()
    let id = store.study(name)
    let trial = store.start(id, [(name, rate, .float(0.25))])
    store.attribute(id, trial, name, "7")
    store.report(id, trial, name, [3])
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.tableName(of: id) == name)
    let last = (name + "_last").sqlName
    #expect(
      try database.rows(
        """
        SELECT \(name.sqlName), \(("user_" + name).sqlName), \(last) FROM \(name.sqlName)
        """) == [[0.25, 7, 3.0]])
    var listed = try database.trials(of: id, TrialListing(sort: ["-" + name], columns: [name]))
    #expect(try listed.all() == [[0.25]])
    #expect(
      try database.rows("SELECT count(*) FROM params WHERE study = ?1 AND name = ?1", [.text(name)])
        == [[1]])
  }

  @Test func `an empty name gets its prefix`() throws {
    var store = StoreBuilder()
    let id = store.study("")
    store.start(id, [("", rate, .float(0.5))])
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.tableName(of: id) == "study_")
    #expect(try database.rows("SELECT param_ FROM study_") == [[0.5]])
  }

  @Test func `a study named like a table is found under study_NAME`() throws {
    var store = StoreBuilder()
    for name in ["trials", "Metrics", "sqlite_master", "digits", "DIGITS", "Digits", "json_each"] {
      _ = store.study(name)
    }
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT table_name FROM studies") == [
        ["study_trials"], ["study_Metrics"], ["study_sqlite_master"], ["digits"], ["DIGITS_2"],
        ["Digits_3"], ["study_json_each"],
      ])
    for row in try database.rows("SELECT table_name FROM studies") {
      guard case .text(let name) = row[0] else { continue }
      #expect(try database.rows("SELECT count(*) FROM \(name.sqlName)") == [[0]])
    }
  }

  @Test func `parameters give way to the first columns, hidden columns to parameters`() throws {
    var store = StoreBuilder()
    let id = store.study("s", objectives: [.init(name: "Value", direction: .minimize)])
    let trial = store.start(
      id,
      ["value", "NUMBER", "lr", "LR", "host", "loss_last", "param_value"].enumerated().map {
        ($1, layers, .integer(Int64($0 + 1)))
      })
    store.report(id, trial, "loss", [0.5])
    store.finish(id, trial, .complete, [9])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows(
        """
        SELECT value, param_value, number, param_NUMBER, lr, LR_2, host, trial_host, loss_last,
          metric_loss_last, param_value_2 FROM s
        """) == [[9.0, 1, 0, 2, 3, 4, 5, "elm", 6, 0.5, 7]])
  }

  @Test func `an objective's name stands for its value unless something else has it`() throws {
    var store = StoreBuilder()
    let id = store.study("s", objectives: [.init(name: "lr", direction: .minimize)])
    let trial = store.start(id, [("lr", rate, .float(0.5))])
    store.finish(id, trial, .complete, [9])
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.rows("SELECT lr, value FROM s") == [[0.5, 9.0]])
  }

  @Test func `parameters of every kind keep their kind`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    for value in [ParameterValue.null, .integer(16), .string("x")] {
      store.start(id, [("m", mixed, value), ("f", flag, .bool(value == .null))])
    }
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT m, typeof(m), f FROM s") == [
        [nil, "null", 1], [16, "integer", 0], ["x", "text", 0],
      ])
    #expect(try database.numbers(id, where: "m = 16") == [1])
    #expect(try database.numbers(id, where: "f") == [0])
    #expect(try database.numbers(id, where: "f = false") == [1, 2])
  }

  @Test func `a study's table that SQL cannot tell from another is asked for by its own`() throws {
    var store = StoreBuilder()
    for name in ["digits", "Digits"] { store.start(store.study(name)) }
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.rows("SELECT count(*) FROM DIGITS") == [[1]])
    guard
      case .sameToSQL("Digits", "Digits_2", "digits", _)? =
        database.complaint(about: "SELECT * FROM Digits")
    else {
      Issue.record("\(String(describing: database.complaint(about: "SELECT * FROM Digits")))")
      return
    }
  }

  @Test func `letters put together differently are different names`() throws {
    var store = StoreBuilder()
    let (composed, parts) = ("\u{E9}", "e\u{301}")
    let id = store.study(composed)
    store.start(id, [(composed, rate, .float(0.25))])
    let database = try HistoryDatabase(store.snapshot)
    #expect(
      try database.rows("SELECT \(composed.sqlName) FROM \(composed.sqlName)") == [[0.25]])
    #expect(database.complaint(about: "SELECT * FROM \(parts.sqlName)") != nil)
    #expect(
      try database.rows("SELECT count(*) FROM trials WHERE study = ?1", [.text(parts)]) == [[0]])
  }

  @Test func `a study with thousands of metrics is cut to what SQLite takes`() throws {
    var store = StoreBuilder()
    let id = store.study("s")
    let trial = store.start(id, [("lr", rate, .float(0.5))])
    for index in 0..<1500 { store.report(id, trial, "m\(index)", [1]) }
    let database = try HistoryDatabase(store.snapshot)
    #expect(try database.rows("SELECT lr, m0_last FROM s") == [[0.5, 1.0]])
    #expect(try database.rows("SELECT count(*) FROM series") == [[1500]])
  }
}
