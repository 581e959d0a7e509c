import PlainText
import Machine
import StudyModel
import Testing

@testable import MetricReading

private func entry(_ name: String, _ value: Double) -> MetricReport.Entry { .init(name, value) }

private func observe(_ text: String, _ rules: MetricRules = MetricRules()) -> [Observation] {
  var parser = MetricParser(rules)
  return (parser.consume(text.utf8) + parser.finish()).map(\.observation)
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
    let rules = MetricRules(awaited: ["accuracy"])
    #expect(
      observe("{\"accuracy\": 0.9, \"latency_ms\": 12, \"tag\": \"x\"}\n{\"other\": 1}\n", rules)
        == [.stepless([entry("accuracy", 0.9), entry("latency_ms", 12)])])
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
    "{\"step\":1,\"a\":0x10}", "{'step': 1, 'a': 2}", "{\"step\":\"x\",\"a\":2}",
    "{\"step\":1 \"a\":2}", "{\"a\":\"\\u12\"}", "[1]", "{\"a\":1,}",
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
      var found: [Finding] = []
      for start in stride(from: 0, to: text.count, by: size) {
        found += parser.consume(text[start..<min(start + size, text.count)])
      }
      #expect((found + parser.finish()).map(\.observation) == whole)
    }
  }

  @Test func `huge lines and binary garbage neither break nor hide what follows`() {
    var generator = SystemRandom(seed: 7)
    var bytes = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes +=
      Array("\n{\"step\":1,\"a\":".utf8) + Array(repeating: UInt8(ascii: "1"), count: 300_000)
    bytes += Array("}\n{\"step\":2,\"a\":2}\n".utf8)
    var parser = MetricParser(
      MetricRules(awaited: ["a"], patterns: [], takesBareNumber: true))
    #expect(parser.consume(bytes).last?.observation == .intermediate(step: 2, [entry("a", 2)]))
  }

  @Test func `standard error holds no JSON reports, but patterns look there`() throws {
    var parser = MetricParser(
      MetricRules(patterns: [try MetricPattern(parsing: #"loss=loss[=:] *(\S+)"#)]))
    #expect(parser.consume("{\"step\":1,\"a\":2}\n".utf8, from: .standardError).isEmpty)
    #expect(
      parser.consume(" 10%|# | 1/9, loss=0.5]\r".utf8, from: .standardError).map(\.observation)
        == [.stepless([entry("loss", 0.5)])])
    #expect(
      parser.consume("loss: 0.25,\n".utf8).map(\.observation)
        == [.stepless([entry("loss", 0.25)])])
  }

  @Test func `a named group gives the step, also to the other patterns of the line`() throws {
    let rules = MetricRules(patterns: [
      try MetricPattern(parsing: #"loss=(?P<epoch>\d+)/\d+.*loss=(?<value>[-\d.e]+)"#),
      try MetricPattern(parsing: #"acc=acc=([\d.]+)%"#),
    ])
    #expect(
      observe("Epoch 7/10 loss=1.5e-1 acc=91.5%\nacc=1%\n", rules) == [
        .intermediate(step: 7, [entry("loss", 0.15), entry("acc", 91.5)]),
        .stepless([entry("acc", 1)]),
      ])
  }

  @Test(arguments: [
    ("0.91", 0.91), ("0.91,", 0.91), ("91%", 91), ("-1e-3)", -1e-3), ("1.", 1), (".5", 0.5),
    ("+2", 2), ("inf", .infinity), ("-Infinity", -.infinity), ("1e400", .infinity),
    ("'0.5'},", 0.5), ("0.5;", 0.5), ("0.5.", 0.5), (" 7 ", 7),
  ])
  func `numbers are read as people print them`(text: String, value: Double) {
    #expect(PrintedNumber(text.utf8) == .number(value))
  }

  @Test(arguments: [
    "0,512", "1,234.5", "2.3k", "1.#IND", "1_000", "12ms", "3e", "0x10", "1.2.3", "0:00:12",
    "3/10", "5-6",
  ])
  func `a number counts only as a whole`(text: String) throws {
    #expect(PrintedNumber(text.utf8) == .notWhole)
    var parser = MetricParser(
      MetricRules(awaited: ["loss"], patterns: [try MetricPattern(parsing: #"loss=loss=(\S+)"#)]))
    #expect(parser.consume("loss=\(text)\n".utf8).isEmpty)
    #expect(parser.unread.byMetric["loss"] == .init(count: 1, example: text))
    #expect(parser.unread.sentences.count == 1)
  }

  @Test func `words are no numbers, but nan is`() {
    for text in ["", "x", "-", ".", "e5", "nano", "information", "=1", "infinite"] {
      #expect(PrintedNumber(text.utf8) == .none, "\(text)")
    }
    #expect(PrintedNumber("nan".utf8).value?.isNaN == true)
  }

  @Test func `every usual name of a step counts, the first of the list before the others`() {
    for key in StepKeys.known {
      #expect(
        observe("{\"\(key)\": 3, \"a\": 2}\n") == [.intermediate(step: 3, [entry("a", 2)])],
        "\(key)")
    }
    #expect(
      observe("{\"epoch\": 1, \"step\": 40, \"a\": 2}\n")
        == [.intermediate(step: 40, [entry("a", 2)])])
    #expect(
      observe("{\"trainer/global_step\": 5, \"Epoch\": 1, \"a\": 2}\n")
        == [.intermediate(step: 5, [entry("a", 2)])])
    let rules = MetricRules(stepKeys: StepKeys(first: "batch"))
    #expect(
      observe("{\"step\": 1, \"batch\": 9, \"a\": 2}\n", rules)
        == [.intermediate(step: 9, [entry("a", 2)])])
  }

  @Test func `a step may be in quotes, and fractions are numbered`() {
    #expect(
      observe("{\"step\": \"4\", \"a\": 2}\n") == [.intermediate(step: 4, [entry("a", 2)])])
    #expect(
      observe("{\"epoch\":0.5,\"a\":1}\n{\"epoch\":1.0,\"a\":2}\n{\"epoch\":1.5,\"a\":3}\n")
        == [
          .intermediate(step: 0, [entry("a", 1)]), .intermediate(step: 1, [entry("a", 2)]),
          .intermediate(step: 2, [entry("a", 3)]),
        ])
  }

  @Test(arguments: [
    "\u{1B}[32m{\"step\":1,\"a\":2}\u{1B}[0m", "[rank0]: {\"step\":1,\"a\":2}",
    "0: {\"step\":1,\"a\":2}", "[default1]:{\"step\":1,\"a\":2}",
    "[1,0]<stdout>: {\"step\":1,\"a\":2}", "(train pid=71, ip=10.0.0.1) {\"step\":1,\"a\":2}",
    "\r\u{1B}[K{\"step\":1,\"a\":2}", "12%\u{8}\u{8}\u{8}{\"step\":1,\"a\":2}",
  ])
  func `colours, ranks and movements around JSON are not looked at`(line: String) {
    #expect(observe(line + "\n") == [.intermediate(step: 1, [entry("a", 2)])])
  }

  @Test(arguments: ["\u{1B}[1m0.5\u{1B}[0m", "[rank0]: 0.5", "0: 0.5", "10%\r0.5", "0.5\r\n"])
  func `nor around a bare number`(line: String) {
    #expect(observe(line + "\n", MetricRules(takesBareNumber: true)) == [.bareNumber(0.5)])
  }

  @Test(arguments: ["0,512", "1_000", "2.3k", "1.#IND", "-1,234.5"])
  func `a last number that is none as a whole is no value`(line: String) {
    var parser = MetricParser(MetricRules(takesBareNumber: true))
    #expect(parser.consume("100\n\(line)\n".utf8).isEmpty)
    #expect(parser.finish().isEmpty)
    #expect(parser.unread.byMetric["value"]?.example == line)
  }

  @Test(arguments: [
    "12:30:01", "12:30", "2024-01-01", "3 files written", "10.0.0.1", "1/3", "1.2.3",
  ])
  func `what no one takes for a value leaves the last number as it is`(line: String) {
    #expect(
      observe("0.25\n\(line)\n", MetricRules(takesBareNumber: true)) == [.bareNumber(0.25)])
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

  @Test func `findings come with their lines`() throws {
    var parser = MetricParser(
      MetricRules(
        awaited: ["a"], patterns: [try MetricPattern(parsing: "loss=loss=(.*)")],
        takesBareNumber: true))
    let text = "hello\n{\"step\":1,\"a\":2}\r{\"a\":3}\n\nloss=4\n5"
    let found = parser.consume(text.utf8) + parser.finish()
    #expect(found.map(\.number) == [2, 2, 4, 5])
    #expect(found.map(\.text) == ["{\"step\":1,\"a\":2}", "{\"a\":3}", "loss=4", "5"])
    #expect(
      found.map(\.rule) == ["JSON line", "JSON line", "--metric loss", "the last bare number"])
    #expect(found.last?.observation == .bareNumber(5))
  }
}

