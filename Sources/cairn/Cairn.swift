import ArgumentParser

@main
struct Cairn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn",
    abstract: "A study database and optimizer for hyperparameter search.",
    discussion: """
      Studies live in a store, a directory: --store, else $CAIRN_STORE, else the nearest .cairn \
      upwards from the working directory, else a new one there.
      """,
    version: "0.1.0",
    subcommands: [
      BestCommand.self,
      CompletionsCommand.self,
      ExportCommand.self,
      LogsCommand.self,
      ManualCommand.self,
      MetricsCommand.self,
      ParseCommand.self,
      QueryCommand.self,
      ShowCommand.self,
      StudiesCommand.self,
      Supervise.self,
      TrialsCommand.self,
    ])

  @MainActor
  static func main() async {
    await Launcher.launch(Array(CommandLine.arguments.dropFirst())).exit()
  }
}
