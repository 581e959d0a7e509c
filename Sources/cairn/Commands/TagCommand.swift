import ArgumentParser
import PlainText
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

struct TagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Tag a trial, or read its tags.",
    discussion: """
      cairn tag digits 17 candidate slow
      cairn trials digits --where "tags LIKE '%candidate%'"

      Also a trial that has finished. Without tags it prints those the trial has, and without a \
      trial those of all trials. The column `tags` has them with commas between.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: ArgumentHelp("The trial: its number, last or best.", valueName: "trial"))
  var trial: TrialReference?
  @Argument(help: "Tags to give it: texts without commas.") var tags: [String] = []

  @Flag(help: "Take these tags away; without any, all it has.") var remove = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if remove && trial == nil { throw ValidationError("--remove takes a trial") }
    for tag in tags where tag.isEmpty || tag.contains(where: { $0 == "," || $0.isNewline }) {
      throw ValidationError("\(tag.jsonQuoted) is no tag: it is empty, or has a comma in it")
    }
  }

  func run() async throws {
    guard let trial, remove || !tags.isEmpty else { return try read() }
    try await WritableStore.use(store) { opened in
      let state = try opened.database.study(named: study)
      let row = try state.row(of: trial)
      let number = state.number(ofRow: row)
      let known = state.marks(ofRow: row).tags
      let meant = tags.isEmpty ? known : tags
      for tag in meant where remove && !known.contains(tag) {
        Diagnostic(
          "trial \(number) of \(study) has no tag \(tag.jsonQuoted)",
          evidence: known.isEmpty ? ["it has none"] : ["it has \(known.joined(separator: ", "))"]
        ).print(as: .warning)
      }
      try await opened.database.mark(
        state.study.id, meant.map { .init(number, remove ? .untag($0) : .tag($0)) })
    }
  }

  private func read() throws {
    let state = try ReadableStore(store).study(named: study)
    if let trial {
      var standardOutput = StandardOutput()
      for tag in state.marks(ofRow: try state.row(of: trial)).tags {
        try standardOutput.writeLine(tag)
      }
      return try standardOutput.flush()
    }
    try output.print([ResultColumn("number"), ResultColumn("tags")]) { writer in
      for (row, marks) in state.markedRows where !marks.tags.isEmpty {
        try writer.write([
          .integer(Int64(state.number(ofRow: row))), .text(marks.tags.joined(separator: ",")),
        ])
      }
    }
  }
}
