// What a suggestion and a judgement cost as the history grows, without a store or a disk.

import ArgumentParser
import Samplers
import StudyModel

struct SamplingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampling",
    abstract: "Measure suggestions and judgements by the length of the history.",
    discussion: """
      CPU time from the study as it stands to the answer, over floats; the median of some that \
      follow each other. The history is of random trials, or with --own of the sampler's own, \
      which lie closer together.
      """)

  @Option(help: "Samplers to be asked, with semicolons between them.")
  var samplers = "gp;tpe;random;qmc;grid:points=5"
  @Option(help: "Pruners to be asked, with semicolons between them.")
  var pruners = "none;median;asha;curve"
  @Option(help: "How many trials the history has.") var trials = "100,1000,10000"
  @Option(help: "How many parameters the space has.") var parameters = 10
  @Option(help: "How often each is asked.") var asks = 200
  @Flag(help: "Let each sampler make its history itself.") var own = false

  func run() throws {
    for text in samplers.split(separator: ";") {
      let choice = try ComponentChoice(parsing: String(text), as: .sampler)
      for length in lengths {
        var study = StudyUnderSampling(parameters: parameters, sampler: choice)
        try study.grow(to: length, by: own ? choice : ComponentChoice("random"))
        say("suggestion", choice, length, try study.suggestionTimes(asks))
      }
    }
    for text in pruners.split(separator: ";") {
      let choice = try ComponentChoice(parsing: String(text), as: .pruner)
      for length in lengths {
        var study = StudyUnderSampling(
          parameters: parameters, sampler: ComponentChoice("random"))
        try study.grow(to: length, by: ComponentChoice("random"), reportsPerTrial: 20)
        say("judgement", choice, length, try study.judgementTimes(choice, asks))
      }
    }
  }

  private var lengths: [Int] { trials.split(separator: ",").compactMap { Int($0) } }

  private func say(_ what: String, _ choice: ComponentChoice, _ length: Int, _ times: [Double]) {
    cairn_bench.say(
      "a \(what) by \(choice.notation) after \(length) trials",
      times.sorted()[times.count / 2] * 1e3, "ms")
  }
}
