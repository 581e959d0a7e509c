import ArgumentParser
import PlainText
import StudyEngine
import StudyModel
import StudyStorage

struct RerunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun", abstract: "Run a trial again, to see how noisy its value is.",
    discussion: """
      cairn rerun digits best --seeds 5

      The study's command runs with the trial's parameters, in trials of their own whose column \
      `rerun_of` names the first. They are outside the search: no sampler sees them, no pruner \
      stops them, none is best or counts towards the study's number of trials. At the end it says \
      what the values come to.

      --seeds is how many there shall be: the same line again after an interruption does the rest. \
      What differs from one to the next is the objective's own affair: where it takes a seed, give \
      it one of each trial's own in the study's command, as in -- train.py --seed {trial}, or let \
      it read $CAIRN_TRIAL.
      """)

  @Argument(help: "The study.") var study: String
  @Argument(help: "The trial: its number, last or best.") var trial: TrialReference

  @Option(
    help: ArgumentHelp("How many reruns the trial shall have.", valueName: "count"),
    transform: Count.atLeast(1))
  var seeds = 5

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many run at the same time here.", valueName: "count"),
    transform: Count.atLeast(1))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Time for the whole run; then running trials are interrupted.", valueName: "duration"),
    transform: Quantity.seconds)
  var timeout: Double?

  @Flag(name: [.short, .long], help: "No progress on standard error.") var quiet = false
  @OptionGroup var store: StoreOptions

  func run() async throws {
    let opened = try WritableStore(try store.locate(for: .reading))
    while true {
      let state = try opened.database.study(named: study)
      let number = state.number(ofRow: try state.row(of: trial))
      let plan = try await RunPlan.resume(
        state, StudyRequest(), jobs: jobs, storeParent: opened.parent)
      try await plan.check()
      let id: StudyID
      do {
        id = try await plan.record(in: opened)
      } catch EngineError.editedMeanwhile {
        continue  // changed by another terminal just now
      }
      try await opened.database.requestReruns(of: number, in: id, count: seeds)
      return try await RunSession(
        plan, id, in: opened, timeout: timeout, quiet: quiet, rerunsOf: number
      ).run()
    }
  }
}
