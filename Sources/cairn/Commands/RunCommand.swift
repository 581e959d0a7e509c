import ArgumentParser
import Foundation
import StudyEngine
import StudyModel
import StudyStorage

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Create a study or go on with it, and run its trials.",
    discussion: """
      The command behind -- is started once for each trial, with {name} replaced by the value of \
      the parameter. Running the same line again does what is left and no more.

      {--name} is an option with its value, or nothing while the parameter does not exist or is \
      null; of a bool it is the bare flag, or nothing. {one|other} is the first of several that \
      exists, {name:-text} the text where none does, {name:+text} the text where it does; \
      {--lr=one|other} is an option of another name. {args} are all parameters as options, with \
      = where a value begins with "-"; {args:flags} the same with bools as bare flags, {args:eq} \
      as --name=value, {args:hydra} as name=value in Hydra's grammar. {trial} is the trial's \
      number, {dir} its directory, {params.json} a file of its parameters. Without any \
      placeholder {args} is appended. {{ is a brace, and ${name} is left to the shell.
      """)

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions
  @OptionGroup(title: "What to search") var options: StudyOptions
  @OptionGroup(title: "How to run it") var running: RunOptions

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The objective and its arguments.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if study.isEmpty { throw ValidationError("a study needs a name") }
  }

  func run() async throws {
    let location = try location.locate(for: .writing)
    let request = try options.request()
    if let count = running.dryRun { return try await dryRun(count, request, location) }
    var store = try location.exists ? WritableStore(location, durability: running.durability) : nil
    while true {
      let snapshot = try store?.database.snapshot() ?? Snapshot()
      let plan = try await plan(snapshot, request, location)
      try await plan.check()
      let opened =
        try store ?? WritableStore(location, creating: true, durability: running.durability)
      store = opened
      do {
        let id = try await plan.record(in: opened)
        try await RunSession(plan, id, in: opened, timeout: running.timeout, quiet: running.quiet)
          .run()
        return
      } catch EngineError.studyExists {
        continue  // made by another terminal just now
      } catch EngineError.editedMeanwhile {
        continue  // changed by another terminal just now
      }
    }
  }

  private func dryRun(
    _ count: Int, _ request: StudyRequest, _ location: StoreLocation
  ) async throws {
    let snapshot = try location.exists ? ReadableStore(location).snapshot : Snapshot()
    let plan = try await plan(snapshot, request, location)
    try await plan.check()
    try DryRun(
      plan: plan, count: count, location: location,
      studyID: plan.existing?.study.id ?? snapshot.nextStudyID
    ).print()
  }

  private func plan(
    _ snapshot: Snapshot, _ request: StudyRequest, _ location: StoreLocation
  ) async throws(Diagnostic) -> RunPlan {
    try await RunPlan.run(
      study, among: snapshot, request, running, spaceFile: options.space, command: command,
      storeParent: location.parent)
  }
}

extension RunPlan {
  /// Says what to be warned of, then makes or changes the study as planned; what is already so
  /// is not recorded again.
  func record(in store: WritableStore) async throws -> StudyID {
    warnings.forEach { $0.print(as: .warning) }
    guard let existing else {
      return try await store.database.createStudy(study, definition, starting: start)
    }
    if isEdit { try await store.database.editStudy(existing.study, definition) }
    return existing.study.id
  }
}
