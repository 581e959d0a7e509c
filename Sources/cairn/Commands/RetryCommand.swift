import ArgumentParser
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Enqueue finished trials again with the same parameters; prints the new numbers.",
    discussion: """
      The trials themselves never change: the new ones say in `retry_of` which they repeat. \
      Trials that wait or run are passed over, and so are reruns, of which `cairn rerun` runs \
      those that are missing.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Which trials, as an SQL expression over the columns of `cairn trials`.",
      discussion: "Default: those that failed and were not retried yet.", valueName: "expression"))
  var filter: String?

  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await WritableStore.use(store) { opened in
      let snapshot = try opened.store.snapshot()
      let state = try opened.database.study(named: study)
      let numbers = try Self.numbers(matching: filter, of: state, in: snapshot)
      if numbers.isEmpty {
        Diagnostic("nothing to retry: no finished trial of \(study) matches").print(as: .warning)
        return
      }
      var output = StandardOutput()
      for number in try await opened.database.retry(state.study.id, trials: numbers) {
        try output.writeLine("\(number)")
      }
      try output.flush()
    }
  }

  /// The numbers of finished trials that `filter` chooses, ascending.
  static func numbers(
    matching filter: String?, of state: StudyRecord, in snapshot: Snapshot
  ) throws -> [Int] {
    let database = try HistoryDatabase(snapshot)
    let listing = TrialListing(filter: filter ?? "state = 'failed'", columns: ["number"])
    var rows = try database.trials(of: state.study.id, listing)
    var retried = Set<Int>()
    for rows in state.blocksOfRows() {
      let trials = try state.load(ColumnSet(.origins), rows: rows)
      retried.formUnion(rows.compactMap { trials.retryOf[$0] })
    }
    return try rows.all().compactMap { row in
      guard case .integer(let number)? = row.first,
        let place = state.row(ofNumber: Int(number)), state.openTrial(place) == nil,
        state.marks(ofRow: place).rerunOf == nil, filter != nil || !retried.contains(Int(number))
      else { return nil }
      return Int(number)
    }
  }
}
