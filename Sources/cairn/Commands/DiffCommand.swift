import ArgumentParser
import Presentation
import StudyModel
import StudySQL

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show in what two trials differ.",
    discussion: """
      Parameters, values, metrics as they came out, attributes, times; --all also what is the \
      same of both. Trials go by number, last or best: cairn diff digits best 17.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "A trial: its number, last or best.") var trial: TrialReference
  @Argument(help: "Another.") var other: TrialReference

  @Flag(help: "Also what is the same.") var all = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let state = try ReadableStore(store).study(named: study)
    let rows = [try state.row(of: trial), try state.row(of: other)]
    let differences = try state.differences(between: rows[0], and: rows[1])
    let columns = ["name"] + rows.map { "trial_\(state.number(ofRow: $0))" }
    try output.print(columns.map { ResultColumn($0) }) { writer in
      for difference in differences where all || difference.isDifferent {
        try writer.write([.text(difference.name)] + difference.values)
      }
    }
  }
}
