import ArgumentParser
import PlainText
import Presentation
import StudyModel

struct WhyCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say why a trial was run, and how it came out.",
    discussion: """
      Who proposed it and what was expected of it, what was borrowed from other studies, the \
      trials most like it, and what then happened.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "One of its trials: its number, last or best.") var trial: TrialReference

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format = Format.text

  @OptionGroup var store: ReadingStoreOptions

  func run() throws {
    let state = try ReadableStore(store).study(named: study)
    let record = try state.trial(state.row(of: trial))
    let reasons = try TrialReasons(state: state, trial: record)
    var output = StandardOutput()
    try output.write(format == .json ? reasons.json.text + "\n" : reasons.text())
    try output.flush()
  }
}
