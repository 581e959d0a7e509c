import PlainText
import ArgumentParser
import Foundation
import StudyModel
import StudySQL

struct TrialsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trials", abstract: "Filter, sort and print a study's trials.",
    discussion: """
      cairn trials digits --where "lr < 1e-3 and state = 'complete'" --sort -value --limit 10

      Beside the columns shown there are hidden ones, to filter by and to name in --columns: \
      METRIC_last, METRIC_min, METRIC_max, METRIC_steps, created, sampler, retry_of, feasible, \
      violation, attempts, attempt_outcome, attempt_reason, last_line, exit_status, host, worker, \
      elapsed_s, wall_s, cpu_s, peak_rss, code; note, tags, dropped and rerun_of are hidden until \
      a trial has one. A table leaves out `started` and `ended` unless they are \
      named. A study with bounds shows `feasible`. Times are in quotes: started > '2026-11-27', \
      '2026-11-27 05:00', '2026-11-27T05:00:00Z'.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp(
      "Which trials: an SQL expression over the columns, in quotes.", valueName: "expression"))
  var filter: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Columns to sort by, with commas; -COLUMN descends. Trials without a value come last.",
      valueName: "columns"))
  var sort: [String] = []

  @Option(help: ArgumentHelp("Columns to print, with commas.", valueName: "columns"))
  var columns: [String] = []

  @Option(
    help: ArgumentHelp(
      "So many of the best: complete ones that keep the bounds, and count.", valueName: "count"),
    transform: Count.atLeast(1))
  var best: Int?

  @Option(
    help: ArgumentHelp("Print so many at most.", valueName: "count"), transform: Count.atLeast(0))
  var limit: Int?

  @Option(
    help: ArgumentHelp("Leave out so many at the start.", valueName: "count"),
    transform: Count.atLeast(0))
  var offset: Int?

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if best != nil && (limit != nil || !sort.isEmpty) {
      throw ValidationError("--best says how many and in which order: not with --limit or --sort")
    }
  }

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    QueryInterruption.install()
    let database = try opened.database(clock: output.clock)
    let names = try database.columnNames(of: state.study.id, includingHidden: true)
    var listing: TrialListing
    if let best {
      listing = try state.bestListing(
        best, where: filter,
        otherwise: ShellText.line(["cairn", "best", study]) + "   for all that nothing beats")
    } else {
      listing = TrialListing(
        filter: filter, sort: Self.names(in: sort, known: names), limit: limit)
    }
    listing.offset = offset ?? 0
    if !columns.isEmpty {
      listing.columns = Self.names(in: columns, known: names)
    } else if output.isForPeople {
      // In a narrow window the last columns go.
      let shown = try database.columnNames(of: state.study.id)
        .filter { !["started", "ended", "duration_s"].contains($0) }
      listing.columns = shown + ["duration_s"]
    }
    if columns.isEmpty { noteOmissions(try database.omittedColumnNames(of: state.study.id)) }
    do {
      try output.print(database.trials(of: state.study.id, listing))
    } catch QueryError.bareColumn(let name) {
      throw Self.bareColumn(name)
    }
  }

  /// Says which columns are not there, as SQLite's tables have an end.
  private func noteOmissions(_ names: [String]) {
    guard let first = names.first else { return }
    let rest = names.count == 1 ? "" : " and \(names.count - 1) more"
    output.note(
      "not shown for want of room: \(first.neutralized)\(rest); `cairn export` writes all columns")
  }

  /// `--where lr > 1e-3` without quotes: the shell has taken the comparison for a file to write.
  static func bareColumn(_ name: String) -> Diagnostic {
    var diagnostic = Diagnostic(QueryError.bareColumn(name).explanation)
    if let file = StandardOutput.fileName {
      diagnostic.evidence.append("standard output goes to the file \(file.jsonQuoted)")
    }
    return diagnostic
  }

  /// The names in `lists`, each with commas between them, unless all of it is one name.
  static func names(in lists: [String], known: [String]) -> [String] {
    lists.flatMap { list -> [String] in
      let isName = known.contains(list) || known.contains { "-" + $0 == list }
      if isName { return [list] }
      return list.split(separator: ",", omittingEmptySubsequences: false).map {
        String($0.drop { $0 == " " })
      }
    }
  }
}

extension StudyRecord {
  /// The `count` best trials of those that `filter` chooses, best first.
  ///
  /// - Parameter suggestion: what to do where there are several objectives.
  /// - Throws: ``Diagnostic`` where there are.
  func bestListing(
    _ count: Int, where filter: String? = nil, otherwise suggestion: String
  ) throws(Diagnostic) -> TrialListing {
    guard study.definition.objectives.count == 1 else {
      throw Diagnostic(
        "the best are counted off by one objective, and \(study.name.jsonQuoted) has several",
        try: [
          suggestion,
          ShellText.line([
            "cairn", "trials", study.name, "--sort", "value_1", "--limit", "\(count)",
          ]),
        ], status: .usage)
    }
    var conditions = filter.map { ["(\($0)\n)"] } ?? []
    conditions += ["state = 'complete'", "dropped IS NULL", "rerun_of IS NULL"]
    if !study.definition.bounds.isEmpty { conditions.append("feasible") }
    let isMaximized = study.definition.objectives[0].direction == .maximize
    return TrialListing(
      filter: conditions.joined(separator: " AND "), sort: [(isMaximized ? "-" : "") + "value"],
      limit: count)
  }
}
