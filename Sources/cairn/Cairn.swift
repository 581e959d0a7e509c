import ArgumentParser
import Supervision

@main
struct Cairn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn",
    abstract: "A study database and optimizer for hyperparameter search.",
    discussion: """
      Studies live in a store, a directory: --store, else $CAIRN_STORE, else the nearest .cairn \
      upwards from the working directory, else a new one there.

      cairn help objective says what a script sees and may print, cairn help space how ranges \
      and choices are written; cairn help samplers and cairn help pruners what each is for, \
      cairn help tpe of one.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Running",
        subcommands: [
          RunCommand.self, ResumeCommand.self, StopCommand.self, WatchCommand.self,
          CreateCommand.self, EditCommand.self, DeleteCommand.self, RetryCommand.self,
          EnqueueCommand.self, RerunCommand.self, ImportCommand.self,
        ]),
      CommandGroup(
        name: "Marking",
        subcommands: [
          NoteCommand.self, TagCommand.self, DropCommand.self, RestoreCommand.self,
        ]),
      CommandGroup(
        name: "Reading",
        subcommands: [
          StudiesCommand.self, ShowCommand.self, WhyCommand.self, BestCommand.self,
          CompareCommand.self, DiffCommand.self, FailuresCommand.self,
          TrialsCommand.self, ImportanceCommand.self, QueryCommand.self, MetricsCommand.self,
          LogsCommand.self, ExportCommand.self,
        ]),
      CommandGroup(
        name: "Scripting",
        subcommands: [
          AskCommand.self, ReportCommand.self, TellCommand.self, CoprocessCommand.self,
          ParseCommand.self,
        ]),
      CommandGroup(
        name: "Looking after the store",
        subcommands: [
          StatsCommand.self, CompactCommand.self, CheckCommand.self, RepairCommand.self,
        ]),
      CommandGroup(
        name: "Other", subcommands: [CompletionsCommand.self, ManualCommand.self]),
    ])

  @MainActor
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Before anything else: a supervisor is small, and has one thread.
    if let status = SupervisorProgram.run(arguments) {
      (ExitStatus(rawValue: status) ?? .failure).exit()
    }
    await Launcher.launch(arguments).exit()
  }
}
