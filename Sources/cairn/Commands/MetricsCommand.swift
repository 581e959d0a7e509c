import Presentation
import PlainText
import ArgumentParser
import StudyModel
import StudySQL

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Print the values that trials reported by step.",
    discussion: """
      A table has a line for each metric of each trial, with its curve; the other formats have \
      one for each value. --wide makes it one for each step, with a column for each metric.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "Trials: numbers, last or best; all when there are none.")
  var trials: [TrialReference] = []

  @Option(help: ArgumentHelp("Only this metric; may be repeated.", valueName: "metric"))
  var metric: [String] = []

  @Flag(help: "A row a step, and a column a metric.")
  var wide = false

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    if state.metricNames.isEmpty {
      output.note("no trial of \(study) has reported a value by step")
    }
    let listing = MetricListing(
      state: state, metrics: try chosenMetrics(of: state), rows: try chosenRows(of: state),
      clock: output.clock)
    if wide {
      try output.print(listing.wideColumns, listing.writeWide)
    } else if output.isForPeople {
      try output.print(MetricListing.curveColumns, listing.writeCurves)
    } else {
      try output.print(MetricListing.columns, listing.write)
    }
  }

  private func chosenRows(of state: StudyRecord) throws -> [Int] {
    if trials.isEmpty { return Array(0..<state.trialCount) }
    var rows: [Int] = []
    for trial in trials { rows.append(try state.row(of: trial)) }
    return rows
  }

  private func chosenMetrics(of state: StudyRecord) throws(Diagnostic) -> [String] {
    let names = state.metricNames
    if metric.isEmpty { return names }
    for name in metric {
      guard names.contains(name) else {
        throw Diagnostic(
          "no trial of \(study.jsonQuoted) has reported a metric \(name.jsonQuoted)",
          evidence: names.isEmpty
            ? [] : ["reported were \(names.prefix(20).joined(separator: ", ").neutralized)"],
          try: nearestNames(to: name, among: names).map { "--metric \(ShellText.quoted($0))" },
          status: .usage)
      }
    }
    return metric
  }
}

/// Some metrics of some trials as rows.
struct MetricListing {
  static let columns = ["number", "metric", "step", "value", "time"].map { ResultColumn($0) }
  static let curveColumns = [
    "number", "metric", "steps", "first", "last", "min", "max", "curve",
  ].map { ResultColumn($0) }
  private static let curveWidth = 20

  let state: StudyRecord
  let metrics: [String]
  /// By row, in the order to print.
  let rows: [Int]
  let clock: ClockZone

  /// A row a value.
  func write(to writer: inout RowWriter) throws {
    for row in rows {
      let number = SQLValue.integer(Int64(state.number(ofRow: row)))
      for metric in metrics {
        for point in try state.series(of: metric, row: row) {
          try writer.write([
            number, .text(metric), .integer(point.step), .real(point.value),
            .text(clock.text(point.time)),
          ])
        }
      }
    }
  }

  /// A row a series.
  func writeCurves(to writer: inout RowWriter) throws {
    for row in rows {
      for metric in metrics {
        guard let summary = try state.summary(of: metric, row: row) else { continue }
        let hasNumbers = summary.count > summary.nanCount
        try writer.write([
          .integer(Int64(state.number(ofRow: row))), .text(metric),
          .integer(Int64(summary.count)), .real(summary.first.value), .real(summary.last.value),
          hasNumbers ? .real(summary.minimum) : .null, hasNumbers ? .real(summary.maximum) : .null,
          .text(
            Sparkline.text(
              try state.series(of: metric, row: row).map(\.value), width: Self.curveWidth)),
        ])
      }
    }
  }

  var wideColumns: [ResultColumn] {
    [ResultColumn("number"), ResultColumn("step")]
      + metrics.map { metric in
        let isTaken = metric == "number" || metric == "step"
        return ResultColumn((isTaken ? "metric_" : "") + metric)
      }
  }

  /// A row a step of a trial.
  func writeWide(to writer: inout RowWriter) throws {
    for row in rows {
      let number = SQLValue.integer(Int64(state.number(ofRow: row)))
      var values: [Int64: [SQLValue]] = [:]
      let nothing = [SQLValue](repeating: .null, count: metrics.count)
      for (index, metric) in metrics.enumerated() {
        for point in try state.series(of: metric, row: row) {
          values[point.step, default: nothing][index] = .real(point.value)
        }
      }
      for (step, cells) in values.sorted(by: { $0.key < $1.key }) {
        try writer.write([number, .integer(step)] + cells)
      }
    }
  }
}
