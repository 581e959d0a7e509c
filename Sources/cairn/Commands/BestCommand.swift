import Presentation
import PlainText
import ArgumentParser
import CommandTemplates
import Samplers
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL

struct BestCommand: ParsableCommand {
  enum Criterion: String, CaseIterable, ExpressibleByArgument {
    case observed
    case model
  }

  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "Print the best trial; of several objectives, all that nothing beats.",
    discussion: """
      --output prints the parameters of the best trial for another program:
        args   --lr 0.001 --opt adam, as the trial's command line had it, quoted for a shell: \
      for xargs or eval
        command  the whole command line of the trial, quoted for a shell
        env    NAME=value lines, quoted for a shell: for eval or source, after set -a to \
      export them; in names, what no shell variable can have is _
        yaml   NAME: value lines
        json   one object
        value  not the parameters but the objectives' values, one a line
      --by model is the trial of the best expected value, by a Gaussian process over all trials: \
      where evaluations are noisy, the best observed value is in part a lucky one. On a terminal \
      it is told when the two differ by more than the model is unsure of.
      Ends with 1 when no trial is complete yet.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("args, command, env, yaml, json or value.", valueName: "form"))
  var output: ParameterForm?

  @Option(
    help: ArgumentHelp(
      "Of several objectives, only the trial that is best in this one.", valueName: "metric"))
  var objective: String?

  @Option(
    name: .short,
    help: ArgumentHelp("So many of the best, of one objective.", valueName: "count"),
    transform: Count.atLeast(1))
  var n = 1

  @Option(help: ArgumentHelp("observed or model.", valueName: "criterion"))
  var by = Criterion.observed

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var rows: OutputOptions

  func validate() throws {
    if output != nil && rows.format != nil {
      throw ValidationError("--format prints rows, --output parameters: not both")
    }
    if n > 1 && output != nil { throw ValidationError("--output prints one trial, -n more") }
    if n > 1 && by == .model { throw ValidationError("--by model is one trial, -n more") }
  }

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    let best = try by == .model ? [bestByModel(of: state)] : bestTrials(of: state)
    if let output {
      try print(output, of: state, best, in: opened)
    } else {
      try list(best, of: state, in: opened)
      if by == .observed && n == 1 && rows.isForPeople { try noteModelledBest(of: state) }
    }
  }

  private func modelledBest(of state: StudyRecord) throws -> ModelledBest? {
    let space = state.study.definition.space
    return try ModelledBest(
      History(state),
      in: ConstrainedSpace(space, evaluator: SQLConstraintEvaluator.evaluator(for: space)),
      remembering: state.samplerMemory)
  }

  private func bestByModel(of state: StudyRecord) throws -> BestTrial {
    if state.bestTrials.isEmpty { throw nothingComplete(state) }
    guard let best = try modelledBest(of: state) else {
      throw Diagnostic(
        "no model can be made of \(study.jsonQuoted)",
        evidence: [
          "it takes one objective and from \(ModelledBest.trialCounts.lowerBound) to "
            + "\(ModelledBest.trialCounts.upperBound) complete trials that keep the bounds"
        ], try: ["--by observed"])
    }
    let trial = try state.trial(best.row)
    return BestTrial(row: best.row, number: trial.number, values: trial.values)
  }

  /// Says so where a model of all trials prefers another than the best observed.
  private func noteModelledBest(of state: StudyRecord) throws {
    let best: ModelledBest?
    do {
      best = try modelledBest(of: state)
    } catch SamplerError.unavailable {
      return  // Nobody asked for a model.
    }
    guard let best, best.isBeyondNoise else { return }
    func text(_ row: Int, _ expected: Forecast) throws -> String {
      "trial \(state.number(ofRow: row)): \(expected.median.text(significantDigits: 4)) expected, "
        + "with 68 % between \(expected.low.text(significantDigits: 4)) and "
        + expected.high.text(significantDigits: 4)
    }
    Diagnostic(
      "another trial may be better: this one's value seems lucky",
      evidence: [
        try text(best.row, best.expected), try text(best.observedRow, best.expectedOfObserved),
      ], try: [ShellText.line(["cairn", "best", study, "--by", "model"])]
    ).print(as: .note)
  }

  private func bestTrials(of state: StudyRecord) throws(Diagnostic) -> [BestTrial] {
    let objectives = state.study.definition.objectives
    let best = state.bestTrials
    guard !best.isEmpty else { throw nothingComplete(state) }
    guard let objective else { return best }
    guard let index = objectives.firstIndex(where: { $0.name == objective }) else {
      let names = objectives.map(\.name)
      throw Diagnostic(
        "\(study.jsonQuoted) has no objective \(objective.jsonQuoted)",
        evidence: ["it has \(names.joined(separator: ", "))"],
        try: nearestNames(to: objective, among: names).map { "--objective \($0)" },
        status: .usage)
    }
    return [
      best.dropFirst().reduce(best[0]) { first, other in
        objectives[index].direction.isBetter(other.values[index], than: first.values[index])
          ? other : first
      }
    ]
  }

  private func nothingComplete(_ state: StudyRecord) -> Diagnostic {
    let name = ShellText.quoted(study)
    if state.searchedCount(.complete) > 0 {
      return Diagnostic(
        "no complete trial of \(study.jsonQuoted) keeps the study's bounds",
        evidence: [
          "bounds: \(state.study.definition.bounds.map(\.notation).joined(separator: ", "))"
        ],
        try: ["cairn trials \(name) --where \"state = 'complete'\""])
    }
    let states: [TrialState] = [.pruned, .failed, .running, .waiting]
    let setAside = state.setAsideCounts
    let counts =
      states.map { ($0.name, state.searchedCount($0)) }
      + [("dropped", setAside.dropped), ("reruns", setAside.reruns)]
    let parts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    return Diagnostic(
      "no trial of \(study.jsonQuoted) is complete" + (setAside.dropped > 0 ? "" : " yet"),
      evidence: [parts.isEmpty ? "it has no trials" : "it has \(parts.joined(separator: ", "))"],
      try: state.trialCount > 0 ? ["cairn trials \(name)"] : [])
  }

  private func list(_ best: [BestTrial], of state: StudyRecord, in opened: ReadableStore) throws {
    let database = try opened.database(clock: rows.clock)
    var columns = try database.columnNames(of: state.study.id).filter { $0 != "state" }
    if rows.isForPeople { columns.removeAll { $0 == "started" || $0 == "ended" } }
    var listing: TrialListing
    if n > 1 {
      listing = try state.bestListing(
        n, otherwise: ShellText.line(["cairn", "best", study]) + "   for all that nothing beats")
    } else {
      let objectives = state.study.definition.objectives
      listing = TrialListing(
        filter: "number IN (\(best.map { String($0.number) }.joined(separator: ", ")))",
        sort: [
          (objectives[0].direction == .maximize ? "-" : "")
            + (objectives.count == 1 ? "value" : "value_1")
        ])
    }
    listing.columns = columns
    try rows.print(database.trials(of: state.study.id, listing))
  }

  private func print(
    _ form: ParameterForm, of state: StudyRecord, _ best: [BestTrial], in opened: ReadableStore
  ) throws {
    guard best.count == 1 else {
      let names = state.study.definition.objectives.map(\.name)
      throw Diagnostic(
        "\(best.count) trials of \(study.jsonQuoted) are best, each in its own way;"
          + " --output prints one",
        try: names.map { "--objective \(ShellText.quoted($0))" }, status: .usage)
    }
    var values = best[0].values
    if let objective,
      let index = state.study.definition.objectives.firstIndex(where: { $0.name == objective })
    {
      values = [values[index]]
    }
    var output = StandardOutput()
    let assignment = try state.trial(best[0].row).assignment
    let number = best[0].number
    let files = TrialFiles(
      store: opened.location.absolutePath, study: state.study.id, trial: number)
    let recorded: RecordedCommand?
    switch form {
    case .command: recorded = try RecordedCommand(state.study)
    // A command that fits the space no more says nothing of how the parameters are passed.
    case .args: recorded = (try? RecordedCommand(state.study)) ?? nil
    default: recorded = nil
    }
    if form == .command && recorded == nil {
      throw Diagnostic(
        "\(study.jsonQuoted) was never run by a command", try: ["--output args"], status: .usage)
    }
    let text = form.text(
      assignment, values: values,
      arguments: recorded?.parameters(of: assignment, trial: number, files: files)
        ?? CommandTemplate.arguments(for: assignment),
      command: recorded?.line(of: assignment, trial: number, files: files) ?? [])
    try output.write(text)
    try output.flush()
  }
}
