import StudyModel
import Testing

@testable import MetricReading

private func entry(_ name: String, _ value: Double) -> MetricReport.Entry { .init(name, value) }

/// What `text` comes to when an objective prints it.
struct Outcome {
  var reports: [AttemptMetrics.Report] = []
  var metrics: AttemptMetrics

  init(
    _ text: String, _ objectives: Set<String> = ["loss"], bounds: Set<String> = [],
    after lastStep: Int64? = nil, rules: MetricRules? = nil
  ) {
    metrics = AttemptMetrics(objectives: objectives, bounds: bounds, after: lastStep)
    var parser = MetricParser(
      rules ?? MetricRules(awaited: objectives.union(bounds), readsPrinted: true))
    for finding in parser.consume(text.utf8) + parser.finish() {
      reports += metrics.take(finding)
    }
    reports += metrics.finish()
  }

  func curve(_ name: String = "loss") -> [Int64: Double] {
    var curve: [Int64: Double] = [:]
    for report in reports {
      for entry in report.entries where entry.metric == name { curve[report.step] = entry.value }
    }
    return curve
  }
}

@Suite struct AttemptMetricsTests {
  @Test(arguments: ["{\"loss\": 0.5}\n", "loss: 0.5\n"])
  func `a single value without a step is final`(line: String) {
    let outcome = Outcome("hello\n" + line)
    #expect(outcome.reports.isEmpty)
    #expect(outcome.metrics.finalValues == ["loss": 0.5])
    #expect(outcome.metrics.series.isEmpty)
  }

  @Test(arguments: ["{\"loss\": #}\n", "loss: #\n"])
  func `more of them are a series from 0`(line: String) {
    let text = [0.5, 0.25, 0.125].map { line.replacing("#", with: "\($0)") }.joined()
    let outcome = Outcome(text)
    #expect(outcome.curve() == [0: 0.5, 1: 0.25, 2: 0.125])
    #expect(outcome.metrics.finalValues.isEmpty)
  }

  @Test func `what a later attempt says without a step comes behind what there is`() {
    #expect(
      Outcome("{\"loss\":1}\n{\"loss\":2}\n", after: 49).curve() == [50: 1, 51: 2])
    let final = Outcome(
      "{\"loss\":1,\"latency\":7}\n", bounds: ["latency"], after: 49)
    #expect(final.metrics.finalValues == ["loss": 1])
    #expect(final.curve("latency") == [50: 7])
    #expect(Outcome("{\"loss\":1}\n{\"loss\":2}\n", after: .max).curve() == [.max: 2])
  }

  @Test func `a value without a step behind a series is final, and its like stand beside it`() {
    let outcome = Outcome(
      "{\"step\":0,\"loss\":3}\n{\"step\":1,\"loss\":2}\n{\"loss\":1,\"latency\":7}\n",
      bounds: ["latency"])
    #expect(outcome.curve() == [0: 3, 1: 2])
    #expect(outcome.metrics.finalValues == ["loss": 1])
    #expect(outcome.curve("latency") == [1: 7])
  }

  @Test func `each of several objectives counts its own lines`() {
    let outcome = Outcome(
      "{\"loss\":1,\"acc\":2}\n{\"loss\":3}\n{\"f1\":4}\n", ["loss", "acc", "f1"])
    #expect(outcome.curve() == [0: 1, 1: 3])
    #expect(outcome.curve("acc") == [0: 2])
    #expect(outcome.metrics.finalValues == ["f1": 4])
  }

  @Test func `what the objective declares goes before what is guessed`() {
    let outcome = Outcome(
      "loss: 9\n{\"step\":0,\"loss\":1}\nstep 0, loss: 9\n{\"step\":1,\"loss\":2}\nloss: 9\n")
    #expect(outcome.curve() == [0: 1, 1: 2])
    #expect(outcome.metrics.finalValues.isEmpty)
  }

  @Test func `a guessed value that has no step gives way to those that have`() {
    let outcome = Outcome("loss: 9\nepoch 1 loss: 2\nepoch 2 loss: 1\n")
    #expect(outcome.curve() == [1: 2, 2: 1])
    #expect(outcome.metrics.finalValues.isEmpty)
  }

  @Test func `a bar that is written over counts once a step`() {
    let bars = (0..<3).map { epoch in
      (0...10).map { "Epoch \(epoch): \($0 * 10)%|##  | \($0)/10 [00:00<00:01, loss=\($0).5]\r" }
        .joined()
    }
    let outcome = Outcome(bars.joined() + "\n")
    #expect(outcome.curve() == [0: 10.5, 1: 10.5, 2: 10.5])
    #expect(outcome.reports.count == 3)
  }

  @Test func `a bar without an epoch counts by how far it has come`() {
    let text = (0..<2).map { round in
      (0...4).map { " \($0)/4|##  | \($0)/4 [00:00<00:01, loss=\(round)\($0).5]\r" }.joined()
    }.joined()
    #expect(
      Outcome(text).curve() == [
        0: 0.5, 1: 1.5, 2: 2.5, 3: 3.5, 4: 10.5, 5: 11.5, 6: 12.5, 7: 13.5, 8: 14.5,
      ])
  }

  @Test func `patterns without a step are numbered, a single match is final`() throws {
    let rules = MetricRules(
      awaited: ["loss"],
      patterns: [
        try MetricPattern(parsing: #"loss=L(\S+)"#), try MetricPattern(parsing: #"lr=r(\S+)"#),
      ], readsPrinted: true)
    let outcome = Outcome("L1 r7\nloss: 9\nL2 r8\n", rules: rules)
    #expect(outcome.curve() == [0: 1, 1: 2])
    #expect(outcome.curve("lr") == [0: 7, 1: 8])
    #expect(Outcome("L1\n", rules: rules).metrics.finalValues == ["loss": 1])
  }
}
