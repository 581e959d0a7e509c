import PlainText
import ArgumentParser
import Foundation
import StudyEngine
import StudyModel
import StudyStorage

struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete a study with its trials and everything in their directories.")

  @Argument(help: "The study.") var study: String

  @Flag(name: [.short, .long], help: "Do not ask.") var yes = false

  @Flag(help: "Also while trials of it are running, and when other studies learn from it.")
  var force = false

  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await WritableStore.use(store) { opened in
      let state = try opened.database.study(named: study)
      if !force { try demandNobodyLearns(from: state, among: opened.database.snapshot()) }
      if !yes { try confirm(state) }
      do {
        try await opened.database.deleteStudy(state.study.id, evenIfRunning: force)
      } catch EngineError.heldElsewhere(let study, let number, let worker) {
        throw Diagnostic(
          "\(study.jsonQuoted) is being run", evidence: ["trial \(number) is held by \(worker)"],
          try: [
            ShellText.line(["cairn", "stop", study]),
            ShellText.line(["cairn", "delete", study, "--force"]),
          ])
      }
      try removeFiles(of: state.study.id, in: opened.store)
    }
  }

  /// What a study has learned from would be gone for its next trials.
  private func demandNobodyLearns(from state: StudyRecord, among all: Snapshot) throws {
    let learners = all.studies.map(\.study).filter { other in
      other.definition.sources.contains { $0.study == state.study.id }
    }
    if learners.isEmpty { return }
    throw Diagnostic(
      "other studies learn from \(study.jsonQuoted)", evidence: learners.map(\.name),
      try: [
        ShellText.line(["cairn", "delete", study, "--force"])
          + "   their next trials are then proposed without it"
      ])
  }

  private func confirm(_ state: StudyRecord) throws {
    let count = state.trialCount
    let trials = "\(count) trial\(count == 1 ? "" : "s")"
    guard isatty(STDIN_FILENO) == 1, Terminal.error.isTerminal else {
      throw Diagnostic(
        "\(study.jsonQuoted) has \(trials), and nobody can be asked whether they may go",
        try: [ShellText.line(["cairn", "delete", study, "--yes"])], status: .usage)
    }
    let question = "Delete \(study.jsonQuoted) with \(trials) and all their files? [y/N] "
    try FileHandle.standardError.write(contentsOf: Data(question.utf8))
    let answer = readLine()?.lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else { throw ExitStatus.failure }
  }

  /// Only what lies under the study's own identity, which no other study ever had or will have.
  private func removeFiles(of study: StudyID, in store: Store) throws {
    let directory = TrialFiles.directory(store: store.path, study: study)
    do {
      try FileManager.default.removeItem(atPath: directory)
    } catch let error as CocoaError where error.code == .fileNoSuchFile {
      return  // it never ran a trial here
    } catch {
      throw Diagnostic(
        "the study is deleted, but not all files of its trials",
        evidence: [directory, error.localizedDescription])
    }
  }
}
