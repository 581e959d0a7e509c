import ArgumentParser
import StudyEngine
import StudyModel

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Record a trial's values at a step; prints whether to go on as JSON.",
    discussion: """
      Prints {"prune":true} when the study's pruner finds that the trial is not worth going on \
      with: `cairn tell STUDY TRIAL --state pruned` ends it then.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "The trial's number.") var trial: Int

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "NAME=VALUE for each metric; VALUE alone is the first objective's.",
      valueName: "name=value"))
  var values: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How far the trial is: an epoch, a number of samples.", valueName: "number"))
  var step: Int64

  @OptionGroup var store: StoreOptions

  func validate() throws { try MetricArgument.refuseOptions(among: values) }

  func run() async throws {
    let metrics = try values.map { text throws(Diagnostic) in try MetricArgument(text) }
    try await WritableStore.use(store) { opened in
      let state = try opened.database.study(named: study)
      let objective = state.study.definition.objectives[0].name
      let prune = try opened.database.report(
        state.study.id, trial: trial, claim: nil, step: step,
        metrics.map { MetricReport.Entry($0.name ?? objective, $0.value) })
      try await opened.database.flush()
      var output = StandardOutput()
      try output.writeLine(prune ? "{\"prune\":true}" : "{\"prune\":false}")
      try output.flush()
    }
  }
}
