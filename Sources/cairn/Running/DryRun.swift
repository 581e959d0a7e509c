// `cairn run --dry-run`: what would be run, as it would be run.

import CommandTemplates
import PlainText
import Foundation
import Samplers
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL

struct DryRun {
  let plan: RunPlan
  let count: Int
  let location: StoreLocation
  /// The identity that the study has, or would get.
  let studyID: StudyID

  /// Prints the space and the command lines on standard output.
  func print() throws {
    var output = StandardOutput()
    for line in try lines() { try output.writeLine(line) }
    try output.flush()
  }

  func lines() throws -> [String] {
    let definition = plan.definition
    let template = try CommandTemplate(
      plan.configuration, for: definition.space, workingDirectory: plan.workingDirectory)
    let trials = try plan.preview(count)
    var lines = ["# study \(plan.study): \(summary)"]
    let width = definition.space.parameters.map(\.name.displayWidth).max() ?? 0
    for parameter in definition.space.parameters {
      lines.append(
        "#   \(parameter.name.padded(toWidth: width))  \(parameter.domainNotation)")
    }
    lines += definition.space.notes.map { "#   note: \($0)" }
    lines += definition.space.constraints.map { "#   constraint \($0)" }
    lines += definition.bounds.map { "#   bound \($0.notation)" }
    if plan.workingDirectory != FileManager.default.currentDirectoryPath {
      lines.append(ShellText.line(["cd", plan.workingDirectory]))
    }
    for trial in trials {
      let files = TrialFiles(
        store: location.absolutePath, study: studyID, trial: trial.number)
      lines.append(
        ShellText.line(
          template.commandLine(
            for: trial.assignment, trial: trial.number, directory: files.directory)))
    }
    if trials.count < count {
      lines.append("# no more: every point of the space has been tried")
    }
    return lines
  }

  private var summary: String {
    let definition = plan.definition
    let objectives = definition.objectives.map { "\($0.direction.rawValue) \($0.notation)" }
    return objectives.joined(separator: ", ")
      + ", sampler \(definition.sampler.notation), pruner \(definition.pruner.notation)"
      + ", seed \(definition.seed)"
  }
}
