import PlainText
import ArgumentParser
import CommandTemplates
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL

struct BestCommand: ParsableCommand {
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
      Ends with 1 when no trial is complete yet.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("args, command, env, yaml, json or value.", valueName: "form"))
  var output: ParameterForm?

  @Option(
    help: ArgumentHelp(
      "Of several objectives, only the trial that is best in this one.", valueName: "name"))
  var objective: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var rows: OutputOptions

  func validate() throws {
    if output != nil && rows.format != nil {
      throw ValidationError("--format prints rows, --output parameters: not both")
    }
  }

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    let best = try bestRows(of: state)
    if let output {
      try print(output, of: state, best, in: opened)
    } else {
      try list(best, of: state, in: opened)
    }
  }

  private func bestRows(of state: StudyState) throws(Diagnostic) -> [Int] {
    let objectives = state.study.definition.objectives
    let best = History(state).bestRows()
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
    let values = state.trials.values[index]
    var first = best[0]
    for row in best.dropFirst() {
      if let value = values[row], let other = values[first],
        objectives[index].direction.isBetter(value, than: other)
      {
        first = row
      }
    }
    return [first]
  }

  private func nothingComplete(_ state: StudyState) -> Diagnostic {
    let trials = state.trials
    let name = ShellText.quoted(study)
    if trials.count(.complete) > 0 {
      return Diagnostic(
        "no complete trial of \(study.jsonQuoted) keeps the study's bounds",
        evidence: [
          "bounds: \(state.study.definition.bounds.map(\.notation).joined(separator: ", "))"
        ],
        try: ["cairn trials \(name) --where \"state = 'complete'\""])
    }
    let states: [TrialState] = [.pruned, .failed, .running, .waiting]
    let parts = states.filter { trials.count($0) > 0 }.map { "\(trials.count($0)) \($0.name)" }
    return Diagnostic(
      "no trial of \(study.jsonQuoted) is complete yet",
      evidence: [parts.isEmpty ? "it has no trials" : "it has \(parts.joined(separator: ", "))"],
      try: trials.count > 0 ? ["cairn trials \(name)"] : [])
  }

  private func list(_ best: [Int], of state: StudyState, in opened: ReadableStore) throws {
    let database = try opened.database(clock: rows.clock)
    var columns = try database.columnNames(of: state.study.id).filter { $0 != "state" }
    if rows.isForPeople { columns.removeAll { $0 == "started" || $0 == "ended" } }
    let objective = state.study.definition.objectives[0]
    let value = state.trials.values.count == 1 ? "value" : "value_1"
    let numbers = best.map { String(state.trials.numbers[$0]) }.joined(separator: ", ")
    let listing = TrialListing(
      filter: "number IN (\(numbers))",
      sort: [(objective.direction == .maximize ? "-" : "") + value], columns: columns)
    try rows.print(database.trials(of: state.study.id, listing))
  }

  private func print(
    _ form: ParameterForm, of state: StudyState, _ best: [Int], in opened: ReadableStore
  ) throws {
    guard best.count == 1 else {
      let names = state.study.definition.objectives.map(\.name)
      throw Diagnostic(
        "\(best.count) trials of \(study.jsonQuoted) are best, each in its own way;"
          + " --output prints one",
        try: names.map { "--objective \(ShellText.quoted($0))" }, status: .usage)
    }
    var values = state.trials.objectiveValues(ofRow: best[0])
    if let objective,
      let index = state.study.definition.objectives.firstIndex(where: { $0.name == objective })
    {
      values = [values[index]]
    }
    var output = StandardOutput()
    let assignment = state.trials.assignment(ofRow: best[0])
    let number = state.trials.numbers[best[0]]
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
