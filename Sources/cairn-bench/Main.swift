// What tools/bench measures of Cairn's libraries, each command printing JSON lines.

import ArgumentParser

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn-bench", abstract: "Measure what Cairn's libraries cost.",
    subcommands: [RecordCommand.self, SuggestCommand.self], defaultSubcommand: RecordCommand.self)
}
