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

  /// - Parameter mustUseAll: whether a parameter that nothing carries is an error.
  /// - Throws: ``TemplateError``.
  package init(
    _ command: [String], for space: SearchSpace, carriers: Carriers = Carriers(),
    mustUseAll: Bool = true
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
    try check(space, mustUseAll: mustUseAll && !carriers.environment)
  }

  private func check(_ space: SearchSpace, mustUseAll: Bool) throws(TemplateError) {
    let inCommand = arguments.flatMap(\.placeholders)
    if templateFile == nil, inCommand.contains(.template) { throw .noTemplate }
    for parameter in space.parameters
    where parameter.isConditional
      && inCommand.contains(.value(ValueSource(names: [parameter.name], fallback: nil)))
    {
      throw .conditional(name: parameter.name, condition: Self.describe(parameter))
    }
    let all = inCommand + (templateFile?.placeholders ?? [])
    guard mustUseAll, !all.contains(where: \.carriesAll) else { return }
    let used = Set(all.flatMap(\.parameters))
    let unused = space.parameters.map(\.name).filter { !used.contains($0) }
    if !unused.isEmpty { throw .unused(unused) }
  }

  private static func describe(_ parameter: Parameter) -> String {
    let plain = parameter.conditions.map { condition in
      let values = condition.values.map(\.description).joined(separator: " or ")
      return "\(condition.parent) is \(values)"
    }
    return (plain + (parameter.expression.map { [$0.text] } ?? [])).joined(separator: " and ")
  }

  /// Checks the placeholders of a path for files that hold metrics: `{dir}` and `{trial}`.
  ///
  /// - Throws: ``TemplateError`` for another placeholder, or one that is misspelt.
  package static func check(path: String, for space: SearchSpace) throws(TemplateError) {
    let text = try TemplateText(path, names: space.parameters.map(\.name))
    for placeholder in text.placeholders where placeholder != .directory && placeholder != .trial {
      let name =
        Placeholder.reserved.first { $0.value == placeholder }?.key
        ?? placeholder.parameters.joined(separator: "|")
      throw .notInPaths("{\(name)}")
    }
  }

  /// The command line of a trial whose directory is `directory` (an absolute path).
  package func commandLine(
    for assignment: Assignment, trial: Int, directory: String
  ) -> [String] {
    let rendering = Rendering(
      assignment: assignment, trial: trial, directory: directory, templateName: templateName)
    return arguments.flatMap { rendering.arguments(of: $0) }
  }

  /// What of that command line says the parameters: `--lr 0.001 --opt adam`, to be given to
  /// another run of the same program. Where they stand in the midst of a text, such as a shell
  /// script, it is what `{args}` would be.
  package func parameterArguments(
    for assignment: Assignment, trial: Int, directory: String
  ) -> [String] {
    let rendering = Rendering(
      assignment: assignment, trial: trial, directory: directory, templateName: templateName)
    var result: [String] = []
    for (index, argument) in arguments.enumerated() {
      let placeholders = argument.placeholders
      let isAboutParameters = placeholders.contains { placeholder in
        if case .arguments = placeholder { return true }
        return !placeholder.parameters.isEmpty
      }
      guard isAboutParameters else { continue }
      if !argument.isLone && argument.literal.contains(where: \.isWhitespace) {
        return Self.arguments(for: assignment)
      }
      if argument.isLone, case .value? = placeholders.first, index > 0,
        arguments[index - 1].placeholders.isEmpty, arguments[index - 1].literal.hasPrefix("-")
      {
        result.append(rendering.text(of: arguments[index - 1]))
      }
      result += rendering.arguments(of: argument)
    }
    return result.isEmpty ? Self.arguments(for: assignment) : result
  }

  /// The parameters as `{args}` writes them.
  package static func arguments(
    for assignment: Assignment, style: ArgumentStyle = .separate
  ) -> [String] {
    Rendering.arguments(assignment, style)
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
      var file = FileRendering(rendering, FileFormat(path: templateName))
      let contents = file.text(of: templateFile)
      files.append(
        TrialFile(path: rendering.templatePath, contents: contents))
    }
    return files
  }
}
