// A command with placeholders, and the command lines it becomes.

import PlainText
package import StudyModel

/// A command whose placeholders are known to fit a search space.
package struct CommandTemplate: Hashable, Sendable {
  /// What else may carry parameters to the objective, so that the command need not.
  package struct Carriers: Hashable, Sendable {
    /// The objective reads `CAIRN_PARAMS` or `CAIRN_TRIAL_DIR`: no parameter must be used, and
    /// `{args}` is not appended.
    package var environment: Bool
    /// The text of a file to be rendered for each trial.
    package var templateFile: String?
    /// Its name in the trial's directory.
    package var templateName: String

    package init(
      environment: Bool = false, templateFile: String? = nil, templateName: String = "template"
    ) {
      self.environment = environment
      self.templateFile = templateFile
      self.templateName = templateName
    }
  }

  private let arguments: [TemplateText]
  private let templateFile: TemplateText?
  private let templateName: String

  /// Whether `{args}` was appended, since the command had no placeholder at all.
  package let hasAppendedArguments: Bool

  /// - Throws: ``TemplateError``.
  package init(
    _ command: [String], for space: SearchSpace, carriers: Carriers = Carriers()
  ) throws(TemplateError) {
    guard let program = command.first, !program.isEmpty else { throw .emptyCommand }
    let names = space.parameters.map(\.name)
    var arguments: [TemplateText] = []
    for argument in command { arguments.append(try TemplateText(argument, names: names)) }
    let isPlain = arguments.allSatisfy(\.placeholders.isEmpty)
    let mustCarry = !carriers.environment && carriers.templateFile == nil
    hasAppendedArguments = isPlain && mustCarry && !names.isEmpty
    if hasAppendedArguments { arguments.append(try TemplateText("{args}", names: [])) }
    self.arguments = arguments
    templateName = carriers.templateName
    if let file = carriers.templateFile {
      templateFile = try TemplateText(file, names: names)
    } else {
      templateFile = nil
    }
    try check(space, mustUseAll: !carriers.environment)
  }

  private func check(_ space: SearchSpace, mustUseAll: Bool) throws(TemplateError) {
    let inCommand = arguments.flatMap(\.placeholders)
    if templateFile == nil, inCommand.contains(.template) { throw .noTemplate }
    for parameter in space.parameters
    where !parameter.conditions.isEmpty && inCommand.contains(.parameter(parameter.name)) {
      throw .conditional(
        name: parameter.name,
        condition: parameter.conditions.map(Self.describe).joined(separator: " and "))
    }
    let all = inCommand + (templateFile?.placeholders ?? [])
    let carriesAll = all.contains {
      switch $0 {
      case .arguments, .parameterFile: true
      default: false
      }
    }
    guard mustUseAll, !carriesAll else { return }
    let unused = space.parameters.map(\.name).filter {
      !all.contains(.parameter($0)) && !all.contains(.option($0))
    }
    if !unused.isEmpty { throw .unused(unused) }
  }

  private static func describe(_ condition: ParameterCondition) -> String {
    let values = condition.values.map(\.description).joined(separator: " or ")
    return "\(condition.parent) is \(values)"
  }

  /// The command line of a trial whose directory is `directory` (an absolute path).
  package func commandLine(
    for assignment: Assignment, trial: Int, directory: String
  ) -> [String] {
    let rendering = Rendering(
      assignment: assignment, trial: trial, directory: directory, templateName: templateName)
    return arguments.flatMap { rendering.arguments(of: $0) }
  }

  /// A file that the objective of a trial expects in its directory.
  package struct TrialFile: Hashable, Sendable {
    package let path: String
    package let contents: String
  }

  /// What must be in the trial's directory before the command runs: `params.json`, and the
  /// rendered template file if there is one.
  package func files(
    for assignment: Assignment, trial: Int, directory: String
  ) -> [TrialFile] {
    let rendering = Rendering(
      assignment: assignment, trial: trial, directory: directory, templateName: templateName)
    var files = [
      TrialFile(path: rendering.parameterFilePath, contents: assignment.json + "\n")
    ]
    if let templateFile {
      files.append(
        TrialFile(path: rendering.templatePath, contents: rendering.contents(of: templateFile)))
    }
    return files
  }
}

/// One trial's values for placeholders.
private struct Rendering {
  let assignment: Assignment
  let trial: Int
  let directory: String
  let templateName: String

  var parameterFilePath: String { directory + "/params.json" }
  var templatePath: String { directory + "/" + templateName }

  /// The arguments that one argument of the template becomes: itself, but for `{args}` and
  /// `{--name}` alone in theirs, which become as many as they are.
  func arguments(of argument: TemplateText) -> [String] {
    if argument.pieces.count == 1, let placeholder = argument.placeholders.first,
      let list = list(placeholder)
    {
      return list
    }
    return [text(of: argument, inactive: "")]
  }

  /// A template file's text. A parameter that this trial lacks is `null`, as YAML, JSON and
  /// people have it.
  func contents(of file: TemplateText) -> String { text(of: file, inactive: "null") }

  private func text(of template: TemplateText, inactive: String) -> String {
    template.pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .placeholder(let placeholder):
        // Inside other text, a list is for a shell to read.
        list(placeholder).map(ShellText.line)
          ?? value(placeholder, inactive: inactive)
      }
    }.joined()
  }

  private func value(_ placeholder: Placeholder, inactive: String) -> String {
    switch placeholder {
    case .parameter(let name): assignment[name]?.description ?? inactive
    case .trial: String(trial)
    case .directory: directory
    case .parameterFile: parameterFilePath
    case .template: templatePath
    case .option, .arguments: ""
    }
  }

  /// What a placeholder that may be several arguments becomes; nil for one that is always one.
  private func list(_ placeholder: Placeholder) -> [String]? {
    switch placeholder {
    case .arguments(let style):
      assignment.entries.flatMap { entry in
        let value = entry.value.description
        return switch style {
        case .separate: ["--\(entry.name)", value]
        case .joined: ["--\(entry.name)=\(value)"]
        case .bare: ["\(entry.name)=\(value)"]
        }
      }
    case .option(let name):
      switch assignment[name] {
      case nil, .bool(false): []
      case .bool(true): ["--\(name)"]
      case .some(let value): ["--\(name)", value.description]
      }
    default: nil
    }
  }
}
