// `cairn-bench DIRECTORY [standard|relaxed|strict]`: records trials in a new store there and
// prints one JSON line. `tools/bench` runs it beside the peers.

import StudyStorage

@main
struct Main {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let directory = arguments.first else {
      print("usage: cairn-bench DIRECTORY [default|relaxed|strict]")
      return
    }
    var benchmark = StoreBenchmark()
    if let name = arguments.dropFirst().first, let durability = Durability(rawValue: name) {
      benchmark.durability = durability
    }
    let (seconds, bytes) = try await benchmark.run(in: directory)
    let operations = Double(benchmark.operations)
    print(
      """
      {"operations": \(benchmark.operations), "seconds": \(seconds), \
      "operations_per_second": \(operations / seconds), \
      "bytes_per_operation": \(Double(bytes) / operations)}
      """)
  }
}
