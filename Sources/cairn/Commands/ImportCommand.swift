public import ArgumentParser
import Foundation
import PlainText
import SpaceNotation
import StudyEngine
import StudyModel
public import TableReading

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a study of a table of trials.",
    discussion: """
      cairn import runs.csv --study digits --maximize accuracy --ignore path

      FILE is what `cairn export` wrote, with --names optuna too, or any table with a header: \
      CSV, tab-separated lines, or a JSON object a line. `number`, `state`, `value` (`value_1`, … \
      or the objectives' names), `started` and `ended` are what they say, `user_KEY` is a note, \
      and all other columns are parameters. Where there is no `state`, a trial with a value is \
      complete, and one without has failed; times are UTC, unless they have a zone.

      A parameter that -p or --space does not declare has the range or the choices that its whole \
      column shows: whole numbers, real ones, true and false, or at most 1000 different values. \
      Positive numbers that span three powers of ten, with most of them in the lowest tenth of \
      their range, are logarithmic. An empty field: the trial lacks the parameter. What stands in \
      quotes is text, even if it looks like a number.

      The whole study appears at the end, or nothing: when the table is wrong somewhere, when \
      the import is interrupted or killed. Trials that were running wait, to be run again. \
      `export --all` and `export --metrics` write what an import needs to lose nothing; of \
      several attempts, only what they came to is in a table.
      """)

  @Argument(
    help: ArgumentHelp("A table of trials; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["csv", "tsv", "jsonl", "ndjson"]))
  var file: String

  @Option(help: ArgumentHelp("What the study shall be called.", valueName: "name"))
  var study: String

  @Option(
    help: ArgumentHelp(
      "Values reported by step, with columns number, metric, step, value and perhaps time.",
      discussion: "In the order of the trials' numbers, as `cairn export --metrics` writes it.",
      valueName: "file"),
    completion: .file(extensions: ["csv", "tsv", "jsonl", "ndjson"]))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "csv, tsv or jsonl.", discussion: "Default: by the file's suffix.", valueName: "format"))
  var format: TableFormat?

  @Option(
    help: ArgumentHelp(
      "The columns with the objectives' values, with commas, in the order of the objectives.",
      valueName: "columns"))
  var value: String?

  @Option(
    help: ArgumentHelp(
      "The columns that are parameters, with commas; others that are nothing else are left out.",
      valueName: "columns"))
  var params: String?

  @Option(help: ArgumentHelp("Columns to leave out, with commas.", valueName: "columns"))
  var ignore: String?

  @Flag(help: "Say what would be made of the table, and record nothing.")
  var dryRun = false

  @Flag(name: [.short, .long], help: "No word on standard error but for errors.")
  var quiet = false

  @OptionGroup var location: StoreOptions
  @OptionGroup(title: "What the study searches") var options: StudyOptions

  func validate() throws {
    if study.isEmpty { throw ValidationError("a study needs a name") }
    if !options.first.isEmpty {
      throw ValidationError("--first is for a study that begins without trials")
    }
    if file == "-" && metrics == "-" {
      throw ValidationError("standard input is one table, not two")
    }
  }

  func run() async throws {
    let request = try options.request()
    let interruption = ImportInterruption()
    let progress = ImportProgress(isQuiet: quiet)
    let place = try? location.locate(for: .reading)
    let others = try place.map { try $0.exists ? ReadableStore($0).snapshot : Snapshot() }
    var definition = try request.newDefinition(
      seed: UInt64(UInt32.random(in: .min ... .max)), among: others ?? Snapshot())
    let trials = try TableFile(file, try Self.format(of: file, format))
    let table = try TrialTable(trials, try tableRequest(request, definition)) { count in
      try interruption.check()
      progress.show("reading", count, trials.progress)
    }
    definition.space = table.space
    let reports = try metrics.map { try TableFile($0, try Self.format(of: $0, nil)) }
    if dryRun { return describe(table, definition) }
    let opened = try WritableStore(try location.locate(for: .writing), creating: true)
    do {
      let running = try await record(table, reports, definition, in: opened) { count, share in
        try interruption.check()
        progress.show("importing", count, share)
      }
      progress.clear()
      report(table, definition, running: running, store: opened.location.explanation)
    } catch {
      progress.clear()
      try? opened.close()
      throw error
    }
    try opened.close()
  }

  private static func format(
    of file: String, _ format: TableFormat?
  ) throws(Diagnostic) -> TableFormat {
    if let format { return format }
    if let format = TableFormat(path: file) { return format }
    if file == "-" { return .csv }
    let isArray = file.lowercased().hasSuffix(".json")
    throw Diagnostic(
      "the name \(file.jsonQuoted) does not say which format is meant",
      try: isArray
        ? ["jq -c '.[]' \(ShellText.quoted(file)) | cairn import - --format jsonl …"]
        : TableFormat.allCases.map { "--format \($0.rawValue)" },
      status: .usage)
  }

  private func tableRequest(
    _ request: StudyRequest, _ definition: StudyDefinition
  ) throws -> TableRequest {
    func names(_ list: String?) -> [String]? {
      list?.split(separator: ",").map { String($0.trimmed) }
    }
    var table = TableRequest()
    table.values = names(value) ?? []
    table.parameters = names(params)
    table.ignored = names(ignore) ?? []
    table.objectives = request.objectives
    table.space = definition.space
    return table
  }

  /// Records all of it.
  ///
  /// - Returns: how many trials were running where the table was written.
  private func record(
    _ table: TrialTable, _ reports: TableFile?, _ definition: StudyDefinition,
    in opened: WritableStore, progress: (_ count: Int, _ share: Double) throws -> Void
  ) async throws -> Int {
    let now = Timestamp(rawValue: Int64((Date().timeIntervalSince1970 * 1e6).rounded()))
    var study = try opened.database.importStudy(study, definition)
    let running: Int
    do {
      var trials = try table.trials(now: now)
      var metrics = try reports.map { try MetricTable($0) }
      var report = try metrics?.next()
      var count = 0
      while let trial = try trials.next() {
        try study.append(trial)
        while let (number, value) = report, number <= trial.number {
          if number < trial.number { break }
          try study.append(value)
          report = try metrics?.next()
          count += 1
          if count % 1024 == 0 { try progress(count, reports?.progress ?? 0) }
        }
        if let (number, _) = report, number < trial.number, let metrics {
          throw metrics.unknownTrial(number)
        }
        count += 1
        if count % 1024 == 0 { try progress(count, (reports ?? table.file).progress) }
      }
      if let (number, _) = report, let metrics { throw metrics.unknownTrial(number) }
      running = trials.runningCount
    } catch {
      // What went wrong first is what is told; should this fail, the draft goes with its importer.
      try? study.discard()
      throw error
    }
    _ = try await study.publish()
    return running
  }

  // MARK: What is told

  private func describe(_ table: TrialTable, _ definition: StudyDefinition) {
    StandardError.writeLine(
      "\(study): \(Measures.count(table.count, "trial")), \(Self.summary(definition))")
    for parameter in table.space.parameters {
      StandardError.writeLine("  \(parameter.name)  \(parameter.distribution.notation)")
    }
    for note in table.notes { StandardError.writeLine("note: \(note)") }
  }

  private static func summary(_ definition: StudyDefinition) -> String {
    let objectives = definition.objectives.map { "\($0.direction.rawValue) \($0.notation)" }
    return objectives.joined(separator: ", ") + ", "
      + Measures.count(definition.space.parameters.count, "parameter")
  }

  private func report(
    _ table: TrialTable, _ definition: StudyDefinition, running: Int, store: String
  ) {
    if quiet { return }
    StandardError.writeLine(
      "imported \(study): \(Measures.count(table.count, "trial")), \(Self.summary(definition)), "
        + "store \(store)")
    for parameter in table.space.parameters where options.isInferred(parameter.name) {
      StandardError.writeLine("  \(parameter.name)  \(parameter.distribution.notation)")
    }
    for note in table.notes { StandardError.writeLine("note: \(note)") }
    if running > 0 {
      StandardError.writeLine(
        "note: \(Measures.count(running, "trial")) \(running == 1 ? "was" : "were") running: "
          + "to be run again")
    }
  }
}

extension StudyOptions {
  /// Whether the domain of `name` was not on the command line.
  fileprivate func isInferred(_ name: String) -> Bool {
    !parameters.contains { $0.hasPrefix(name + "=") } && space == nil
  }
}

extension TableFormat: ExpressibleByArgument {}
