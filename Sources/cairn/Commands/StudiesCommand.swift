import ArgumentParser
import StudySQL

struct StudiesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studies", abstract: "List the studies of the store.",
    discussion: """
      A table shows the most telling columns; the other formats have all those of the table \
      `studies` of `cairn query`.
      """)

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let database = try ReadableStore(store).database(clock: output.clock)
    let columns =
      output.isForPeople
      ? """
      name, trials, complete, pruned, failed, running, waiting, best_value, \
      substr(updated, 1, 19) AS updated
      """ : "*"
    try output.print(database.query("SELECT \(columns) FROM studies"))
  }
}
