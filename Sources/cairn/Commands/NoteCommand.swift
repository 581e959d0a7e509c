import ArgumentParser
import PlainText
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

struct NoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Write a note on a trial, or read one.",
    discussion: """
      cairn note digits 17 "the loss jumped at step 40"

      Also on a trial that has finished; in place of the note it had. Without a text it prints \
      the note, and without a trial those of all trials. The column `note` of `cairn trials` has \
      it, and so have `show`, SQL and exports.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: ArgumentHelp("The trial: its number, last or best.", valueName: "trial"))
  var trial: TrialReference?
  @Argument(help: "What to write; several words need no quotes.") var text: [String] = []

  @Flag(help: "Take the note away.") var clear = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if clear && (trial == nil || !text.isEmpty) {
      throw ValidationError("--clear takes a trial, and no text")
    }
  }

  func run() async throws {
    guard let trial, clear || !text.isEmpty else { return try read() }
    // A note of nothing is none.
    let text = text.joined(separator: " ")
    let note = text.isEmpty ? nil : text
    try await WritableStore.use(store) { opened in
      let state = try opened.database.study(named: study)
      let number = state.number(ofRow: try state.row(of: trial))
      try await opened.database.mark(state.study.id, [.init(number, .note(note))])
    }
  }

  private func read() throws {
    let state = try ReadableStore(store).study(named: study)
    if let trial {
      guard let note = state.marks(ofRow: try state.row(of: trial)).note else { return }
      var standardOutput = StandardOutput()
      try standardOutput.writeLine(note)
      return try standardOutput.flush()
    }
    try output.print([ResultColumn("number"), ResultColumn("note")]) { writer in
      for (row, marks) in state.markedRows {
        guard let note = marks.note else { continue }
        try writer.write([.integer(Int64(state.number(ofRow: row))), .text(note)])
      }
    }
  }
}
