// What recording costs through the library, beside its peers.

import ArgumentParser
import StudyStorage

struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Record trials in a new store through the library.")

  @Option(help: "The directory of the store, which must be new.") var store: String
  @Option(help: "How many trials.") var trials = 100
  @Option(help: "How many reports a trial.") var reports = 100
  @Option(help: "default, relaxed or strict.") var durability = "default"

  func validate() throws {
    guard Durability(rawValue: durability) != nil else {
      throw ValidationError("--durability is default, relaxed or strict, not \(durability)")
    }
  }

  func run() async throws {
    var benchmark = StoreBenchmark(trials: trials, reportsPerTrial: reports)
    benchmark.durability = Durability(rawValue: durability) ?? .standard
    let seconds = try await benchmark.run(in: store)
    print("{\"operations\": \(benchmark.operations), \"seconds\": \(seconds)}")
  }
}
