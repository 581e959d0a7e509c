import Foundation
import TestSupport
import Testing

@Suite struct QueryCommandTests {
  @Test func `answers a SELECT over all tables`() async throws {
    let store = try await StoreFixture.shared()
    #expect(
      try store.output("query", "SELECT state, count(*) n FROM digits GROUP BY state ORDER BY 1")
        == "state\tn\ncomplete\t2\nfailed\t1\npruned\t1\nrunning\t1\nwaiting\t1\n")
    #expect(
      try store.output(
        "query", "SELECT study, count(*) n FROM trials GROUP BY study ORDER BY n DESC LIMIT 1",
        "--format", "jsonl") == "{\"study\": \"digits\", \"n\": 6}\n")
    #expect(try store.output("query", "-", input: "SELECT 1 AS one") == "one\n1\n")
  }

  @Test(arguments: [
    ("DELETE FROM digits", "queries only read", 2),
    ("SELECT * FROM digts", "try: digits", 2),
    ("SELECT lrr FROM digits", "try: lr", 2),
    ("SELECT \"lrr\" FROM digits", "there is no column \"lrr\"", 2),
    ("SELECT 1; SELECT 2", "one statement at a time", 2),
    ("", "there is no SQL to run", 2),
    ("SELECT abs(-9223372036854775808)", "the query failed: integer overflow", 1),
  ])
  func `a wrong query says what is wrong`(sql: String, message: String, status: Int) async throws {
    let process = try await StoreFixture.shared().cairn("query", sql)
    #expect(process.status == status)
    #expect(process.errors.contains(message), "\(process.errors)")
  }

  /// Endless in many steps, and in a single one that SQLite does not look up from.
  @Test(
    .timeLimit(.minutes(10)),
    arguments: [
      "count(*), 0 FROM n", "instr(zeroblob(60000000), zeroblob(30000000) || x'01'), 0",
    ])
  func `Ctrl-C ends a query with 130`(endless: String) async throws {
    let store = try await StoreFixture.shared()
    let process = Process()
    process.executableURL = CairnProcess.executable
    process.currentDirectoryURL = store.directory
    process.arguments = [
      "query",
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        + " SELECT 'begun', '\(String(repeating: "x", count: 70_000))'"
        + " UNION ALL SELECT \(endless)", "--format", "csv",
    ]
    let output = Pipe.closedOnExec()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The first row is out, so the endless one is being computed.
    #expect(try output.fileHandleForReading.read(upToCount: 7) != nil)
    _ = try output.fileHandleForReading.read(upToCount: 70_000)
    kill(process.processIdentifier, SIGINT)
    _ = try output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
  }

  @Test(arguments: [
    "SELECT x FROM c ORDER BY -x",
    "SELECT x, hex(zeroblob(30000000)), hex(zeroblob(29000000)) FROM c ORDER BY 2, 3, 1",
  ])
  func `a query that would take gigabytes is stopped`(sql: String) async throws {
    let bomb = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
    // Twice the memory that SQLite gets.
    let process = try await StoreFixture.shared().shell(
      "ulimit -v 1500000; cairn query \"\(bomb + sql)\"")
    #expect(process.status == 1)
    #expect(process.errors.contains("the query was stopped"), "\(process.errors)")
    #expect(process.output == "")
  }
}
