import PlainText
import Machine
import StudyModel
import Testing

@testable import MetricReading

private func entry(_ name: String, _ value: Double) -> MetricReport.Entry { .init(name, value) }

private func observe(_ text: String, _ rules: MetricRules = MetricRules()) -> [Observation] {
  var parser = MetricParser(rules)
  return parser.consume(text.utf8) + parser.finish()
}

@Suite struct MetricParserTests {
  @Test func `a JSON line with a step is intermediate`() {
    #expect(
      observe("{\"step\": 3, \"accuracy\": 0.91, \"loss\": 0.3}\n")
        == [.intermediate(step: 3, [entry("accuracy", 0.91), entry("loss", 0.3)])])
    #expect(
      observe(" {\"loss\":1e-3,\"step\":3.0} ") == [.intermediate(step: 3, [entry("loss", 1e-3)])])
  }

  @Test func `a JSON line without a step is final when it names an objective`() {
    let rules = MetricRules(finals: ["accuracy"])
    #expect(
      observe("{\"accuracy\": 0.9, \"latency_ms\": 12, \"tag\": \"x\"}\n{\"other\": 1}\n", rules)
        == [.final([entry("accuracy", 0.9), entry("latency_ms", 12)])])
  }

  @Test func `Python's NaN and Infinity are numbers`() throws {
    let found = observe("{\"step\":0,\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}\n")
    guard case .intermediate(0, let entries) = try #require(found.first) else {
      Issue.record("\(found)")
      return
    }
    #expect(entries[0].value.isNaN)
    #expect(entries[1].value == .infinity && entries[2].value == -.infinity)
  }

  @Test func `nested values, strings and escapes are passed over`() {
    let line =
      #"{"a":{"step":9,"x":[1,{}]},"s":"\"}{\u00e9\ud83d\ude00\n","step":1,"b":null,"c":true,"π":3}"#
    #expect(observe(line) == [.intermediate(step: 1, [entry("π", 3)])])
    #expect(observe(#"{"\u03c0\/":1,"step":2}"#) == [.intermediate(step: 2, [entry("π/", 1)])])
  }

  @Test(arguments: [
    "{", "{}", "{\"step\":1}", "{\"step\":1,\"a\":}", "{\"step\":1,\"a\":1}x", "{step:1,a:2}",
    "{\"step\":1.5,\"a\":2}", "{\"step\":1,\"a\":0x10}", "{'step': 1, 'a': 2}",
    "{\"step\":\"1\",\"a\":2}", "{\"step\":1 \"a\":2}", "{\"a\":\"\\u12\"}", "[1]", "{\"a\":1,}",
    "\0\0\0", "{\"step\":NaN,\"a\":1}", "{\"step\":1e300,\"a\":1}",
  ])
  func `what is no report says nothing`(line: String) {
    #expect(observe(line + "\n").isEmpty)
  }

  @Test func `objects nested without end are refused, not followed`() {
    let deep = String(repeating: "{\"a\":", count: 100_000)
    #expect(
      observe(deep + "1\n{\"step\":1,\"a\":2}\n") == [.intermediate(step: 1, [entry("a", 2)])])
  }

  @Test func `lines may be cut anywhere`() {
    let text = Array(
      "noise\r\n{\"step\":1,\"a\":0.5}\r\n\r50%\r{\"step\":2,\"a\":0.25}\rtail é\n{\"step\":3,\"a\":1}"
        .utf8)
    let whole = observe(String(decoding: text, as: UTF8.self))
    #expect(whole.count == 3)
    for size in 1...7 {
      var parser = MetricParser(MetricRules())
      var found: [Observation] = []
      for start in stride(from: 0, to: text.count, by: size) {
        found += parser.consume(text[start..<min(start + size, text.count)])
      }
      #expect(found + parser.finish() == whole)
    }
  }

  @Test func `huge lines and binary garbage neither break nor hide what follows`() {
    var generator = SystemRandom(seed: 7)
    var bytes = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes +=
      Array("\n{\"step\":1,\"a\":".utf8) + Array(repeating: UInt8(ascii: "1"), count: 300_000)
    bytes += Array("}\n{\"step\":2,\"a\":2}\n".utf8)
    var parser = MetricParser(
      MetricRules(finals: ["a"], patterns: [], takesBareNumber: true))
    #expect(parser.consume(bytes).last == .intermediate(step: 2, [entry("a", 2)]))
  }

  @Test func `standard error holds no JSON reports, but patterns look there`() throws {
    var parser = MetricParser(
      MetricRules(patterns: [try MetricPattern(parsing: #"loss=loss[=:] *(\S+)"#)]))
    #expect(parser.consume("{\"step\":1,\"a\":2}\n".utf8, from: .standardError).isEmpty)
    #expect(
      parser.consume(" 10%|# | 1/9, loss=0.5]\r".utf8, from: .standardError)
        == [.intermediate(step: 0, [entry("loss", 0.5)])])
    #expect(
      parser.consume("loss: 0.25,\n".utf8) == [.intermediate(step: 1, [entry("loss", 0.25)])])
  }

  @Test func `a named group gives the step, also to the other patterns of the line`() throws {
    let rules = MetricRules(patterns: [
      try MetricPattern(parsing: #"loss=(?P<epoch>\d+)/\d+.*loss=(?<value>[-\d.e]+)"#),
      try MetricPattern(parsing: #"acc=acc=([\d.]+)%"#),
    ])
    #expect(
      observe("Epoch 7/10 loss=1.5e-1 acc=91.5%\nacc=1%\n", rules) == [
        .intermediate(step: 7, [entry("loss", 0.15), entry("acc", 91.5)]),
        .intermediate(step: 1, [entry("acc", 1)]),
      ])
  }

  @Test(arguments: [
    ("0.91", 0.91), ("0.91,", 0.91), ("91%", 91), ("-1e-3)", -1e-3), ("12ms", 12), ("1.", 1),
    (".5", 0.5), ("+2", 2), ("3e", 3), ("inf", .infinity), ("-Infinity", -.infinity),
    ("1e400", .infinity),
  ])
  func `numbers are read as people print them`(text: String, value: Double) {
    #expect(LooseNumber.parse(text) == value)
  }

  @Test func `words are no numbers, but nan is`() {
    for text in ["", "x", "-", ".", "e5", "nano", "information", "=1"] {
      #expect(LooseNumber.parse(text) == nil, "\(text)")
    }
    #expect(LooseNumber.parse("nan")?.isNaN == true)
  }

  @Test(arguments: ["loss", "=x", "loss=", ""])
  func `a pattern needs a name and an expression`(text: String) {
    #expect(throws: MetricRuleError.self) { try MetricPattern(parsing: text) }
  }

  @Test func `a broken expression is quoted in its error`() throws {
    let error = try #require(throws: MetricRuleError.self) { try MetricPattern(parsing: "a=(x") }
    #expect(error.description.contains("(x"))
  }

  @Test func `the last bare number counts only when it is awaited`() {
    let text = "1\n 0.5 \nepoch 3\n7e-1\n0x10\ndone"
    #expect(observe(text).isEmpty)
    #expect(observe(text, MetricRules(takesBareNumber: true)) == [.bareNumber(0.7)])
  }

  @Test func `recognised lines come with their numbers`() throws {
    let found = MetricParser.recognize(
      "hello\n{\"step\":1,\"a\":2}\r{\"a\":3}\n\nloss=4\n5".utf8,
      by: MetricRules(
        finals: ["a"], patterns: [try MetricPattern(parsing: "loss=loss=(.*)")],
        takesBareNumber: true))
    #expect(found.map(\.number) == [2, 2, 4, 5])
    #expect(found.map(\.text) == ["{\"step\":1,\"a\":2}", "{\"a\":3}", "loss=4", "5"])
    #expect(found.last?.observation == .bareNumber(5))
  }
}

/// SplitMix64, for garbage that is the same each time.
struct SystemRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
