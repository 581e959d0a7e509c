// Template files: values in the grammar of the file they go into, known by its suffix.

import PlainText
import StudyModel

/// The grammars of template files.
enum FileFormat: Hashable, Sendable {
  case yaml
  case json
  case toml
  /// `name = value` lines without a grammar for values.
  case settings
  case text

  init(path: String) {
    let suffix = path.split(separator: ".").dropFirst().last?.lowercased()
    self =
      switch suffix {
      case "yaml", "yml": .yaml
      case "json": .json
      case "toml": .toml
      case "ini", "cfg", "conf", "properties", "env": .settings
      default: .text
      }
  }
}

/// A template file being written for one trial.
///
/// A placeholder that is a whole value becomes a value of the format: a number is a number there,
/// text is quoted where it must be. In quotes it becomes text for these quotes, and in other text
/// its plain text. What the trial lacks is null; where a format knows no null, its line is left
/// out.
struct FileRendering {
  let rendering: Rendering
  let format: FileFormat
  private var result = ""
  private var leavesLineOut = false

  init(_ rendering: Rendering, _ format: FileFormat) {
    self.rendering = rendering
    self.format = format
  }

  /// The text of the file.
  mutating func text(of template: TemplateText) -> String {
    for (index, piece) in template.pieces.enumerated() {
      switch piece {
      case .text(let text): append(text)
      case .placeholder(let placeholder):
        if !leavesLineOut { write(placeholder, after: rest(of: template, behind: index)) }
      }
    }
    return result
  }

  /// What follows piece `index` on its line; something that is no end where a placeholder does.
  private func rest(of template: TemplateText, behind index: Int) -> Substring {
    guard index + 1 < template.pieces.count else { return "" }
    guard case .text(let text) = template.pieces[index + 1] else { return "{" }
    let line = text.prefix { !$0.isNewline }
    let isFollowed = line.endIndex == text.endIndex && index + 2 < template.pieces.count
    return isFollowed && line.trimmed.isEmpty ? "{" : line
  }

  private mutating func append(_ text: String) {
    guard leavesLineOut else {
      result += text
      return
    }
    guard let end = text.firstIndex(where: \.isNewline) else { return }
    leavesLineOut = false
    result += text[text.index(after: end)...]
  }

  private mutating func write(_ placeholder: Placeholder, after: Substring) {
    let content = rendering.content(placeholder)
    guard format != .text else {
      if case .absent = content { result += "null" } else { result += content.text }
      return
    }
    let lineStart = result.lastIndex(where: \.isNewline).map { result.index(after: $0) }
    let line = result[(lineStart ?? result.startIndex)...]
    if let quote = openQuote(in: line) {
      result += escaped(content.text, in: quote)
      return
    }
    guard isValue(between: line, and: after) else {
      if case .absent = content, format == .yaml || format == .json {
        result += "null"
      } else {
        result += content.text
      }
      return
    }
    switch content {
    case .literal(let text): result += text
    case .absent: writeNull()
    case .value(let value, let typed): write(value, typed: typed)
    }
  }

  private mutating func write(_ value: ParameterValue, typed: String) {
    switch format {
    case .yaml: result += ValueText.yaml(value, typed: typed)
    case .json: result += ValueText.json(value)
    case .toml: if let text = ValueText.toml(value) { result += text } else { writeNull() }
    case .settings: if value == .null { writeNull() } else { result += typed }
    case .text: result += typed
    }
  }

  private mutating func writeNull() {
    guard format == .toml || format == .settings else {
      result += "null"
      return
    }
    let lineStart = result.lastIndex(where: \.isNewline).map { result.index(after: $0) }
    result.removeSubrange((lineStart ?? result.startIndex)...)
    leavesLineOut = true
  }

  // MARK: Where it stands

  /// The quote that is open at the end of `line`. An apostrophe within a word is none.
  private func openQuote(in line: Substring) -> Character? {
    guard format != .settings else { return nil }
    var open: Character?
    var previous: Character = " "
    var isEscaped = false
    for character in line {
      if let quote = open {
        if character == quote && !isEscaped { open = nil }
        isEscaped = quote == "\"" && character == "\\" && !isEscaped
      } else if character == "\"" || (character == "'" && format != .json),
        previous.isWhitespace || "[{(,:=".contains(previous)
      {
        open = character
        isEscaped = false
      }
      previous = character
    }
    return open
  }

  private func escaped(_ text: String, in quote: Character) -> String {
    if quote == "\"" { return String(text.jsonQuoted.dropFirst().dropLast()) }
    return format == .yaml ? text.replacing("'", with: "''") : text
  }

  /// Whether what stands between `line` and `after` is a value and no part of a longer text.
  private func isValue(between line: Substring, and after: Substring) -> Bool {
    let next = after.trimmed.first
    guard next == nil || ",]}#".contains(next ?? "x") || (after.trimmed.hasPrefix("//")) else {
      return false
    }
    guard let last = line.trimmed.last else { return true }
    let isApart = line.last?.isWhitespace == true
    switch format {
    case .yaml: return "[{,".contains(last) || (isApart && ":-".contains(last))
    case .json: return "[,:".contains(last)
    default: return "[,=".contains(last) || (format == .settings && last == ":")
    }
  }
}
