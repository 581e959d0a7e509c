import PlainText
import ArgumentParser
import Foundation
import StudyEngine
import StudyModel
import StudyStorage

struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print what a trial's objective printed.",
    discussion: """
      Both its standard output and standard error, of its last attempt. Without a trial, of the \
      one that began last.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "The trial: its number, last or best.") var trial = TrialReference.last

  @Flag(name: [.short, .long], help: "Go on as it prints, until the attempt ends.")
  var follow = false

  @Option(
    help: ArgumentHelp("Of this attempt; the first is 1.", valueName: "number"),
    transform: Count.atLeast(1))
  var attempt: Int?

  @OptionGroup var store: StoreOptions

  func run() async throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    let row = try state.row(of: trial)
    let number = state.number(ofRow: row)
    let chosen = try chosenAttempt(try state.trial(row))
    let files = TrialFiles(
      store: opened.location.path, study: state.study.id, trial: number)
    let path = files.log(attempt: chosen.index)
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw missingLog(path, chosen, ofTrial: number)
    }
    try copy(handle)
    guard follow else { return }
    while true {
      // First whether it has ended, then the rest of what it printed: in this order nothing
      // that it printed at the end is missed.
      let hasEnded = try hasEnded(
        chosen, ofTrial: number, of: state.study.id, in: opened.store)
      try copy(handle)
      if hasEnded { return }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private func chosenAttempt(_ trial: TrialRecord) throws -> Attempt {
    let attempts = trial.attempts
    guard let last = attempts.last else {
      throw Diagnostic("trial \(trial.number) of \(study.jsonQuoted) has not run yet")
    }
    guard let attempt else { return last }
    guard let chosen = attempts.first(where: { $0.index == attempt }) else {
      throw Diagnostic(
        "trial \(trial.number) of \(study.jsonQuoted) has no attempt \(attempt)",
        evidence: ["it has had \(Measures.count(attempts.count, "attempt"))"])
    }
    return chosen
  }

  private func missingLog(
    _ path: String, _ attempt: Attempt, ofTrial trial: Int
  ) -> Diagnostic {
    if FileManager.default.fileExists(atPath: path) {
      return Diagnostic("\(path) cannot be read")
    }
    return Diagnostic(
      "nothing that trial \(trial) of \(study.jsonQuoted) printed was kept",
      evidence: [
        "\(path) is not there", "attempt \(attempt.index) was run by \(attempt.worker)",
        "Cairn keeps what it runs itself, not what ask or coprocess hand out",
      ])
  }

  /// Prints what the file holds beyond what was printed already.
  private func copy(_ handle: FileHandle) throws {
    var output = StandardOutput()
    while true {
      let piece: Data?
      do {
        piece = try handle.read(upToCount: 1 << 16)
      } catch {
        throw Diagnostic("the log cannot be read: \(error.localizedDescription)")
      }
      guard let piece, !piece.isEmpty else { break }
      try output.write(piece)
    }
    try output.flush()
  }

  /// Whether the attempt is over, by the record or because its worker is gone.
  private func hasEnded(
    _ attempt: Attempt, ofTrial trial: Int, of study: StudyID, in store: Store
  ) throws -> Bool {
    guard let state = try store.snapshot()[study], let row = state.row(ofNumber: trial),
      let now = try state.trial(row).attempts.first(where: { $0.index == attempt.index })
    else { return true }
    return now.end != nil || store.hasLost(now)
  }
}
