// What a query costs in a process that has asked before.

import ArgumentParser
import StudyStorage
import StudySQL

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Ask a store the same several times over, and print the least time of each query.",
    discussion: "Prints a line a query: milliseconds, and how many rows it gave.")

  @Option(help: "The store.") var store: String
  @Option(help: "How often each is asked.") var rounds = 5
  @Argument(help: "Queries.") var queries: [String]

  func run() throws {
    let opened = try Store.open(at: store, for: .reading)
    let database = try HistoryDatabase(try opened.snapshot())
    for sql in queries {
      var least = Duration.seconds(1_000_000)
      var count = 0
      for _ in 0..<max(1, rounds) {
        count = 0
        let start = ContinuousClock.now
        var rows = try database.query(sql)
        while try rows.next() != nil { count += 1 }
        least = min(least, ContinuousClock.now - start)
      }
      let (seconds, attoseconds) = least.components
      print("\(Double(seconds) * 1e3 + Double(attoseconds) / 1e15)\t\(count)")
    }
  }
}
