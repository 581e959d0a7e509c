// One trial's values in the places that a template has for them.

import PlainText
import StudyModel

/// One trial's values for placeholders.
struct Rendering {
  let assignment: Assignment
  let trial: Int
  let directory: String
  let templateName: String

  var parameterFilePath: String { directory + "/params.json" }
  var templatePath: String { directory + "/" + templateName }

  /// The arguments that one argument of the template becomes: itself, but for `{args}` and
  /// `{--name}` alone in theirs, which become as many as they are.
  func arguments(of argument: TemplateText) -> [String] {
    if argument.isLone, let placeholder = argument.placeholders.first,
      let list = list(placeholder)
    {
      return list
    }
    return [text(of: argument)]
  }

  /// As it stands in a command: what does not exist is nothing.
  func text(of template: TemplateText) -> String {
    template.pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .placeholder(let placeholder): text(of: placeholder)
      }
    }.joined()
  }

  func text(of placeholder: Placeholder) -> String {
    // Inside other text, a list is for a shell to read.
    if let list = list(placeholder) { return ShellText.line(list) }
    return content(placeholder).text
  }

  // MARK: Values

  /// What a placeholder stands for.
  enum Content {
    case value(ParameterValue, typed: String)
    /// Nothing: no such parameter in this trial.
    case absent
    /// Text that somebody wrote out.
    case literal(String)

    /// As it stands in plain text.
    var text: String {
      switch self {
      case .value(_, let typed): typed
      case .literal(let text): text
      case .absent: ""
      }
    }
  }

  func content(_ placeholder: Placeholder) -> Content {
    switch placeholder {
    case .value(let source):
      if let entry = entry(source) { return .value(entry.value, typed: entry.text) }
      if let fallback = source.fallback { return .literal(fallback) }
      let isNull = source.names.contains { assignment.entry($0) != nil }
      return isNull ? .value(.null, typed: "null") : .absent
    case .insertion(let source, let text):
      return .literal(entry(source) == nil ? "" : self.text(of: text))
    case .trial: return .value(.integer(Int64(trial)), typed: String(trial))
    case .directory: return path(directory)
    case .parameterFile: return path(parameterFilePath)
    case .template: return path(templatePath)
    case .option, .arguments: return .literal(list(placeholder).map(ShellText.line) ?? "")
    }
  }

  private func path(_ path: String) -> Content { .value(.string(path), typed: path) }

  /// The first parameter of `source` that exists and is more than null.
  private func entry(_ source: ValueSource) -> Assignment.Entry? {
    source.names.lazy.compactMap { assignment.entry($0) }.first { $0.value != .null }
  }

  // MARK: Lists

  /// What a placeholder that may be several arguments becomes; nil for one that is always one.
  private func list(_ placeholder: Placeholder) -> [String]? {
    switch placeholder {
    case .arguments(let style): Self.arguments(assignment, style)
    case .option(let name, let source):
      if let entry = entry(source) {
        Self.argument(name, entry.value, typed: entry.text, isFlag: true)
      } else {
        source.fallback.map { Self.pair(name, $0) } ?? []
      }
    default: nil
    }
  }

  /// All parameters of `assignment`. One that is null is left out, but for Hydra, which knows it.
  static func arguments(_ assignment: Assignment, _ style: ArgumentStyle) -> [String] {
    assignment.entries.flatMap { entry -> [String] in
      let value = entry.value
      switch style {
      case .separate, .flags:
        return argument(entry.name, value, typed: entry.text, isFlag: style == .flags)
      case .joined: return value == .null ? [] : ["--\(entry.name)=\(entry.text)"]
      case .bare: return ["\(entry.name)=\(HydraText.value(value, typed: entry.text))"]
      }
    }
  }

  private static func argument(
    _ name: String, _ value: ParameterValue, typed text: String, isFlag: Bool
  ) -> [String] {
    switch value {
    case .null: []
    case .bool(let truth) where isFlag: truth ? ["--\(name)"] : []
    default: pair(name, text)
    }
  }

  /// What begins with "-" would be taken for an option of its own.
  private static func pair(_ name: String, _ text: String) -> [String] {
    text.hasPrefix("-") ? ["--\(name)=\(text)"] : ["--\(name)", text]
  }
}
