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

      Reads standard input to its end. --minimize, --maximize and --metric are as in `cairn \
      run`. A value without a step is a final one. Ends with 1 when an objective would have no \
      value.
      """)

  @Option(
    help: ArgumentHelp(
      "Find a metric: loss='loss[=:] *(\\S+)'; may be repeated.", valueName: "name=regex"))
  var metric: [String] = []

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
    var patterns: [MetricPattern] = []
    for text in metric { patterns.append(try MetricPattern(parsing: text)) }
    let rules = MetricRules(
      finals: Set(objectives.map(\.name)), patterns: patterns, takesBareNumber: named.isEmpty)
    let input = try Self.standardInput()
    let lines = MetricParser.recognize(input, by: rules)
    try print(lines)
    try judge(lines, objectives, isEmpty: input.isEmpty)
  }

  private static func standardInput() throws(Diagnostic) -> Data {
    do {
      return try FileHandle.standardInput.readToEnd() ?? Data()
    } catch {
      throw Diagnostic("standard input cannot be read: \(error.localizedDescription)")
    }
  }

  private func print(_ lines: [MetricParser.RecognizedLine]) throws {
    let columns = ["line", "metric", "step", "value", "text"].map { ResultColumn($0) }
    try output.print(columns) { writer in
      for line in lines {
        let start: [SQLValue] = [.integer(Int64(line.number))]
        let text = SQLValue.text(line.text)
        switch line.observation {
        case .intermediate(let step, let entries):
          for entry in entries {
            try writer.write(
              start + [.text(entry.metric), .integer(step), .real(entry.value), text])
          }
        case .final(let entries):
          for entry in entries {
            try writer.write(start + [.text(entry.metric), .null, .real(entry.value), text])
          }
        case .bareNumber(let value):
          try writer.write(start + [.null, .null, .real(value), text])
        }
      }
    }
  }

  /// Says what the trial's result would be.
  private func judge(
    _ lines: [MetricParser.RecognizedLine], _ objectives: [Objective], isEmpty: Bool
  ) throws {
    var findings = Findings()
    for line in lines { findings.add(line.observation) }
    let values = ObjectiveValues(
      of: objectives, finals: findings.finals, bareNumber: findings.bareNumber
    ) { findings.series[$0] ?? [] }
    switch values {
    case .complete(let values):
      let results = zip(objectives, values).map { "\($0.name) = \($1.notation)" }
      output.note("the trial's result: \(results.joined(separator: ", "))")
    case .missing(let names):
      let name = names[0]
      let direction = objectives.first { $0.name == name }?.direction ?? .minimize
      throw Diagnostic(
        "no value for \(names.map(\.jsonQuoted).joined(separator: ", "))",
        evidence: [
          isEmpty
            ? "standard input is empty"
            : lines.isEmpty
              ? "nothing was recognised"
              : "recognised: \(findings.names.sorted().joined(separator: ", "))"
        ],
        try: ["--metric \(ShellText.quoted(name))='\(name)[=:] *(\\S+)'"]
          + nearestNames(to: name, among: findings.names.sorted()).map {
            "--\(direction.rawValue) \(ShellText.quoted($0))"
          })
    }
  }
}

/// What an objective's output has said so far.
private struct Findings {
  private(set) var finals: [String: Double] = [:]
  private(set) var series: [String: [MetricPoint]] = [:]
  private(set) var bareNumber: Double?

  var names: Set<String> { Set(finals.keys).union(series.keys) }

  mutating func add(_ observation: Observation) {
    switch observation {
    case .intermediate(let step, let entries):
      for entry in entries {
        let point = MetricPoint(step: step, value: entry.value, time: .init(rawValue: 0))
        series[entry.metric, default: []].append(point)
      }
    case .final(let entries):
      for entry in entries { finals[entry.metric] = entry.value }
    case .bareNumber(let value): bareNumber = value
    }
  }
}
