import ArgumentParser
import StudyEngine
import StudyModel
import StudySQL

struct ShowCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a study, or one of its trials, with all there is to know.")

  @Argument(help: "The study.") var study: String
  @Argument(help: "The number of one of its trials.") var trial: Int?

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format = Format.text

  @Flag(help: "Times in the local time zone instead of UTC.")
  var local = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    let clock: ClockZone = local ? .local : .utc
    let text: String
    if let trial {
      let description = TrialDescription(
        state: state, row: try state.existingRow(ofTrial: trial), clock: clock,
        files: TrialFiles(store: opened.location.absolutePath, study: state.study.id, trial: trial))
      text = format == .json ? description.json.text + "\n" : description.text
    } else {
      let description = StudyDescription(
        state: state, clock: clock, store: opened.location.path)
      text = format == .json ? description.json.text + "\n" : description.text
    }
    var output = StandardOutput()
    try output.write(text)
    try output.flush()
  }
}
