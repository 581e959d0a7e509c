import ArgumentParser
import Foundation
import PlainText
import Presentation
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
  @Argument(help: "One of its trials: its number, last or best.") var trial: TrialReference?

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format = Format.text

  @Flag(help: "Times in the local time zone instead of UTC.")
  var local = false

  @OptionGroup var store: ReadingStoreOptions

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    let clock: ClockZone = local ? .local : .utc
    let text: String
    if let trial {
      let row = try state.row(of: trial)
      let files = TrialFiles(
        store: opened.location.absolutePath, study: state.study.id,
        trial: state.number(ofRow: row))
      let hasFiles = FileManager.default.fileExists(atPath: files.directory)
      let description = TrialDescription(
        state: state, trial: try state.trial(row), clock: clock,
        files: files, hasDirectory: hasFiles)
      text = format == .json ? description.json.text + "\n" : try description.text()
    } else {
      let description = StudyDescription(
        state: state, clock: clock, store: opened.location.path)
      text =
        format == .json ? try description.json().text + "\n" : try description.text()
    }
    var output = StandardOutput()
    try output.write(text)
    try output.flush()
  }
}
