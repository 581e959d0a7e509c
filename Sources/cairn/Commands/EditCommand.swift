import CommandTemplates
import PlainText
import ArgumentParser
import Samplers
import SpaceNotation
import StudyEngine
import StudyModel

struct EditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change a study on purpose.",
    discussion: """
      The space may become wider or narrower, parameters may come and go; trials that were made \
      stay as they are. --space replaces the whole space, -p single parameters. Objectives can \
      change as long as no trial has a result.
      """)

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions
  @OptionGroup(title: "What to change") var options: StudyOptions

  @Option(
    help: ArgumentHelp("Search this parameter no longer; may be repeated.", valueName: "parameter"))
  var without: [String] = []

  func run() async throws {
    let request = try options.request()
    if !request.first.isEmpty {
      throw Diagnostic(
        "--first is for studies that are yet to be made",
        try: ["cairn enqueue \(ShellText.quoted(study)) \(request.first[0])"], status: .usage)
    }
    let store = try WritableStore(try location.locate(for: .reading))
    while true {
      do {
        try await edit(request, store)
        return try store.close()
      } catch EngineError.editedMeanwhile {
        continue  // by another terminal just now: both changes hold
      }
    }
  }
}

extension EditCommand {
  private func edit(_ request: StudyRequest, _ store: WritableStore) async throws {
    let state = try store.database.study(named: study)
    let old = state.study.definition
    let new = try request.edited(
      old, without: without, accomplished: state.accomplishedCount,
      hasResults: state.hasResults)
    try EditedStudy(state, new).check()
    let changes = EditedStudy.changes(from: old, to: new)
    if new == old {
      StandardError.writeLine("\(study) is so already: nothing to change")
    } else {
      _ = try RunPlan.preview(
        new, study, given: state, among: try store.database.snapshot())
      try await store.database.editStudy(state.study, new)
      StandardError.writeLine("changed \(study):")
      changes.forEach { StandardError.writeLine("  \($0)") }
      try warnOfCommand(new, store)
    }
  }

  /// Warns when the command that was last run no longer fits the space.
  private func warnOfCommand(_ definition: StudyDefinition, _ store: WritableStore) throws {
    guard let run = definition.run else { return }
    do {
      _ = try CommandTemplate(
        run, for: definition.space,
        workingDirectory: RunPlan.absolute(run.workingDirectory, storeParent: store.parent))
    } catch let error as TemplateError {
      var diagnostic = Diagnostic(error.explanation)
      diagnostic.fact = "the command that was last run does not fit any more: \(diagnostic.fact)"
      diagnostic.evidence.append(ShellText.line(run.command))
      diagnostic.print(as: .warning)
    }
  }
}

/// A study with another definition than its trials were made with.
struct EditedStudy {
  private let state: StudyRecord
  private let definition: StudyDefinition

  init(_ state: StudyRecord, _ definition: StudyDefinition) {
    self.state = state
    self.definition = definition
  }

  /// - Throws: ``Diagnostic`` when a parameter becomes one of another kind than trials have it.
  func check() throws(Diagnostic) {
    for parameter in definition.space.parameters {
      guard
        let other = state.distributions(ofParameter: parameter.name).first(where: {
          !$0.canBecome(parameter.distribution)
        })
      else { continue }
      throw Diagnostic(
        "\(parameter.name) cannot become \(parameter.distribution.notation): "
          + "its trials so far have it from \(other.notation)",
        evidence: [
          "a parameter keeps its kind, its scale and its choices; its bounds may move, and choices "
            + "may be added"
        ],
        try: [
          "-p with another name, and --without \(ShellText.quoted(parameter.name))",
          "cairn create with another name",
        ], status: .usage)
    }
  }

  /// What differs, a line each.
  static func changes(from old: StudyDefinition, to new: StudyDefinition) -> [String] {
    var lines = SpaceDifference(from: old.space, to: new.space).lines
    func compare(_ what: String, _ old: String, _ new: String) {
      if old != new { lines.append("\(what): \(old) -> \(new)") }
    }
    compare(
      "objectives", StudyRequest.notation(old.objectives),
      StudyRequest.notation(new.objectives))
    compare(
      "bounds", old.bounds.map(\.notation).joined(separator: ", "),
      new.bounds.map(\.notation).joined(separator: ", "))
    compare("sampler", old.sampler.notation, new.sampler.notation)
    compare("pruner", old.pruner.notation, new.pruner.notation)
    compare(
      "trials", old.targetTrials.map(String.init) ?? "no limit",
      new.targetTrials.map(String.init) ?? "no limit")
    compare(
      "target", StudyRequest.notation(target: old.targetValue),
      StudyRequest.notation(target: new.targetValue))
    return lines
  }
}

extension Distribution {
  /// Whether trials that drew a parameter from this may stand beside those that draw it from
  /// `other`: what they have means the same there.
  fileprivate func canBecome(_ other: Distribution) -> Bool {
    if case .categorical(let old) = self, case .categorical(let new) = other {
      return old.values.allSatisfy(new.values.contains)
    }
    return isCompatible(with: other)
  }
}
