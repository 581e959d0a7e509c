import Presentation
import ArgumentParser
import StudyEngine
import StudyModel
import StudyStorage

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop a study that is running, or one of its trials, gently.",
    discussion: """
      A study's workers begin no new trials; running ones are stopped and wait to be run again. \
      A single trial that is stopped is pruned if it has reported the objective, and failed \
      otherwise.
      """)

  @Argument(help: "The study's name.")
  var study: String

  @Argument(help: "The number of a trial; without it, all of the study stops.")
  var trial: Int?

  @OptionGroup var location: StoreOptions

  func run() async throws {
    let store = try WritableStore(try location.locate(for: .reading))
    let state = try store.database.study(named: study)
    if let trial, state.row(ofNumber: trial).flatMap(state.openTrial)?.state == .waiting {
      throw Diagnostic("trial \(trial) of \(study) is waiting: there is nothing to stop")
    }
    try await store.database.requestStop(state.study.id, trial: trial)
    let workers = try store.livingWorkers(of: state, trial: trial)
    try store.close()
    StandardError.writeLine(message(workers))
  }

  private func message(_ workers: [String]) -> String {
    guard workers.isEmpty else {
      let what = trial.map { "trial \($0) of \(study)" } ?? study
      return "\(what) stops: asked \(workers.joined(separator: ", "))"
    }
    return trial.map { "no worker runs trial \($0) of \(study)" } ?? "no worker runs \(study)"
  }
}

extension WritableStore {
  /// Who runs trials of a study at this moment, by `cairn run` or over `cairn coprocess`.
  fileprivate func livingWorkers(of state: StudyRecord, trial: Int?) throws -> [String] {
    var workers: [String] = []
    for (attempt, number) in state.runningAttempts where attempt.lease == .held {
      if let trial, number != trial { continue }
      if store.hasLost(attempt) { continue }
      let worker = "\(attempt.worker) on \(attempt.host)"
      if !workers.contains(worker) { workers.append(worker) }
    }
    return workers
  }
}
