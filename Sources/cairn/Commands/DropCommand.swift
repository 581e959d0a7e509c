import ArgumentParser
import PlainText
import Presentation
import StudyEngine
import StudyModel
import StudyStorage

struct DropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Let a bogus trial count for nothing.",
    discussion: """
      cairn drop digits 17 --reason "the data was half downloaded"

      No sampler, pruner or analysis sees it any more, in studies that learn from this one too. It \
      is never best, nor on the Pareto front, and none of the trials that the study shall have: \
      `cairn resume` runs another in its place, perhaps at the same point. Nothing is erased: \
      `cairn trials` shows it with the reason in the column `dropped`, SQL counts it in the state \
      it has, and `cairn restore` takes it in again. Only trials that have ended are dropped.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "Trials: numbers, last or best.") var trials: [TrialReference]

  @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String

  @Flag(name: [.short, .long], help: "No word on standard error.") var quiet = false
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if reason.isEmpty { throw ValidationError("a reason needs a word") }
  }

  func run() async throws {
    try await WritableStore.use(store) { opened in
      try await opened.setAside(trials, of: study, quiet: quiet) { .dropped($0, reason: reason) }
    }
  }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Take dropped trials in again.",
    discussion: "What `cairn drop` has hidden counts as before.")

  @Argument(help: "The study.") var study: String
  @Argument(help: "Trials: their numbers.") var trials: [TrialReference]

  @Flag(name: [.short, .long], help: "No word on standard error.") var quiet = false
  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await WritableStore.use(store) { opened in
      try await opened.setAside(trials, of: study, quiet: quiet) { .dropped($0, reason: nil) }
    }
  }
}

extension WritableStore {
  /// Drops or restores `trials`, and says what became of the best.
  fileprivate func setAside(
    _ trials: [TrialReference], of study: String, quiet: Bool, mark: (TrialState) -> TrialMark
  ) async throws {
    let state = try database.study(named: study)
    let rows = try trials.map { try state.row(of: $0) }
    let entries = rows.map {
      TrialMarking.Entry(state.number(ofRow: $0), mark(.complete))
    }
    let changed = try await database.mark(state.study.id, entries)
    if quiet { return }
    if changed == 0 { return StandardError.writeLine("nothing has changed: it was so already") }
    let now = try database.state(of: state.study.id)
    var line = "\(study): \(now.progressSummary)"
    if now.bestTrials != state.bestTrials {
      line += "; best: " + (try now.bestSummary ?? "none")
    }
    StandardError.writeLine(line.neutralized)
  }
}
