// Text with placeholders, in an argument or in a file.

package import PlainText
import StudyModel

/// Text cut at its placeholders.
///
/// `{{` is a brace, and `{{name}}` is `{name}`; braces around anything but a placeholder stay
/// as they are, JSON's for example, and so do those behind a dollar: `${name}` is a shell's.
struct TemplateText: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case text(String)
    case placeholder(Placeholder)
  }

  private(set) var pieces: [Piece] = []

  /// - Parameters:
  ///   - names: of the parameters.
  ///   - depth: how deep it stands in insertions.
  /// - Throws: ``TemplateError`` for a placeholder that is nearly a name, or two things at once.
  init(_ source: String, names: [String], depth: Int = 0) throws(TemplateError) {
    let parser = PlaceholderParser(names: names, depth: depth)
    var text = ""
    var rest = Substring(source)
    while let brace = rest.firstIndex(of: "{") {
      text += rest[..<brace]
      let isShells = brace > rest.startIndex && rest[rest.index(before: brace)] == "$"
      rest = rest[brace...]
      if rest.hasPrefix("{{") {
        rest = rest.dropFirst(2)
        text += "{"
        if let name = Self.name(at: rest), rest.dropFirst(name.count).hasPrefix("}}") {
          text += name + "}"
          rest = rest.dropFirst(name.count + 2)
        }
        continue
      }
      rest = rest.dropFirst()
      if !isShells, let content = Self.content(at: rest),
        let placeholder = try parser.placeholder(content)
      {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = ""
        pieces.append(.placeholder(placeholder))
        rest = rest.dropFirst(content.count + 1)
      } else {
        text += "{"
      }
    }
    text += rest
    if !text.isEmpty { pieces.append(.text(text)) }
  }

  var placeholders: [Placeholder] {
    pieces.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
  }

  /// What stands in it besides placeholders.
  var literal: String {
    pieces.map { if case .text(let text) = $0 { text } else { "" } }.joined()
  }

  /// Whether it is a placeholder and nothing else.
  var isLone: Bool { pieces.count == 1 && !placeholders.isEmpty }

  /// What stands between here and the next closing brace, if it can be a name.
  private static func name(at text: Substring) -> String? {
    guard let end = text.firstIndex(of: "}") else { return nil }
    let name = text[..<end]
    return isName(name) ? String(name) : nil
  }

  private static func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.count <= 256 && !text.contains { "{\"'\n\r".contains($0) }
  }

  /// What stands between here and the closing brace that belongs to the opening one before, if it
  /// can be a placeholder: a name, or a name and a text behind `:-` or `:+`.
  private static func content(at text: Substring) -> String? {
    let window = text.prefix(4096)
    guard let first = window.firstIndex(of: "}") else { return nil }
    let short = window[..<first]
    guard let mark = short.firstRange(of: ":+") ?? short.firstRange(of: ":-") else {
      return isName(short) ? String(short) : nil
    }
    guard isName(short[..<mark.lowerBound]) else { return nil }
    var depth = 1
    for index in window.indices {
      if window[index] == "{" { depth += 1 }
      if window[index] == "}" { depth -= 1 }
      if depth == 0 { return String(window[..<index]) }
    }
    return nil
  }
}

/// Why a command or a template file does not fit its space.
package enum TemplateError: ExplainedError, Hashable {
  case emptyCommand
  case misspelt(String, nearest: String)
  /// A placeholder of Cairn's own that is a parameter's name too.
  case ambiguous(String)
  /// Parameters that never reach the objective.
  case unused([String])
  /// `{name}` of a parameter that does not always exist.
  case conditional(name: String, condition: String, alternatives: [String] = [])
  /// One of several names in a placeholder that is none.
  case unknownAlternative(String, String)
  /// Insertions in each other without end.
  case tooDeep
  /// `{template}` without a template file.
  case noTemplate
  /// A placeholder in a path that the path has no use for.
  case notInPaths(String)

  package var explanation: Explanation {
    switch self {
    case .emptyCommand:
      Explanation(
        "there is no command to run", try: ["-- python3 train.py --lr {lr}, behind the options"],
        kind: .wrongUsage)
    case .misspelt(let placeholder, let nearest):
      Explanation(
        "there is no parameter for \(placeholder)",
        try: [nearest, "{\(placeholder) for the braces as they are"], kind: .wrongUsage)
    case .ambiguous(let name):
      Explanation(
        "{\(name)} is a parameter, and has a meaning of its own in commands",
        try: ["{--\(name)} or {args}", "another name for the parameter"], kind: .wrongUsage)
    case .unused(let names):
      Explanation(
        "the command never uses \(names.map(\.jsonQuoted).joined(separator: ", "))",
        try: [
          names.map { "--\($0) {\($0)}" }.joined(separator: " "), "{args} for all",
          "--params-from-env where the script reads CAIRN_PARAMS",
        ], kind: .wrongUsage)
    case .conditional(let name, let condition, let alternatives):
      Explanation(
        "\(name.jsonQuoted) exists only when \(condition), so {\(name)} has not always a value",
        try: (alternatives.isEmpty
          ? [] : ["{\(alternatives.joined(separator: "|"))}, the first of them that exists"]) + [
            "{--\(name)}, which then is nothing, or {args}",
            "{\(name):-TEXT}, with what else to write",
          ], kind: .wrongUsage)
    case .unknownAlternative(let placeholder, let name):
      Explanation(
        "there is no parameter \(name.jsonQuoted) for \(placeholder)",
        try: ["{\(placeholder) for the braces as they are"], kind: .wrongUsage)
    case .tooDeep:
      Explanation("placeholders stand in each other more than 8 deep", kind: .wrongUsage)
    case .notInPaths(let placeholder):
      Explanation(
        "\(placeholder) has no meaning in the path of a file with metrics",
        try: ["{dir}, the trial's directory", "{trial}, its number"], kind: .wrongUsage)
    case .noTemplate:
      Explanation(
        "{template} stands for a rendered file, and there is none", try: ["--template FILE"],
        kind: .wrongUsage)
    }
  }
}
