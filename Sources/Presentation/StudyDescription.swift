// All there is to know of a study, for people.

package import PlainText
import Samplers
import SpaceNotation
package import StudyModel

package struct StudyDescription {
  let state: StudyRecord
  let clock: ClockZone
  let store: String

  /// - Parameters:
  ///   - clock: by which times are told.
  ///   - store: the store's path.
  package init(state: StudyRecord, clock: ClockZone, store: String) {
    self.state = state
    self.clock = clock
    self.store = store
  }

  var definition: StudyDefinition { state.study.definition }

  /// Lines with labels, each with its end.
  ///
  /// - Throws: when the best trials cannot be read.
  package func text() throws -> String {
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
    lines.add("warm start", borrowed.map(\.line))
    lines.add("pruner", definition.pruner.notation)
    lines.add("seed", String(definition.seed))
    lines.add(
      "target",
      definition.targetValue.map { value in
        let relation = definition.objectives[0].direction == .minimize ? "<=" : ">="
        return "\(definition.objectives[0].name) \(relation) \(value.text(significantDigits: 17))"
      })
    lines.add("trials", try counts())
    lines.add("best", try best)
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

  /// What the study learns from, and how far its last proposal believed that.
  var borrowed: [(line: String, source: WarmSource, weight: Double?)] {
    let loans = state.samplerMemory.flatMap { GaussianProcessMemory($0) }?.loans ?? []
    return definition.sources.enumerated().map { index, source in
      let weight = index < loans.count ? loans[index].weight : nil
      let line =
        "\(source.name), \(Measures.count(source.finishedCount, "finished trial"))"
        + (weight.map { ", believed to \(Int(($0 * 100).rounded())) %" } ?? "")
      return (line, source, weight)
    }
  }

  /// `37 of 100 done: 30 complete (4 out of bounds), 7 pruned, 2 failed`
  private func counts() throws -> String {
    let done = state.accomplishedCount
    let start = definition.targetTrials.map { "\(done) of \($0) done" } ?? "\(done) done"
    let states: [TrialState] = [.complete, .pruned, .failed, .running, .waiting]
    let broken = try state.countBreakingBounds()
    let left = state.leftCount
    let parts = states.filter { state.count($0) > 0 }.map {
      "\(state.count($0)) \($0.name)"
        + ($0 == .complete && broken > 0 ? " (\(broken) out of bounds)" : "")
        + ($0 == .waiting && left > 0 ? " (\(left) left by a dead worker)" : "")
    }
    let setAside = state.setAsideCounts
    let hidden = [(setAside.dropped, "dropped"), (setAside.reruns, "reruns")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let all = parts.joined(separator: ", ")
    return (parts.isEmpty ? start : start + ": " + all)
      + (hidden.isEmpty ? "" : "; not counted: " + hidden.joined(separator: ", "))
  }

  private var best: [String] {
    get throws {
      let best = state.bestTrials
      let shown = try best.prefix(5).flatMap { trial -> [String] in
        let values = zip(definition.objectives, trial.values).map { "\($0.name) \($1.notation)" }
        let parameters = try state.trial(trial.row).assignment.notation
        return ["trial \(trial.number): \(values.joined(separator: ", "))"]
          + (parameters.isEmpty ? [] : ["  " + parameters])
      }
      guard best.count > 5 else { return shown }
      let command = "cairn best \(ShellText.quoted(state.study.name))"
      return shown + ["and \(best.count - 5) more: \(command)"]
    }
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
