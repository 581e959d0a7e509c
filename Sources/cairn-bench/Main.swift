// What is measured by tools/bench, each part a subcommand.

import ArgumentParser

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn-bench", abstract: "Measure what Cairn's parts cost.",
    subcommands: [
      RecordCommand.self, ModelCommand.self, MemoryCommand.self, ReadingCommand.self,
      SamplingCommand.self, ImportanceCommand.self, CodecsCommand.self, QueryStoreCommand.self,
      QueryCommand.self,
    ])
}
