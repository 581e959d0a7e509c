// From a command line to a plan.

import Presentation
import PlainText
import Foundation
import StudyEngine
import StudyModel

extension RunPlan {
  /// The plan of `cairn run`.
  ///
  /// - Parameters:
  ///   - others: the studies of the store, that of this name among them if there is one.
  ///   - command: what stood behind `--`; empty: the remembered one.
  /// - Throws: ``Diagnostic`` when the command line contradicts the study, or lacks something.
  static func run(
    _ study: String, among others: Snapshot, _ request: StudyRequest, _ options: RunOptions,
    spaceFile: String?, command: [String], storeParent: String
  ) async throws(Diagnostic) -> RunPlan {
    let existing = others.study(named: study)
    if let existing {
      if options.new {
        throw Diagnostic(
          "there is already a study \(study.jsonQuoted)", evidence: [existing.progressSummary],
          try: ["another name", "without --new, to go on with it"], status: .usage)
      }
      if let conflict = try request.conflict(with: existing, spaceFile: spaceFile) {
        throw conflict
      }
    } else if try request.space() == nil {
      throw Diagnostic(
        "the new study \(study.jsonQuoted) has no parameters to search",
        try: ["-p lr=log:1e-5..1e-1", "--space FILE"], status: .usage)
    }
    let remembered = existing?.study.definition.run
    guard let base = base(command, remembered, storeParent) else {
      throw Diagnostic(
        "there is no command to run",
        try: ["-- python3 train.py --lr {lr}, behind the options"], status: .usage)
    }
    let directory = absolute(base.workingDirectory, storeParent: storeParent)
    var configuration = try options.applied(to: base)
    configuration.code = await CodeVersion.detect(in: directory)
    var definition: StudyDefinition
    if let existing {
      definition = existing.study.definition
      definition.targetTrials = request.trialCount(
        existing: definition.targetTrials, accomplished: existing.accomplishedCount)
    } else {
      // Short enough to be typed again.
      definition = try request.newDefinition(
        seed: UInt64(UInt32.random(in: .min ... .max)), among: others)
    }
    definition.run = configuration
    // How many run at the same time is of this run and not of the study.
    if let remembered { definition.run?.jobs = remembered.jobs }
    var plan = RunPlan(
      study: study, existing: existing, definition: definition, configuration: configuration,
      workingDirectory: directory, others: others)
    if existing == nil { plan.start = try request.start(in: definition.space) }
    if let remembered {
      plan.warnings =
        changes(from: remembered, to: configuration)
        + anotherDirectory(
          absolute(remembered.workingDirectory, storeParent: storeParent), directory, study)
    }
    return plan
  }

  /// The plan of `cairn resume`: as remembered, but for how many run, and how many at the same
  /// time.
  static func resume(
    _ state: StudyRecord, _ request: StudyRequest, jobs: Int?, storeParent: String
  ) async throws(Diagnostic) -> RunPlan {
    guard let remembered = state.study.definition.run else {
      let name = state.study.name
      throw Diagnostic(
        "\(name.jsonQuoted) was never run by a command, so there is none to go on with",
        try: [ShellText.line(["cairn", "run", name, "--"]) + " COMMAND…"], status: .usage)
    }
    let directory = absolute(remembered.workingDirectory, storeParent: storeParent)
    var definition = state.study.definition
    definition.run?.code = await CodeVersion.detect(in: directory)
    definition.targetTrials = request.trialCount(
      existing: definition.targetTrials, accomplished: state.accomplishedCount)
    var configuration = definition.run ?? remembered
    configuration.jobs = jobs ?? configuration.jobs
    return RunPlan(
      study: state.study.name, existing: state, definition: definition,
      configuration: configuration, workingDirectory: directory,
      warnings: changes(from: remembered, to: configuration))
  }

  /// A new configuration for a new command; the remembered one where none was typed.
  private static func base(
    _ command: [String], _ remembered: RunConfiguration?, _ storeParent: String
  ) -> RunConfiguration? {
    if command.isEmpty { return remembered }
    return RunConfiguration(
      command: command,
      workingDirectory: RunOptions.rememberedDirectory(
        FileManager.default.currentDirectoryPath, storeParent: storeParent))
  }

  /// A remembered working directory, from the root.
  static func absolute(_ directory: String, storeParent: String) -> String {
    if directory.hasPrefix("/") { return directory }
    return directory == "." ? storeParent : "\(storeParent)/\(directory)"
  }

  /// Relative paths in the command and in the script mean other files there.
  private static func anotherDirectory(
    _ old: String, _ new: String, _ study: String
  ) -> [Diagnostic] {
    if old == new { return [] }
    return [
      Diagnostic(
        "the directory is another than before",
        evidence: ["before: \(old)", "now:    \(new)"],
        try: ["\(ShellText.line(["cairn", "resume", study])), which goes on in the one before"])
    ]
  }

  private static func changes(
    from old: RunConfiguration, to new: RunConfiguration
  ) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    if old.command != new.command {
      warnings.append(
        Diagnostic(
          "the command is another than before",
          evidence: [
            "before: \(ShellText.line(old.command))", "now:    \(ShellText.line(new.command))",
          ]
        ))
    }
    if let before = old.code, let now = new.code, before != now {
      warnings.append(
        Diagnostic(
          "the code is another than before",
          evidence: [
            "before: \(before)", "now:    \(now)",
            "each trial's column \"code\" says which it ran with",
          ]))
    }
    return warnings
  }
}
