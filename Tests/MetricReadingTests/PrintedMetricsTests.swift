import Foundation
import Machine
import StudyModel
import Testing

@testable import MetricReading

private func entry(_ name: String, _ value: Double) -> MetricReport.Entry { .init(name, value) }

@Suite struct PrintedMetricsTests {
  /// Lines as trainers print them, an objective as a user would name it, and its curve.
  struct Sample: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var objective: String
    var curve: [Int64: Double] = [:]
    var text: String

    /// A section of `Fixtures/printed/formats.txt`.
    init(_ section: Substring) throws {
      var lines = section.split(separator: "\n", omittingEmptySubsequences: false)[...]
      testDescription = String(lines.removeFirst())
      objective = String(lines.removeFirst().dropFirst("objective: ".count))
      for pair in lines.removeFirst().dropFirst("curve: ".count).split(separator: ", ") {
        let words = pair.split(separator: " ")
        let step = try #require(Int64(String(words[0])))
        let value = try #require(Double(String(words[1])))
        curve[step] = value
      }
      text = [("\\r", "\r"), ("\\t", "\t"), ("\\b", "\u{8}"), ("\\e", "\u{1B}")]
        .reduce(lines.joined(separator: "\n")) { $0.replacing($1.0, with: $1.1) }
    }
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/printed")

  static let samples = Result {
    try String(contentsOf: folder.appending(path: "formats.txt"), encoding: .utf8)
      .split(separator: "### ").dropFirst().map { try Sample($0) }
  }

