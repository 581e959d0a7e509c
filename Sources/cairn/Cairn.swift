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
      RunCommand.self,
      ResumeCommand.self,
      CreateCommand.self,
      EditCommand.self,
      StopCommand.self,
      WatchCommand.self,
      DeleteCommand.self,
      AskCommand.self,
      ReportCommand.self,
      TellCommand.self,
      EnqueueCommand.self,
      RetryCommand.self,
      CoprocessCommand.self,
      CompletionsCommand.self,
      ManualCommand.self,
      Supervise.self,
    ])

  static func main() async {
    await Launcher.launch(Array(CommandLine.arguments.dropFirst())).exit()
  }
}
