// From a trial to the process that runs it.

package import CommandTemplates
internal import Supervision
internal import Foundation
package import StudyModel
internal import StudyStorage

/// What every attempt of a run is launched by.
struct TrialCommand: Sendable {
  private let runner: StudyRunner
  private let studyName: String
  private let template: CommandTemplate

  /// - Throws: what is wrong with the command, and when a template file cannot be read.
  init(_ runner: StudyRunner, _ study: Study) throws {
    self.runner = runner
    studyName = study.name
    template = try CommandTemplate(
      runner.configuration, for: study.definition.space,
      workingDirectory: runner.workingDirectory)
  }

  /// Writes the files that the attempt expects, and says how it is started.
  func launch(
    _ trial: AskedTrial, files: TrialFiles, gpus: [String]?
  ) throws -> ObjectiveLaunch {
    let expected = template.files(
      for: trial.assignment, trial: trial.number, directory: files.directory)
    for file in expected {
      try TrialFiles.write(file.contents, to: file.path)
    }
    let configuration = runner.configuration
    var launch = ObjectiveLaunch(
      arguments: template.commandLine(
        for: trial.assignment, trial: trial.number, directory: files.directory),
      environment: environment(trial, files, gpus), workingDirectory: runner.workingDirectory,
      mark: runner.attemptMark(trial: trial.number, attempt: trial.attempt))
    launch.memoryLimit = configuration.memoryLimit
    launch.timeoutSeconds = configuration.trialTimeoutSeconds
    launch.graceSeconds = configuration.graceSeconds
    return launch
  }

  private func environment(
    _ trial: AskedTrial, _ files: TrialFiles, _ gpus: [String]?
  ) -> [String: String] {
    var environment = runner.environment
    environment["CAIRN_STUDY"] = studyName
    environment["CAIRN_TRIAL"] = String(trial.number)
    environment["CAIRN_ATTEMPT"] = String(trial.attempt)
    environment["CAIRN_PARAMS"] = trial.assignment.json
    environment["CAIRN_TRIAL_DIR"] = files.directory
    environment["CAIRN_STORE"] = runner.database.store.path
    environment["CAIRN_REPORT"] = files.reports(attempt: trial.attempt)
    // Without it Python's reports arrive at its exit, too late to prune.
    environment["PYTHONUNBUFFERED"] = environment["PYTHONUNBUFFERED"] ?? "1"
    TrialResources.assign(
      cpus: runner.configuration.cpusPerTrial, devices: gpus, to: &environment)
    return environment
  }
}

/// The command lines of a study's trials, from what it remembers of its last run.
package struct RecordedCommand {
  private let template: CommandTemplate

  /// Nil when the study was never run by a command.
  ///
  /// - Throws: ``TemplateError`` when the command fits the space no more.
  package init?(_ study: Study) throws(TemplateError) {
    guard let run = study.definition.run else { return nil }
    let name = run.template.map { URL(filePath: $0).lastPathComponent }
    template = try CommandTemplate(
      run.command, for: study.definition.space,
      carriers: .init(
        environment: run.readsEnvironment, templateFile: name == nil ? nil : "",
        templateName: name ?? ""), mustUseAll: false)
  }

  /// The whole line.
  package func line(
    of assignment: Assignment, trial: Int, files: TrialFiles
  ) -> [String] {
    template.commandLine(for: assignment, trial: trial, directory: files.directory)
  }

  /// What of it says the parameters.
  package func parameters(
    of assignment: Assignment, trial: Int, files: TrialFiles
  ) -> [String] {
    template.parameterArguments(for: assignment, trial: trial, directory: files.directory)
  }
}

extension CommandTemplate {
  /// The command of a run, checked against its study's space.
  package init(
    _ configuration: RunConfiguration, for space: SearchSpace, workingDirectory: String
  ) throws {
    var carriers = Carriers(environment: configuration.readsEnvironment)
    if let path = configuration.template {
      let url = URL(filePath: path, relativeTo: URL(filePath: workingDirectory + "/"))
      carriers.templateFile = try String(contentsOf: url, encoding: .utf8)
      carriers.templateName = url.lastPathComponent
    }
    try self.init(configuration.command, for: space, carriers: carriers)
  }
}
