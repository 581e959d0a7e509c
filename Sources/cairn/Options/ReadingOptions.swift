import ArgumentParser

/// How metrics are found in what an objective says: shared by `run`, which does it, and `parse`,
/// which shows it.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Find a metric in what the objective prints: loss='loss[=:] *(\\S+)'; may be repeated.",
      valueName: "name=regex"))
  var metric: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the objective calls its steps.",
      discussion: """
        Known without it, in JSON, CSV and print: step, global_step, epoch, iteration, iter, \
        _step and others alike; the earlier counts where there are several.
        """,
      valueName: "name"))
  var step: String?

  @Flag(
    help: ArgumentHelp(
      "Take values only from JSON lines, --metric and --metrics-from.",
      discussion: """
        Else, where an objective is named, what trainers print for people is understood too: \
        NAME: 0.5, NAME=0.5, dictionaries, tables, progress bars.
        """))
  var noGuess = false
}
