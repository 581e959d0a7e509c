// What a `cairn run` or `cairn resume` comes to, decided and checked before anything is
// recorded.

import CommandTemplates
import MetricReading
import PlainText
import Supervision
import Foundation
import StudyEngine
import StudyModel
import StudySQL

struct RunPlan {
  let study: String
  /// The study as it is; nil when it is yet to be made.
  let existing: StudyRecord?
  /// As it shall be.
  let definition: StudyDefinition
  /// How it is run this time.
  let configuration: RunConfiguration
  /// Where the objective runs: an absolute path.
  let workingDirectory: String
  /// The studies of its store.
  var others = Snapshot()
  /// What a new study tries first.
  var start: [Assignment] = []
  /// What has changed since the last run, though nothing is wrong with it.
  var warnings: [Diagnostic] = []

  /// Whether the definition is another than the one recorded.
  var isEdit: Bool { existing.map { $0.study.definition != definition } ?? false }

  /// Throws what makes the plan impossible: a command that does not fit the space, a program
  /// that is not there, rules for metrics that cannot be read, too few GPUs, a sampler that
  /// cannot search the space.
  func check() async throws {
    do {
      _ = try CommandTemplate(
        configuration, for: definition.space, workingDirectory: workingDirectory)
      for pattern in configuration.metricPatterns { _ = try MetricPattern(parsing: pattern) }
      for source in configuration.metricSources {
        _ = try MetricSource(parsing: source)
        try CommandTemplate.check(path: source, for: definition.space)
      }
    } catch is CocoaError {
      throw Diagnostic(
        "the template file \((configuration.template ?? "").jsonQuoted) cannot be read",
        evidence: ["looked for in \(workingDirectory)"], status: .usage)
    }
    try checkProgram()
    if configuration.gpusPerTrial > 0 {
      let inventory = await DeviceInventory.detect(
        environment: ProcessInfo.processInfo.environment)
      _ = try DeviceAllocator(
        perTrial: configuration.gpusPerTrial, jobs: configuration.jobs, inventory: inventory)
    }
    if existing == nil || isEdit { _ = try preview(1) }
  }

  /// The next trials, as `cairn run --dry-run` shows them.
  func preview(_ count: Int) throws -> [(number: Int, assignment: Assignment)] {
    try Self.preview(
      definition, study, given: existing, among: others, starting: start, count: count)
  }

  /// The next trials of a study that is defined so, beside the trials it has.
  ///
  /// - Throws: ``Diagnostic`` of wrong usage when the definition allows none.
  static func preview(
    _ definition: StudyDefinition, _ name: String, given existing: StudyRecord? = nil,
    among others: Snapshot, starting: [Assignment] = [], count: Int = 1
  ) throws -> [(number: Int, assignment: Assignment)] {
    let now = Timestamp.now
    var state =
      existing
      ?? StudyRecord(id: StudyID(rawValue: 1), name: name, definition: definition, time: now)
    state.apply(.studyEdited(state.study.id, definition: definition, time: now))
    do {
      return try state.preview(count, starting: starting, among: others) { space in
        try SQLConstraintEvaluator.evaluator(for: space)
      }
    } catch EngineError.unusable(_, let reason) {
      var diagnostic = Diagnostic(reason)
      diagnostic.kind = .wrongUsage
      throw diagnostic
    } catch {
      var diagnostic = Diagnostic(describing: error)
      diagnostic.kind = .wrongUsage
      throw diagnostic
    }
  }

  private func checkProgram() throws(Diagnostic) {
    let program = configuration.command[0]
    // A program by placeholder is another one in each trial.
    if program.contains("{") && !program.contains(" ") { return }
    let places = ProgramPlaces(of: program, workingDirectory: workingDirectory)
    let files = places.candidates.filter(ProgramPlaces.isFile)
    if files.contains(where: FileManager.default.isExecutableFile(atPath:)) { return }
    if let file = files.first {
      throw Diagnostic(
        "\(program.jsonQuoted) is not executable", evidence: [file],
        try: ["chmod +x \(ShellText.quoted(file))", "its interpreter in front: -- sh \(program)"],
        status: .usage)
    }
    if program.contains("/"), FileManager.default.fileExists(atPath: places.candidates[0]) {
      throw Diagnostic(
        "\(program.jsonQuoted) is a directory, not a program",
        evidence: [places.candidates[0]], try: ["-- COMMAND…, the program first"], status: .usage)
    }
    let words = program.split(whereSeparator: \.isWhitespace)
    if configuration.command.count == 1, words.count > 1 {
      throw Diagnostic(
        "the whole command is in one pair of quotes, so it is taken for the name of a program",
        evidence: [program.jsonQuoted],
        try: ["-- \(program)   without the quotes", "-- sh -c \(ShellText.quoted(program))"],
        status: .usage)
    }
    let script = "\(workingDirectory)/\(program)"
    let isHere = !program.contains("/") && FileManager.default.fileExists(atPath: script)
    throw Diagnostic(
      "there is no program \(program.jsonQuoted)",
      evidence: [
        program.contains("/") ? "looked at \(places.candidates[0])" : "no directory of $PATH has it"
      ],
      try: isHere
        ? ["-- ./\(program), for the file that is here"]
        : ["the spelling, or the program's whole path: -- /PATH/TO/PROGRAM"],
      status: .usage)
  }
}

/// Where a program is looked for, as `execvp` does.
private struct ProgramPlaces {
  let candidates: [String]

  static func isFile(_ path: String) -> Bool {
    let values = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
    return values?.isDirectory == false
  }

  init(of program: String, workingDirectory: String) {
    if program.contains("/") {
      candidates = [program.hasPrefix("/") ? program : "\(workingDirectory)/\(program)"]
    } else {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
      candidates = path.split(separator: ":").map { "\($0)/\(program)" }
    }
  }
}

extension Timestamp {
  static var now: Timestamp {
    Timestamp(rawValue: Int64((Date().timeIntervalSince1970 * 1e6).rounded()))
  }
}
