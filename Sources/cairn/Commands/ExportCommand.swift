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
    case sqlite

    /// Nil for SQLite, whose files have tables and not rows.
    var rows: RowFormat? {
      switch self {
      case .sqlite: nil
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

      -o study.db writes an ordinary SQLite file: the study's own table, and studies, trials, \
      params, metrics, series and attrs as `cairn query` has them, with indexes.

      `cairn import` makes a study of it again: of --all and --metrics together, the same one.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to: a file, or - for standard output.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "csv, jsonl, json, tsv or sqlite.", discussion: "Default: by the file's suffix.",
      valueName: "format"))
  var format: Format?

  @Flag(help: "The values reported by step, one a row, and not the trials.")
  var metrics = false

  @Option(
    help: ArgumentHelp(
      "What columns are called: cairn (lr), or optuna (params_lr), as in its trials_dataframe.",
      valueName: "style"))
  var names = ExportNames.cairn

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp(
      "Which trials: an SQL expression over the columns, in quotes.", valueName: "expression"))
  var filter: String?

  @Option(
    help: ArgumentHelp(
      "Columns to write, with commas; hidden ones too.", valueName: "columns"))
  var columns: [String] = []

  @Flag(help: "Every column there is, those too that `cairn trials` hides.")
  var all = false

  @Flag(help: "Also the last value of every metric, METRIC_last.")
  var last = false

  @Flag(name: [.short, .long], help: "No word on standard error.")
  var quiet = false

  @OptionGroup var store: ReadingStoreOptions

  func validate() throws {
    if metrics && names != .cairn {
      throw ValidationError("--names is about trials, not --metrics")
    }
    let isChosen = filter != nil || !columns.isEmpty || all || last
    if metrics && isChosen {
      throw ValidationError("--where, --columns, --all and --last are about trials, not --metrics")
    }
    if names != .cairn && (!columns.isEmpty || all || last) {
      throw ValidationError("--columns, --all and --last are about Cairn's own names")
    }
    if !columns.isEmpty && (all || last) {
      throw ValidationError("--columns says all that is written: not with --all or --last")
    }
  }

  func run() throws {
    let chosen = try chosenFormat()
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    QueryInterruption.install()
    let database = try opened.database()
    guard let format = chosen.rows else { return try exportSQLite(from: database, state) }
    if output == "-" {
      var standardOutput = StandardOutput()
      _ = try export(from: database, state, format) { try standardOutput.write($0) }
      try standardOutput.flush()
      return
    }
    let file = try ReplacingFile(at: output)
    let count = try export(from: database, state, format, to: file.write)
    try file.commit()
    let contents = count.map { Measures.count($0, "trial") } ?? "the reported values"
    if !quiet { StandardError.writeLine("wrote \(contents) to \(output)") }
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
    case "db", "sqlite", "sqlite3": return .sqlite
    default:
      throw Diagnostic(
        "the name \(output.jsonQuoted) does not say which format is meant",
        try: Format.allCases.map { "--format \($0.rawValue)" }, status: .usage)
    }
  }

  private func exportSQLite(
    from database: borrowing HistoryDatabase, _ state: StudyRecord
  ) throws {
    let isChosen = filter != nil || !columns.isEmpty || all || last || metrics
    if isChosen || names != .cairn {
      throw Diagnostic(
        "a SQLite file holds the whole study: --where, --columns, --metrics and their like are of "
          + "the other formats",
        try: ["the same without them, and a query"], status: .usage)
    }
    let file = try ReplacingFile(at: output)
    guard output != "-", let path = file.temporaryPath else {
      throw Diagnostic(
        "a SQLite file can only be written to a file", try: ["-o study.db"], status: .usage)
    }
    let count = try database.exportSQLite(of: state.study.id, to: path)
    try file.commit()
    if !quiet { StandardError.writeLine("wrote \(Measures.count(count, "trial")) to \(output)") }
  }

  /// - Returns: how many trials were written; nil for reported values.
  private func export(
    from database: borrowing HistoryDatabase, _ state: StudyRecord, _ format: RowFormat,
    to sink: @escaping (String) throws -> Void
  ) throws -> Int? {
    if metrics {
      try database.exportMetrics(of: state.study.id, format: format, to: sink)
      return nil
    }
    var export = TrialExport(names: names, filter: filter)
    if !columns.isEmpty {
      let known = try database.columnNames(of: state.study.id, includingHidden: true)
      export.columns = TrialsCommand.names(in: columns, known: known)
    }
    export.isWhole = all
    export.withLastValues = last
    do {
      return try database.exportTrials(of: state.study.id, format: format, export, to: sink)
    } catch QueryError.bareColumn(let name) {
      throw TrialsCommand.bareColumn(name)
    }
  }
}