  @Test(arguments: try samples.get())
  func `what trainers print is understood`(sample: Sample) {
    let outcome = Outcome(sample.text, [sample.objective])
    #expect(outcome.curve(sample.objective) == sample.curve)
    if sample.curve.isEmpty { #expect(outcome.metrics.finalValues[sample.objective] != nil) }
  }

  @Test(arguments: try samples.get())
  func `in any pieces, on either channel, behind a rank the same`(sample: Sample) {
    let bytes = Array(sample.text.utf8)
    var parser = MetricParser(MetricRules(awaited: [sample.objective], readsPrinted: true))
    var metrics = AttemptMetrics(objectives: [sample.objective])
    var curve: [Int64: Double] = [:]
    var findings: [Finding] = []
    for start in stride(from: 0, to: bytes.count, by: 7) {
      findings += parser.consume(
        bytes[start..<min(start + 7, bytes.count)], from: .standardError)
    }
    findings += parser.finish()
    for report in findings.flatMap({ metrics.take($0) }) + metrics.finish() {
      for entry in report.entries where entry.metric == sample.objective {
        curve[report.step] = entry.value
      }
    }
    #expect(curve == sample.curve)
  }

  private struct Recording: Decodable {
    var objective: String
    var curve: [[Double]]
  }

  @Test func `recorded output of real trainers gives their curves`() throws {
    let folder = Self.folder
    let expected = try JSONDecoder().decode(
      [String: [Recording]].self,
      from: Data(contentsOf: folder.appending(path: "expected.json")))
    #expect(expected.count == 7)
    for (file, recordings) in expected {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      for recording in recordings {
        let curve = Dictionary(
          uniqueKeysWithValues: recording.curve.map { (Int64($0[0]), $0[1]) })
        let outcome = Outcome(text, [recording.objective])
        #expect(outcome.curve(recording.objective) == curve, "\(file) \(recording.objective)")
        #expect(outcome.metrics.finals.isEmpty)
      }
    }
  }

  @Test(arguments: [
    "val_loss: 0.5", "loss_val=0.5", "val loss: 0.5", "Results: val loss: 0.5", "best loss 0.5",
    "train/loss=0.5", "{'eval_loss': 0.5}", "{\"val\": {\"loss\": 0.5}}", "closs = 0.5",
    "loss improved from 0.5 to 0.4", "loss: none", "loss", "loss: [0.1, 0.2]",
    "Using loss function 3", "the loss (0.5)", "Epoch 3: student loss: 0.5", "loss!=0.5",
  ])
  func `another metric's name, and prose, say nothing`(line: String) {
    let outcome = Outcome(line + "\n")
    #expect(outcome.reports.isEmpty && outcome.metrics.finals.isEmpty, "\(outcome.reports)")
  }

  @Test(arguments: [
    "loss: 0,512", "loss=1,234.5", "loss 2.3k", "loss: 3/10", "loss = 0:00:12", "loss: 12ms",
    "'loss': '1_000'",
  ])
  func `a value that is no number as a whole is told`(line: String) {
    var parser = MetricParser(MetricRules(awaited: ["loss"], readsPrinted: true))
    #expect(parser.consume("epoch 1\n\(line)\n".utf8).isEmpty)
    #expect(parser.unread.byMetric["loss"]?.count == 1)
  }

  @Test(arguments: [
    ("loss: 0.5, acc: 0.9", ["acc"]), ("epoch 1 | loss 0.5 | acc 0.9 | 0:00:01s", ["acc"]),
    ("12:00:01 2024-01-01 loss=0.5 lr=1e-3 eta: 0:00:12 3/10 25%", ["lr"]),
    ("train.py:123 loss=0.5", []), ("a:b:42 - loss=0.5", []),
    ("step 3/10 25%|## | loss=0.5 took 3s in 10 steps", []),
    ("{'loss': 0.5, 'name': 'x', 'n': 3, 'ok': True}", ["n"]),
  ])
  func `other named values of the line are kept, and nothing else`(
    line: String, others: [String]
  ) {
    var parser = MetricParser(MetricRules(awaited: ["loss"], readsPrinted: true))
    let found = parser.consume("step 1\n\(line)\n".utf8)
    guard case .intermediate(_, let entries)? = found.first?.observation else {
      Issue.record("\(found)")
      return
    }
    #expect(entries.map(\.metric) == ["loss"] + others)
  }

  @Test func `what was recognised, and why, is told`() {
    var parser = MetricParser(MetricRules(awaited: ["loss"], readsPrinted: true))
    let found = parser.consume("Epoch 3/10\nloss: 0.5\n{'loss': 0.4, 'epoch': 4}\n".utf8)
    #expect(
      found.map(\.rule) == ["NAME: VALUE; step of line 1", #"dictionary; step "epoch""#])
    #expect(found.map(\.isGuess) == [true, true])
    #expect(found.map(\.number) == [2, 3])
  }

  @Test func `nothing is guessed when it is switched off, or a pattern says where it is`() throws {
    var off = MetricParser(MetricRules(awaited: ["loss"]))
    #expect(off.consume("loss: 0.5\n".utf8).isEmpty)
    var pattern = MetricParser(
      MetricRules(
        awaited: ["loss"], patterns: [try MetricPattern(parsing: #"loss=L(\S+)"#)],
        readsPrinted: true))
    #expect(pattern.consume("loss: 0.5\n".utf8).isEmpty)
    let loss = Objective(name: "loss", direction: .minimize)
    let unnamed = try MetricRules(objectives: [.standard])
    let named = try MetricRules(objectives: [loss])
    let withFiles = try MetricRules(objectives: [loss], hasSources: true)
    #expect([unnamed, named, withFiles].map(\.readsPrinted) == [false, true, false])
  }

  @Test func `garbage around a name neither traps nor hides what follows`() {
    var generator = SystemRandom(seed: 11)
    let pieces = [
      "loss", ":", "=", " ", "  ", "{", "}", "[", "]", "(", ")", "'", "\"", "|", "\t", "1", "0.5",
      "epoch", "/", "-", ",", "%", "\u{8}", "\u{1B}[", "│", "█", "nan", "tensor(", "E", "#", "\\",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }.joined()
      var parser = MetricParser(MetricRules(awaited: ["loss"], readsPrinted: true))
      _ = parser.consume((text + "\n").utf8)
      let last = parser.consume("\nstep 7\n{'loss': 0.25, 'step': 9}\n".utf8).last
      guard case .intermediate(_, let entries)? = last?.observation else {
        Issue.record("\(text.debugDescription): \(String(describing: last))")
        continue
      }
      #expect(entries.contains(entry("loss", 0.25)), "\(text.debugDescription)")
    }
  }
}
