// What a suggestion and a judgement cost as the history grows, one JSON line a measurement.

import ArgumentParser
import Samplers

struct SuggestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest",
    abstract: "Measure what suggestions and judgements cost by the length of the history.",
    discussion: """
      Milliseconds of CPU, from the study as it stands to the answer, over spaces of floats. The \
      history is of random trials, or with --own of the sampler's own, which lie closer together.
      """)

  @Option(help: "Samplers to be asked.") var samplers = "tpe,random,qmc,grid:points=5"
  @Option(help: "Pruners to be asked.") var pruners = "none,median,asha"
  @Option(help: "How many trials the history has.") var trials = "100,1000,10000"
  @Option(help: "How many parameters the space has.") var parameters = 10
  @Option(help: "How often each is asked.") var asks = 200
  @Flag(help: "Let each sampler make its history itself.") var own = false

  func run() throws {
    let lengths = trials.split(separator: ",").compactMap { Int($0) }
    for text in samplers.split(separator: ",") {
      let choice = try ComponentChoice(parsing: String(text), as: .sampler)
      for length in lengths {
        var study = BenchmarkStudy(parameters: parameters, sampler: choice)
        try study.grow(to: length, by: own ? choice : ComponentChoice("random"))
        report("sampler", choice, length, try study.suggestionTimes(asks))
      }
    }
    for text in pruners.split(separator: ",") {
      let choice = try ComponentChoice(parsing: String(text), as: .pruner)
      for length in lengths {
        var study = BenchmarkStudy(parameters: parameters, sampler: ComponentChoice("random"))
        try study.grow(to: length, by: ComponentChoice("random"), reportsPerTrial: 20)
        report("pruner", choice, length, try study.judgementTimes(choice, asks))
      }
    }
  }

  private func report(
    _ kind: String, _ choice: ComponentChoice, _ length: Int, _ times: [Double]
  ) {
    let sorted = times.sorted()
    let mean = times.reduce(0, +) / Double(times.count)
    print(
      """
      {"\(kind)": "\(choice.notation)", "trials": \(length), "parameters": \(parameters), \
      "median_ms": \(sorted[times.count / 2] * 1e3), "mean_ms": \(mean * 1e3), \
      "p95_ms": \(sorted[times.count * 95 / 100] * 1e3)}
      """)
  }
}
