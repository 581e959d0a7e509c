import Foundation
import Testing

@Suite struct ExportCommandTests {
  private func text(_ name: String, in store: StoreFixture) throws -> String {
    try String(contentsOf: store.directory.appendingPathComponent(name), encoding: .utf8)
  }

  @Test(arguments: [
    ("a.csv", "number,state,value,"), ("a.jsonl", "{\"number\": 0, \"state\": \"complete\","),
    ("a.json", "[\n{\"number\": 0,"), ("a.tsv", "number\tstate\tvalue\t"),
  ])
  func `the suffix says the format`(name: String, start: String) async throws {
    let store = try await StoreFixture.shared()
    let process = try store.cairn("export", "digits", "-o", name)
    #expect(process.status == 0)
    #expect(process.output.isEmpty)
    #expect(process.errors == "wrote 6 trials to \(name)\n")
    #expect(try text(name, in: store).hasPrefix(start))
  }

  @Test func `columns may be called as Optuna calls them`() async throws {
    let store = try await StoreFixture.shared()
    #expect(
      try store.output("export", "digits", "-o", "-", "--names", "optuna").hasPrefix(
        "number,value,datetime_start,datetime_complete,duration,params_amp,params_layers,"
          + "params_lr,params_opt,user_attrs_note,state\r\n"))
  }

  @Test func `reported values are a table of their own`() async throws {
    let store = try await StoreFixture.shared()
    let lines = try store.output("export", "digits", "-o", "-", "--metrics").split(
      separator: "\r\n")
    #expect(lines.count == 11)
    #expect(lines[0] == "number,metric,step,value,time")
    #expect(lines[1].hasPrefix("0,accuracy,0,0.5,"))
    #expect(
      try store.cairn("export", "digits", "-o", "-", "--metrics", "--names", "optuna")
        .status == 2)
  }

  @Test func `replaces a file at once, keeps its permissions, leaves nothing beside it`()
    async throws
  {
    let store = try await StoreFixture.shared()
    let process = try store.shell(
      """
      mkdir replacing && cd replacing && echo old > old.csv && chmod 600 old.csv
      ln -s old.csv link.csv && cairn export digits -q -o link.csv
      ls -A && stat -c %a old.csv && readlink link.csv && head -c 6 old.csv
      """)
    #expect(process.output == "link.csv\nold.csv\n600\nold.csv\nnumber", "\(process.errors)")
  }

  @Test func `devices and pipes are written to as they are`() async throws {
    let store = try await StoreFixture.shared()
    let process = try store.shell(
      "cairn export digits -q -o /dev/stdout --format csv | head -1 | cut -c 1-12")
    #expect(process.output == "number,state\n", "\(process.errors)")
    #expect(try store.shell("cairn export digits -q -o /dev/null --format csv").status == 0)
    #expect(try store.shell("test -c /dev/null").status == 0)
  }

  @Test func `what cannot be written is told of, and the old file stays`() async throws {
    let store = try await StoreFixture.shared()
    let missing = try store.cairn("export", "digits", "-o", "nowhere/a.csv")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("nowhere/a.csv cannot be written\n  there is no directory "))
    let directory = try store.cairn("export", "digits", "-o", ".", "--format", "csv")
    #expect(directory.status == 2)
    let full = try store.cairn("export", "digits", "-o", "/dev/full", "--format", "csv")
    #expect(full.status == 1)
    #expect(full.errors.contains("No space left on device"))
    let unknown = try store.cairn("export", "digits", "-o", "a.parquet")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("try: --format csv"))
  }
}
