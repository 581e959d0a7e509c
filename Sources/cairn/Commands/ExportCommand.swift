import PlainText
import ArgumentParser
import StudyModel
import StudySQL

struct ExportCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv
    case jsonl
    case json
    case tsv

    var rows: RowFormat {
      switch self {
      case .csv: .csv
      case .jsonl: .jsonl
      case .json: .json
      case .tsv: .tsv
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a study into a file for other programs.",
    discussion: """
      All trials, one a row, or with --metrics all values reported by step. The file appears \
      when it is whole: until then what was there before stays. Times are UTC.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to: a file, or - for standard output.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "csv, jsonl, json or tsv.", discussion: "Default: by the file's suffix.",
      valueName: "format"))
  var format: Format?

  @Flag(help: "The values reported by step, one a row, and not the trials.")
  var metrics = false

  @Option(
    help: ArgumentHelp(
      "What columns are called: cairn (lr), or optuna (params_lr), as in its trials_dataframe.",
      valueName: "style"))
  var names = ExportNames.cairn

  @Flag(name: [.short, .long], help: "No word on standard error.")
  var quiet = false

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if metrics && names != .cairn {
      throw ValidationError("--names is about trials, not --metrics")
    }
  }

  func run() throws {
    let format = try chosenFormat().rows
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    QueryInterruption.install()
    let database = try opened.database()
    if output == "-" {
      var standardOutput = StandardOutput()
      try export(from: database, state, format) { try standardOutput.write($0) }
      try standardOutput.flush()
      return
    }
    let file = try ReplacingFile(at: output)
    try export(from: database, state, format, to: file.write)
    try file.commit()
    if !quiet { StandardError.writeLine("wrote \(contents(of: state)) to \(output)") }
  }

  private func chosenFormat() throws(Diagnostic) -> Format {
    if let format { return format }
    if output == "-" { return .csv }
    let name = output.split(separator: "/").last ?? ""
    let suffix = name.contains(".") ? name.split(separator: ".").last.map(String.init) ?? "" : ""
    switch suffix.lowercased() {
    case "csv": return .csv
    case "jsonl", "ndjson": return .jsonl
    case "json": return .json
    case "tsv": return .tsv
    default:
      throw Diagnostic(
        "the name \(output.jsonQuoted) does not say which format is meant",
        try: Format.allCases.map { "--format \($0.rawValue)" }, status: .usage)
    }
  }

  private func export(
    from database: borrowing HistoryDatabase, _ state: StudyState, _ format: RowFormat,
    to sink: @escaping (String) throws -> Void
  ) throws {
    if metrics {
      try database.exportMetrics(of: state.study.id, format: format, to: sink)
    } else {
      try database.exportTrials(of: state.study.id, format: format, names: names, to: sink)
    }
  }

  private func contents(of state: StudyState) -> String {
    metrics ? "the reported values" : Measures.count(state.trials.count, "trial")
  }
}
