import ArgumentParser
import SpaceNotation
import StudyEngine
import StudyModel

struct EnqueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enqueue", abstract: "Put a trial in the queue; prints its number.",
    discussion: """
      It runs before new ones are proposed. Parameters that are not given are chosen by the \
      study's sampler when it runs.
      """)

  @Argument(help: "The study.") var study: String

  @Argument(help: ArgumentHelp("NAME=VALUE for each parameter to fix.", valueName: "name=value"))
  var values: [String]

  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await WritableStore.use(store) { opened in
      let study = try opened.database.study(named: study).study
      let assignment = try Assignment(notation: values, in: study.definition.space)
      let numbers = try await opened.database.enqueue(study.id, [assignment])
      var output = StandardOutput()
      for number in numbers { try output.writeLine("\(number)") }
      try output.flush()
    }
  }
}
