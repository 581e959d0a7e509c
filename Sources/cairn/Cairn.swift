import ArgumentParser

@main
struct Cairn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn", abstract: "A study database and optimizer for hyperparameter search.",
    subcommands: [Supervise.self])
}