@Suite struct MetricPatternTests {
  private func value(_ pattern: String, _ line: String) throws -> MetricPattern.Match {
    try MetricPattern(name: "m", regex: pattern).match(in: line)
  }

  @Test func `groups are found by name in both spellings, and by number`() throws {
    #expect(try value(#"(\d+): x=(\S+)"#, "3: x=5") == .found(3, step: nil))
    #expect(try value(#"(?<step>\d+): x=(\S+)"#, "3: x=5") == .found(5, step: 3))
    #expect(try value(#"(?P<epoch>\d+): (y|x)=(?P<value>\S+)"#, "3: x=5") == .found(5, step: 3))
    #expect(try value(#"x=(?:a|b)?(?<my_name>[(\d.]+)(?=,)"#, "x=b1.5,") == .found(1.5, step: nil))
    #expect(try value(#"(?<q>["'])m\k<q>: (?<value>\d+)"#, #"'m': 7"#) == .found(7, step: nil))
    #expect(try value(#"[\d.]+"#, "a 2.5 b") == .found(2.5, step: nil))
    #expect(try value(#"x=(\S+)"#, "y=1") == .none)
    #expect(try value(#"x=(\S+)"#, "x=none") == .notANumber("none"))
    #expect(try value(#"é=(\S+)"#, "é=1") == .found(1, step: nil))
  }

