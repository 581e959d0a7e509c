// All there is to know of a study, for people.

import PlainText
import Samplers
import SpaceNotation
import StudyModel
import StudySQL

struct StudyDescription {
  let state: StudyState
  let clock: ClockZone
  let store: String

  var definition: StudyDefinition { state.study.definition }

  var text: String {
    var lines = LabelledLines()
    lines.add(
      "objectives", definition.objectives.map { "\($0.direction.rawValue) \($0.notation)" })
    lines.add(
      "parameters",
      definition.space.parameters.isEmpty
        ? ["none declared"]
        : LabelledLines.aligned(definition.space.parameters.map { [$0.name, $0.domainNotation] }))
    lines.add("constraints", definition.space.constraints)
    lines.add("bounds", definition.bounds.map(\.notation))
    lines.add("sampler", definition.sampler.notation)
    lines.add("pruner", definition.pruner.notation)
    lines.add("seed", String(definition.seed))
    lines.add("trials", counts)
    lines.add("best", best)
    addRun(to: &lines)
    lines.add(
      "attributes",
      state.study.userAttributes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
    lines.add("created", clock.text(state.study.created))
    lines.add("updated", clock.text(state.study.updated))
    if state.study.edits > 0 {
      lines.add("edited", Measures.count(state.study.edits, "time"))
    }
    lines.add("store", store)
    return state.study.name.neutralized + "\n" + lines.text
  }

  /// `37 of 100 done: 30 complete, 7 pruned, 2 failed`
  private var counts: String {
    let trials = state.trials
    let done = trials.accomplishedCount
    let start = definition.targetTrials.map { "\(done) of \($0) done" } ?? "\(done) done"
    let states: [TrialState] = [.complete, .pruned, .failed, .running, .waiting]
    let parts = states.filter { trials.count($0) > 0 }.map { "\(trials.count($0)) \($0.name)" }
    return parts.isEmpty ? start : start + ": " + parts.joined(separator: ", ")
  }

  private var best: [String] {
    let rows = History(state).bestRows()
    let shown = rows.prefix(5).flatMap { row -> [String] in
      let values = zip(definition.objectives, state.trials.objectiveValues(ofRow: row)).map {
        "\($0.name) \($1.notation)"
      }
      let parameters = state.trials.assignment(ofRow: row).notation
      return ["trial \(state.trials.numbers[row]): \(values.joined(separator: ", "))"]
        + (parameters.isEmpty ? [] : ["  " + parameters])
    }
    guard rows.count > 5 else { return shown }
    return shown + ["and \(rows.count - 5) more: cairn best \(ShellText.quoted(state.study.name))"]
  }

  private func addRun(to lines: inout LabelledLines) {
    guard let run = definition.run else { return }
    lines.add("command", ShellText.line(run.command))
    lines.add("directory", run.workingDirectory)
    var limits: [String] = []
    if run.jobs > 1 { limits.append("\(run.jobs) jobs") }
    if let cpus = run.cpusPerTrial { limits.append(Measures.count(cpus, "CPU") + " a trial") }
    if run.gpusPerTrial > 0 {
      limits.append(Measures.count(run.gpusPerTrial, "GPU") + " a trial")
    }
    if let memory = run.memoryLimit { limits.append("memory \(Measures.size(bytes: memory))") }
    if let seconds = run.trialTimeoutSeconds {
      limits.append("trial timeout \(Measures.duration(seconds: seconds))")
    }
    if run.retries > 0 { limits.append("retry \(run.retries)") }
    if let failures = run.maximumFailures { limits.append("max failures \(failures)") }
    lines.add("run", limits.isEmpty ? nil : limits.joined(separator: ", "))
    lines.add("metrics", run.metricPatterns + run.metricSources)
    lines.add("template", run.template)
    lines.add("code", run.code)
  }
}
