import Foundation
import Testing

@Suite struct TrialsCommandTests {
  @Test func `filters, sorts and limits`() async throws {
    let store = try await StoreFixture.shared()
    let text = try store.output(
      "trials", "digits", "--where", "state = 'COMPLETE' and accuracy_last > 0.5", "--sort",
      "-value", "--columns", "number,value,opt")
    #expect(text == "number\tvalue\topt\n0\t0.92\tadam\n3\t0.85\tsgd\n")
    let second = try store.output(
      "trials", "digits", "--sort", "layers,-number", "--columns", "number", "--columns", "layers",
      "--limit", "1", "--offset", "1")
    #expect(second == "number\tlayers\n0\t2\n")
  }

  @Test func `a filter may begin with a minus`() async throws {
    let store = try await StoreFixture.shared()
    let text = try store.output(
      "trials", "digits", "--where", "-layers < -3", "--columns", "number")
    #expect(text == "number\n1\n3\n")
  }

  @Test(arguments: [
    ("csv", "number,amp\r\n0,true\r\n"), ("tsv", "number\tamp\n0\ttrue\n"),
    ("json", "[\n{\"number\": 0, \"amp\": true}\n]\n"),
    ("jsonl", "{\"number\": 0, \"amp\": true}\n"), ("table", "number  amp\n     0  true\n"),
    ("markdown", "| number | amp |\n| ---: | --- |\n| 0 | true |\n"),
  ])
  func `prints every format`(format: String, expected: String) async throws {
    let store = try await StoreFixture.shared()
    let text = try store.output(
      "trials", "digits", "--where", "number = 0", "--columns", "number,amp", "--format", format)
    #expect(text == expected)
  }

  @Test func `a table leaves out the times, other formats do not`() async throws {
    let store = try await StoreFixture.shared()
    let table = try store.output("trials", "digits", "--format", "table")
    #expect(!table.contains("started"))
    let named = try store.output(
      "trials", "digits", "--format", "table", "--columns", "number,started")
    #expect(named.contains("started"))
    #expect(
      try store.output("trials", "digits", "--format", "csv").hasPrefix(
        "number,state,value,started,ended,duration_s,lr,layers,opt,amp,user_note\r\n"))
  }

  @Test func `an empty study has columns and no rows`() async throws {
    let store = try await StoreFixture.shared()
    #expect(try store.output("trials", "spare", "--format", "table") == "(no rows)\n")
    #expect(try store.output("trials", "spare", "--format", "json") == "[]\n")
    #expect(
      try store.output("trials", "spare") == "number\tstate\tvalue\tstarted\tended\tduration_s\n")
  }

  @Test(arguments: [
    ("lrr < 1", "there is no column \"lrr\"", "try: lr"),
    ("opt = adam", "text stands in single quotes", "try: 'adam'"),
    ("val/loss < 1", "needs double quotes", "try: \"val/loss_last\""),
    ("state = 'complet'", "no trial is ever in the state", "try: 'complete'"),
    ("lr", "did the shell take the rest", "try: the whole filter in quotes"),
    ("accuracy_lst > 0.5", "there is no column", "try: accuracy_last"),
    ("", "the expression is empty", "try: a comparison"),
    ("lr < ", "ends too early", "\n"),
  ])
  func `a wrong expression ends with 2 and says what to type`(
    filter: String, fact: String, suggestion: String
  ) async throws {
    let process = try await StoreFixture.shared().cairn("trials", "digits", "--where", filter)
    #expect(process.status == 2)
    #expect(process.output.isEmpty)
    #expect(process.errors.contains(fact), "\(process.errors)")
    #expect(process.errors.contains(suggestion), "\(process.errors)")
  }

  @Test func `an unknown column points at its place`() async throws {
    let process = try await StoreFixture.shared().cairn(
      "trials", "digits", "--where", "value > 0 and lrr < 1")
    #expect(
      process.errors == """
        error: there is no column "lrr"
          value > 0 and lrr < 1
                        ^
          try: lr

        """)
    for option in ["--sort", "--columns"] {
      let process = try await StoreFixture.shared().cairn("trials", "digits", option, "valeu")
      #expect(process.status == 2)
      #expect(process.errors.contains("try: value"))
    }
  }

  @Test func `a comparison that the shell took is told of`() async throws {
    let store = try await StoreFixture.shared()
    let place = store.directory.appendingPathComponent("unquoted")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let process = try store.shell("cd unquoted && cairn trials digits --where lr > 1e-3")
    #expect(process.status == 2)
    #expect(process.errors.contains("standard output goes to the file \"1e-3\""))
    #expect(process.errors.contains("try: the whole filter in quotes"))
    #expect(try Data(contentsOf: place.appendingPathComponent("1e-3")).isEmpty)
  }

  @Test func `a closed pipe ends quietly`() async throws {
    let store = try await StoreFixture.shared()
    let process = try store.shell(
      "cairn query 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        + " SELECT i FROM n' | head -1; echo ${PIPESTATUS[0]}")
    #expect(process.output == "i\n0\n")
    #expect(process.errors.isEmpty)
  }
}
