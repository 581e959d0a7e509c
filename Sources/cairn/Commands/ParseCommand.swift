import MetricReading
import PlainText
import ArgumentParser
import Foundation
import SpaceNotation
import StudyModel
import StudySQL

struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Show which metrics would be recognised in what an objective prints.",
    discussion: """
      python3 train.py --lr 0.1 2>&1 | cairn parse --metric loss='loss[=:] *(\\S+)'

      Reads standard input to its end. --minimize, --maximize, --metric, --step and --no-guess \
      are as in `cairn run`. Of each line that says something: what, at which step, and why it \
      counts (the column rule). A value without a step is a final one. Ends with 1 when an \
      objective would have no value.
      """)

  @OptionGroup var reading: ReadingOptions

  @Option(
    help: ArgumentHelp("A metric to minimize; may be repeated.", valueName: "metric"),
    transform: ObjectiveOption.init)
  var minimize: [ObjectiveOption] = []

  @Option(
    help: ArgumentHelp("A metric to maximize; may be repeated.", valueName: "metric"),
    transform: ObjectiveOption.init)
  var maximize: [ObjectiveOption] = []

  @OptionGroup var output: OutputOptions

  func run() throws {
    let named = try StudyOptions.objectives(minimize: minimize, maximize: maximize)
    let objectives = named.isEmpty ? [Objective.standard] : named
    let rules = try MetricRules(
      objectives: objectives, patterns: reading.metric, readsPrinted: !reading.noGuess,
      step: reading.step)
    let input = try Self.standardInput()
    var parser = MetricParser(rules)
    var metrics = AttemptMetrics(objectives: Set(objectives.map(\.name)))
    var found = Found()
    for finding in parser.consume(input) + parser.finish() {
      found.add(metrics.take(finding), bareNumber: finding)
    }
    found.add(metrics.finish(), bareNumber: nil)
    found.add(finalsOf: metrics)
    try print(found.rows)
    for pattern in rules.patterns {
      if let problem = pattern.takeProblem() { output.warn(problem) }
    }
    for sentence in parser.unread.sentences { output.warn(Explanation(sentence)) }
    try judge(
      found, metrics, objectives, account: { parser.account(of: $0) }, isEmpty: input.isEmpty)
  }

  private static func standardInput() throws(Diagnostic) -> Data {
    do {
      return try FileHandle.standardInput.readToEnd() ?? Data()
    } catch {
      throw Diagnostic("standard input cannot be read: \(error.localizedDescription)")
    }
  }

  private func print(_ rows: [Found.Row]) throws {
    let columns = ["line", "metric", "step", "value", "rule", "text"].map { ResultColumn($0) }
    try output.print(columns) { writer in
      for row in rows {
        try writer.write([
          .integer(Int64(row.line)), row.metric.map { .text($0) } ?? .null,
          row.step.map { .integer($0) } ?? .null, .real(row.value), .text(row.rule),
          .text(row.text),
        ])
      }
    }
  }

  /// Says what the trial's result would be.
  private func judge(
    _ found: Found, _ metrics: AttemptMetrics, _ objectives: [Objective],
    account: (String) -> String?, isEmpty: Bool
  ) throws {
    let values = ObjectiveValues(
      of: objectives, finals: metrics.finalValues, bareNumber: metrics.bareNumber
    ) { found.series[$0] ?? [] }
    switch values {
    case .complete(let values):
      let results = zip(objectives, values).map { "\($0.name) = \($1.notation)" }
      output.note("the trial's result: \(results.joined(separator: ", "))")
    case .missing(let names):
      let name = names[0]
      let direction = objectives.first { $0.name == name }?.direction ?? .minimize
      let known = found.names
      throw Diagnostic(
        "no value for \(names.map(\.jsonQuoted).joined(separator: ", "))",
        evidence: names.compactMap(account) + [
          isEmpty
            ? "standard input is empty"
            : known.isEmpty
              ? "nothing was recognised" : "recognised: \(known.joined(separator: ", "))"
        ],
        try: ["--metric \(ShellText.quoted(name))='\(name)[=:] *(\\S+)'"]
          + nearestNames(to: name, among: known).map {
            "--\(direction.rawValue) \(ShellText.quoted($0))"
          })
    }
  }
}

/// What an objective's output has said, as it would be recorded.
private struct Found {
  struct Row {
    var line: Int
    var metric: String?
    var step: Int64?
    var value: Double
    var rule: String
    var text: String
  }

  private(set) var rows: [Row] = []
  private(set) var series: [String: [MetricPoint]] = [:]

  var names: [String] { Set(rows.compactMap(\.metric)).sorted() }

  mutating func add(_ reports: [AttemptMetrics.Report], bareNumber finding: Finding?) {
    for report in reports {
      for entry in report.entries {
        add(entry.metric, report.step, entry.value, report.source)
        let point = MetricPoint(step: report.step, value: entry.value, time: .init(rawValue: 0))
        series[entry.metric, default: []].append(point)
      }
    }
    if case .bareNumber(let value)? = finding?.observation { add(nil, nil, value, finding) }
  }

  mutating func add(finalsOf metrics: AttemptMetrics) {
    for (name, final) in metrics.finals { add(name, nil, final.value, final.source) }
    let order = rows.enumerated().sorted {
      ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
    }
    rows = order.map(\.element)
  }

  private mutating func add(
    _ metric: String?, _ step: Int64?, _ value: Double, _ source: Finding?
  ) {
    rows.append(
      Row(
        line: source?.number ?? 0, metric: metric, step: step, value: value,
        rule: source?.rule ?? "", text: source?.text ?? ""))
  }
}
