import Foundation
import Testing

@Suite struct BestCommandTests {
  @Test func `prints the best trial as a row`() async throws {
    let store = try await StoreFixture.shared()
    let lines = try store.output("best", "digits", "--format", "csv").split(separator: "\r\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("number,value,started,ended,duration_s,lr,layers,opt,amp"))
    #expect(lines[1].hasPrefix("0,0.92,"))
  }

  @Test func `prints the front of several objectives, the first one sorted`() async throws {
    let store = try await StoreFixture.shared()
    let table = try store.output("best", "front", "--format", "table")
    let rows = table.split(separator: "\n").dropFirst().map { row -> String in
      row.split(separator: " ").prefix(3).joined(separator: " ")
    }
    #expect(rows == ["2 0.5 1", "0 1 5", "1 2 6"])
    #expect(
      try store.output("best", "front", "--objective", "speed", "--output", "value") == "6.0\n")
  }

  @Test(arguments: [
    ("args", "--lr 0.0005 --layers 2 --opt adam --amp true\n"),
    ("env", "lr=0.0005\nlayers=2\nopt=adam\namp=true\n"),
    ("yaml", "lr: 0.0005\nlayers: 2\nopt: \"adam\"\namp: true\n"),
    ("json", "{\"lr\": 0.0005, \"layers\": 2, \"opt\": \"adam\", \"amp\": true}\n"),
    ("value", "0.92\n"),
  ])
  func `feeds a script`(form: String, expected: String) async throws {
    #expect(
      try await StoreFixture.shared().output("best", "digits", "--output", form) == expected)
  }

  @Test func `what a shell reads back is what was there`() async throws {
    let store = try await StoreFixture.shared()
    let arguments = try store.shell(
      #"cairn best "odd 'name" --output args | xargs printf '<%s>'"#)
    let expected = "<--batch size><16><--on><1e-07><--text><it's $HOME><--batch-size><2>"
    #expect(arguments.output == expected)
    let evaluated = try store.shell(
      #"eval "set -- $(cairn best "odd 'name" --output args)"; printf '<%s>' "$@""#)
    #expect(evaluated.output == expected)
    let variables = try store.shell(
      #"eval "$(cairn best "odd 'name" --output env)"; echo "$batch_size|$on|$text|$batch_size_2""#)
    #expect(variables.output == "16|1e-07|it's $HOME|2\n")
  }

  @Test func `YAML keeps its kinds for readers of version 1 point 1`() async throws {
    #expect(
      try await StoreFixture.shared().output("best", "odd 'name", "--output", "yaml") == """
        "batch size": 16
        "on": 1.0e-07
        text: "it's $HOME"
        "batch-size": 2

        """)
  }

  @Test func `nothing complete yet ends with 1`() async throws {
    let store = try await StoreFixture.shared()
    let empty = try store.cairn("best", "spare", "--output", "args")
    #expect(empty.status == 1)
    #expect(empty.output.isEmpty)
    #expect(empty.errors == "error: no trial of \"spare\" is complete yet\n  it has no trials\n")
    let bounded = try store.cairn("best", "bounded")
    #expect(bounded.status == 1)
    #expect(bounded.errors.contains("keeps the study's bounds\n  bounds: latency <= 20.0"))
  }

  @Test func `several best trials are no one set of parameters`() async throws {
    let store = try await StoreFixture.shared()
    let process = try store.cairn("best", "front", "--output", "json")
    #expect(process.status == 2)
    #expect(process.errors.contains("try: --objective loss"))
    let unknown = try store.cairn("best", "front", "--objective", "speeed")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("try: --objective speed"))
    #expect(try store.cairn("best", "front", "--output", "args", "--format", "csv").status == 2)
  }
}
