import ArgumentParser
import PlainText
import Presentation
import StudySQL

struct FailuresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failures", abstract: "Group a study's failed trials by why they failed.",
    discussion: """
      Each reason with how many trials failed so, the last of them, the last line that one \
      printed, and the parameters that all of them share and no complete trial has.
      """)

  @Argument(help: "The study.") var study: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let state = try ReadableStore(store).study(named: study)
    let groups = try state.failureGroups()
    let columns = ["trials", "reason", "last", "last_line", "shared"].map { ResultColumn($0) }
    try output.print(columns) { writer in
      for group in groups {
        try writer.write([
          .integer(Int64(group.trials.count)), .text(group.reason),
          .integer(Int64(group.trials.last ?? 0)), .text(group.lastLine),
          .text(group.shared.joined(separator: ", ")),
        ])
      }
    }
    if groups.isEmpty { return output.note("no trial of \(study) has failed") }
    if let last = groups.first?.trials.last {
      output.note(
        ShellText.line(["cairn", "show", study, "\(last)"]) + " for all that is known of one")
    }
  }
}