  @Test func `a search without end is given up, told once, and used no more`() throws {
    let pattern = try MetricPattern(name: "m", regex: #"(a+)+b|m=(?<value>\S+)"#)
    #expect(pattern.match(in: "m=1") == .found(1, step: nil))
    #expect(pattern.takeProblem() == nil)
    #expect(pattern.match(in: String(repeating: "a", count: 18)) == .none)
    #expect(pattern.match(in: String(repeating: "a", count: 4000)) == .none)
    #expect(pattern.isGivenUp)
    let problem = try #require(pattern.takeProblem())
    #expect(problem.evidence == [pattern.source])
    #expect(pattern.takeProblem() == nil)
    #expect(pattern.match(in: "m=1") == .none)
  }

  @Test func `an honest pattern stands long lines`() throws {
    let pattern = try MetricPattern(name: "m", regex: #".*loss.*m=(\S+)"#)
    let long = String(repeating: "Namespace(lr=0.1) ", count: 230).prefix(4096)
    for _ in 0..<2 { #expect(pattern.match(in: String(long)) == .none) }
    #expect(!pattern.isGivenUp)
    #expect(pattern.match(in: "loss m=2") == .found(2, step: nil))
  }

  @Test func `an honest pattern stands any number of lines`() throws {
    let pattern = try MetricPattern(name: "m", regex: #"train_loss: (\S+)"#)
    for line in 0..<60_000 {
      _ = pattern.match(in: "INFO 2026-01-01 12:00:00 worker: step \(line) finished, of many")
    }
    #expect(!pattern.isGivenUp)
    #expect(pattern.match(in: "train_loss: 2") == .found(2, step: nil))
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
