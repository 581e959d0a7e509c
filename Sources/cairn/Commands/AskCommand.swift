import PlainText
import ArgumentParser
import SpaceNotation
import StudyEngine
import StudyModel
import StudyStorage

struct AskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Take a trial to run it yourself; prints it as JSON.",
    discussion: """
      Prints {"trial":7,"attempt":1,"params":{…},"dir":…}, or {"trial":null,"done":true,…} when \
      the study has all its trials. Trials that wait come before new ones. `cairn report` and \
      `cairn tell` say what became of it; until then it counts as running.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    help: ArgumentHelp(
      "Time after which the trial waits again, unless it was told; such as 1h.",
      discussion: "Default: it is yours until it is told.", valueName: "duration"),
    transform: Quantity.seconds)
  var lease: Double?

  @Flag(help: "Also when the study has all the trials it shall have.")
  var beyond = false

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if let lease, lease <= 0 || lease > 1e9 {
      throw ValidationError("--lease is a duration such as 1h, not \(lease) seconds")
    }
  }

  func run() async throws {
    try await WritableStore.use(store) { opened in
      let database = opened.database
      let id = try database.study(named: study).study.id
      let deadline = lease.map { LeaseDeadline($0, after: opened.store.clock) }
      let outcome = try await database.ask(
        id, for: .current, lease: .detached(deadline: deadline), keepingTarget: !beyond
      ) { attempt, number in
        let warning = await database.endOrphans(of: attempt, study: id, trial: number)
        if let warning { Diagnostic(warning).print(as: .warning) }
      }
      var directory: String?
      if case .trial(let trial) = outcome {
        let files = TrialFiles(store: opened.store.path, study: id, trial: trial.number)
        try files.create(attempt: trial.attempt)
        directory = files.directory
      }
      var output = StandardOutput()
      try output.writeLine(outcome.json(directory: directory))
      try output.flush()
    }
  }
}
