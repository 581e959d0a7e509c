import Presentation
import ArgumentParser
import SpaceNotation
import StudyEngine
import StudyModel

struct CreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a study without running anything.",
    discussion: "Where a study of this name is what is asked for already, that is fine.")

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions
  @OptionGroup(title: "What to search") var options: StudyOptions

  func validate() throws {
    if study.isEmpty { throw ValidationError("a study needs a name") }
  }

  func run() async throws {
    let location = try location.locate(for: .writing)
    let request = try options.request()
    let others = try location.exists ? ReadableStore(location).snapshot : Snapshot()
    if let existing = others.study(named: study) {
      if let conflict = try request.conflict(with: existing, spaceFile: options.space) {
        throw conflict
      }
      StandardError.writeLine(
        "\(study) is there as asked: \(existing.progressSummary), store \(location.explanation)")
      return
    }
    let definition = try request.newDefinition(
      seed: UInt64(UInt32.random(in: .min ... .max)), among: others)
    // Without parameters, those who ask for trials bring their own.
    let start = try request.start(in: definition.space)
    if !definition.space.parameters.isEmpty {
      _ = try RunPlan.preview(definition, study, among: others, starting: start)
    }
    let store = try WritableStore(location, creating: true)
    _ = try await store.database.createStudy(study, definition, starting: start)
    try store.close()
    StandardError.writeLine(
      "new study \(study): \(definition.summary), store \(location.explanation)")
    definition.space.notes.forEach { StandardError.writeLine("note: \($0)") }
  }
}
