import Foundation
import Testing

/// `cairn import`, `export` and `--as-of`, as their users run them.
@Suite struct ImportCommandTests {
  private func table(_ count: Int) -> String {
    "number,state,value,started,lr,opt,user_note\n"
      + (0..<count).map {
        "\($0),\($0 % 7 == 0 ? "failed," : "complete,\($0)"),2026-01-02 03:04:05,0.\($0 % 89)1,"
          + "\($0 % 2 == 0 ? "adam" : "sgd"),\"note, \($0)\"\n"
      }.joined()
  }

  @Test func `a table becomes a study that can be asked`() throws {
    let place = try Workplace()
    try place.write("runs.csv", table(30))
    let done = try place.run("cairn import runs.csv --study s --maximize score --value value")
    #expect(done.status == 0, "\(done.errors)")
    #expect(
      done.lines.first?.hasPrefix("imported s: 30 trials, maximize score, 2 parameters") == true,
      "\(done.errors)")
    #expect(done.errors.contains("  opt  adam,sgd"))
    #expect(try place.run("cairn best s --output value").output == "29.0\n")
    #expect(
      try place.run("cairn query 'SELECT count(*) FROM s WHERE opt = \"sgd\"'").status != 0)
    #expect(
      try place.run("cairn trials s --where \"user_note = 'note, 3'\" --columns number").output
        == "number\n3\n")
    let again = try place.run("cairn import runs.csv --study s")
    #expect(again.status != 0 && again.errors.contains("s"))
    // It is gone on with.
    let run = try place.run(
      "cairn run s --more 2 --sampler auto -q -- sh -c 'echo score=1 # {lr} {opt}'")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.run("cairn query 'SELECT max(number) AS n FROM s'").output == "n\n31\n")
  }

  @Test func `what is wrong leaves nothing`() throws {
    let place = try Workplace()
    try place.write("runs.csv", table(6000) + "6000,complete,1,today,0.5,adam,\n")
    let failed = try place.run("cairn import runs.csv --study s")
    #expect(failed.status == 1)
    #expect(
      failed.errors.contains(
        "error: runs.csv, line 6002, column \"started\": \"today\" is no time"),
      "\(failed.errors)")
    #expect(try place.run("cairn query 'SELECT count(*) AS n FROM studies'").output == "n\n0\n")
    try place.write("runs.csv", table(10))
    #expect(try place.run("cairn import runs.csv --study s --dry-run").status == 0)
    #expect(try place.run("cairn query 'SELECT count(*) AS n FROM studies'").output == "n\n0\n")
    #expect(try place.run("cairn import runs.csv --study s -q").status == 0)
  }

  @Test(arguments: [SIGKILL, SIGINT])
  func `one that is ended half-way leaves nothing`(signal: Int32) throws {
    let place = try Workplace()
    try place.write("runs.csv", table(60_000))
    let running = try place.start("cairn import runs.csv --study s")
    try running.wait("frames of the draft") {
      let log = place.directory.appending(path: ".cairn/log/00000001.log").path
      let size = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
      return (size ?? 0) > 60_000
    }
    running.send(signal)
    let ended = try running.finish()
    #expect(ended.status == (signal == SIGINT ? 130 : SIGKILL))
    if signal == SIGINT {
      #expect(ended.errors.contains("interrupted: nothing was imported"))
    }
    #expect(try place.run("cairn query 'SELECT count(*) AS n FROM studies'").output == "n\n0\n")
    let check = try place.run("cairn check")
    #expect(check.status == 0 && check.output.contains("sound: 0 studies with 0 trials"))
    #expect(
      check.output.contains("the import of \"s\" is not finished, and its process is gone")
        == (signal == SIGKILL), "\(check.output)")
    try place.write("runs.csv", table(10))
    #expect(try place.run("cairn import runs.csv --study s -q").status == 0)
    #expect(!(try place.run("cairn check").output.contains("not finished")))
  }

  @Test func `curves come with their trials, and all goes round`() throws {
    let place = try Workplace()
    try place.write("runs.jsonl", #"{"value": 1, "x": 2}"# + "\n" + #"{"value": 2, "x": 3}"# + "\n")
    try place.write(
      "curves.csv", "number,metric,step,value\n0,loss,0,2\n0,loss,5,1\n1,loss,0,nan\n")
    let done = try place.run("cairn import runs.jsonl --metrics curves.csv --study s -q")
    #expect(done.status == 0 && done.errors.isEmpty, "\(done.errors)")
    #expect(
      try place.run("cairn query 'SELECT number, step, value FROM metrics'").output
        == "number\tstep\tvalue\n0\t0\t2.0\n0\t5\t1.0\n1\t0\t\n")
    for line in [
      "cairn export s --all -q -o a.csv", "cairn export s --metrics -q -o m.csv",
      "cairn import a.csv --metrics m.csv --study t -q", "cairn export t --all -q -o b.csv",
      "cairn export t --metrics -q -o n.csv", "cmp a.csv b.csv", "cmp m.csv n.csv",
      "cat a.csv | cairn import - --metrics m.csv --study u -q",
    ] {
      let outcome = try place.run(line)
      #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    }
    try place.write("curves.csv", "number,metric,step,value\n7,loss,0,2\n")
    let wrong = try place.run("cairn import runs.jsonl --metrics curves.csv --study v")
    #expect(wrong.errors.contains("curves.csv, line 2, column \"number\": there is no trial 7"))
  }

  @Test func `a SQLite file holds the study`() throws {
    let place = try Workplace()
    try place.write("runs.csv", table(50))
    #expect(try place.run("cairn import runs.csv --study s -q").status == 0)
    let done = try place.run("cairn export s -o s.db")
    #expect(done.status == 0 && done.errors == "wrote 50 trials to s.db\n", "\(done.errors)")
    try place.write(
      "look.py",
      """
      import sqlite3
      db = sqlite3.connect("s.db")
      one = lambda sql: db.execute(sql).fetchone()
      print(one("SELECT count(*), sum(value), typeof(lr) FROM s"))
      print(one("SELECT count(*) FROM params"), one("SELECT value FROM attrs WHERE number = 3"))
      print(one("SELECT name, trials FROM studies"), one("PRAGMA integrity_check"))
      print(one("EXPLAIN QUERY PLAN SELECT * FROM params WHERE name='lr' AND value < 0.1")[3])
      """)
    let look = try place.run("python3 look.py")
    #expect(
      look.output == """
        (50, 1029.0, 'real')
        (100,) ('note, 3',)
        ('s', 50) ('ok',)
        SEARCH params USING INDEX params_by_name_value (name=? AND value<?)

        """, "\(look.errors)")
    #expect(try place.run("cairn export s -o s.db --metrics").status == 2)
    #expect(try place.run("cairn export s -o - --format sqlite").status == 2)
    #expect(try place.run("cairn export s -o nowhere/s.db").status == 1)
  }

  @Test func `reading commands show what was`() throws {
    let place = try Workplace()
    try place.write(
      "runs.csv",
      "number,state,value,started,ended,x\n"
        + "0,complete,2,2026-01-01 00:00:00,2026-01-01 01:00:00,1\n"
        + "1,complete,1,2026-01-01 02:00:00,2026-01-01 04:00:00,2\n"
        + "2,complete,0,2026-01-02 02:00:00,2026-01-02 04:00:00,3\n")
    #expect(try place.run("cairn import runs.csv --study s -q").status == 0)
    let states = "--columns number,state,value --format csv"
    // The study itself is younger than its trials.
    #expect(try place.run("cairn trials s \(states) --as-of 2026-01-03").status == 1)
    let now = try place.run("cairn trials s \(states) --as-of 0s")
    #expect(now.output.split(separator: "\\r\\n").count == 1 || now.output.contains("2,complete,0"))
    #expect(try place.run("cairn trials s --as-of soon").status == 2)
    #expect(try place.run("cairn studies --as-of 1d").output.split(separator: "\n").count == 1)
    for command in [
      "best s", "show s", "show s 1", "query 'SELECT * FROM s'", "metrics s", "why s 1",
      "export s -o -",
    ] {
      let outcome = try place.run("cairn \(command) --as-of 0s")
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
  }
}
