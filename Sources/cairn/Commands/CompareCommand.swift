import ArgumentParser
import PlainText
import Presentation
import StudyModel
import StudySQL

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Show studies side by side.",
    discussion: """
      How many trials each has, its best value and after how many finished trials that came, the \
      median, and the time that its trials took. --at N, repeatable, adds the best value after N \
      finished trials: the fair way to compare samplers, or machines of unequal speed.
      """)

  @Argument(help: "The studies.") var studies: [String]

  @Option(
    help: ArgumentHelp("The best after so many finished trials, too.", valueName: "count"),
    transform: Count.atLeast(1))
  var at: [Int] = []

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let opened = try ReadableStore(store)
    var states: [StudyRecord] = []
    for name in studies { states.append(try opened.study(named: name)) }
    let names =
      ["study", "objective", "complete", "pruned", "failed", "best", "finished_at_best"]
      + at.map { "best_at_\($0)" } + ["median", "trial_seconds"]
    try output.print(names.map { ResultColumn($0) }) { writer in
      for state in states {
        let progress = try state.progress(at: at)
        try writer.write(
          [
            .text(state.study.name),
            .text(
              state.study.definition.objectives.map {
                "\($0.direction.rawValue) \($0.name)"
              }.joined(separator: ", ")),
            .integer(Int64(progress.complete)), .integer(Int64(progress.pruned)),
            .integer(Int64(progress.failed)), progress.best.map { .real($0) } ?? .null,
            progress.finishedAtBest.map { .integer(Int64($0)) } ?? .null,
          ] + progress.bestAt.map { $0.map { .real($0) } ?? .null } + [
            progress.median.map { .real($0) } ?? .null, .real(progress.seconds),
          ])
      }
    }
    if Set(states.map { $0.study.definition.objectives.map(\.direction) }).count > 1 {
      output.note("their directions differ: which is better cannot be told by value")
    }
  }
}
