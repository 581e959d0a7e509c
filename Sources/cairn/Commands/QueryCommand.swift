import ArgumentParser
import Foundation
import StudySQL

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Answer an SQL query about the store.",
    discussion: """
      cairn query "SELECT opt, min(value) FROM digits WHERE state = 'complete' GROUP BY opt"

      Any SELECT in SQLite's language. Each study is a table of its own name, a row a trial; the \
      tables `studies`, `trials`, `params`, `metrics`, `series`, `steps`, `choices` and `attrs` \
      are about all studies. `steps` and `choices` answer what would take a GROUP BY over all \
      reports or trials. `-` reads the query from standard input. Ctrl-C ends it.
      """)

  @Argument(help: ArgumentHelp("One SELECT, in quotes.", valueName: "sql"))
  var sql: String

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let opened = try ReadableStore(store)
    let text = sql == "-" ? try Self.standardInput() : sql
    QueryInterruption.install()
    let database = try opened.database(clock: output.clock)
    try output.print(database.query(text))
  }

  private static func standardInput() throws(Diagnostic) -> String {
    do {
      let data = try FileHandle.standardInput.readToEnd() ?? Data()
      guard let text = String(validating: data, as: UTF8.self) else {
        throw Diagnostic("the query is not UTF-8 text", status: .usage)
      }
      return text
    } catch let error as Diagnostic {
      throw error
    } catch {
      throw Diagnostic("standard input cannot be read: \(error.localizedDescription)")
    }
  }
}
