import PlainText
import ArgumentParser
import SpaceNotation
import StudyEngine
import StudyModel
import StudyStorage

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a study as it was last run.",
    discussion: "In a second terminal it adds workers to a study that is running.")

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many trials run at the same time here.", valueName: "count"),
    transform: Count.atLeast(1))
  var jobs: Int?

  @Option(
    help: ArgumentHelp("So many trials more than it has or shall have.", valueName: "count"),
    transform: Count.atLeast(1))
  var more: Int?

  @Option(
    help: ArgumentHelp(
      "Time for the whole run; then running trials are interrupted.", valueName: "duration"),
    transform: Quantity.seconds)
  var timeout: Double?

  @Option(
    help: ArgumentHelp(
      "What a result survives: default, relaxed or strict.", valueName: "mode"))
  var durability = Durability.standard

  @Flag(name: [.short, .long], help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    let store = try WritableStore(try location.locate(for: .reading), durability: durability)
    let request = StudyRequest(more: more)
    while true {
      let state = try store.database.study(named: study)
      let plan = try await RunPlan.resume(state, request, jobs: jobs, storeParent: store.parent)
      try await plan.check()
      let id: StudyID
      do {
        id = try await plan.record(in: store)
      } catch EngineError.editedMeanwhile {
        continue  // changed by another terminal just now
      }
      return try await RunSession(plan, id, in: store, timeout: timeout, quiet: quiet).run()
    }
  }
}
