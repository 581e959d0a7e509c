// Text with placeholders, in an argument or in a file.

package import PlainText
import StudyModel

/// What stands in braces.
enum Placeholder: Hashable, Sendable {
  case parameter(String)
  /// `{--name}`: the option with its value, the bare flag of a bool that is true, or nothing.
  case option(String)
  case trial
  case directory
  case parameterFile
  case template
  /// All active parameters, in one of the styles.
  case arguments(ArgumentStyle)

  static let reserved: [String: Placeholder] = [
    "trial": .trial, "dir": .directory, "params.json": .parameterFile, "template": .template,
    "args": .arguments(.separate), "args:eq": .arguments(.joined), "args:hydra": .arguments(.bare),
  ]
}

/// How `{args}` writes a parameter.
enum ArgumentStyle: Hashable, Sendable {
  /// `--name value`
  case separate
  /// `--name=value`
  case joined
  /// `name=value`
  case bare
}

/// Text cut at its placeholders.
///
/// `{{` is a brace, and `{{name}}` is `{name}`; braces around anything but a placeholder stay
/// as they are, JSON's for example.
struct TemplateText: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case text(String)
    case placeholder(Placeholder)
  }

  private(set) var pieces: [Piece] = []

  /// - Parameter names: of the parameters.
  /// - Throws: ``TemplateError`` for a placeholder that is nearly a name, or two things at once.
  init(_ source: String, names: [String]) throws(TemplateError) {
    var text = ""
    var rest = Substring(source)
    while let brace = rest.firstIndex(of: "{") {
      text += rest[..<brace]
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
      if let name = Self.name(at: rest), let placeholder = try Self.placeholder(name, names) {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = ""
        pieces.append(.placeholder(placeholder))
        rest = rest.dropFirst(name.count + 1)
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

  /// What stands between here and the next closing brace, if it can be a name.
  private static func name(at text: Substring) -> String? {
    guard let end = text.firstIndex(of: "}") else { return nil }
    let name = text[..<end]
    let isName = !name.isEmpty && name.count <= 256 && !name.contains { "{\"'\n\r".contains($0) }
    return isName ? String(name) : nil
  }

  private static func placeholder(
    _ name: String, _ names: [String]
  ) throws(TemplateError) -> Placeholder? {
    if let reserved = Placeholder.reserved[name] {
      if names.contains(name) { throw .ambiguous(name) }
      return reserved
    }
    if names.contains(name) { return .parameter(name) }
    let isOption = name.hasPrefix("--")
    let bare = isOption ? String(name.dropFirst(2)) : name
    if isOption, names.contains(bare) { return .option(bare) }
    // What is far from every name is none of ours: `awk '{print}'`.
    let known = isOption ? names : names + Placeholder.reserved.keys.sorted()
    let near = nearestNames(to: bare, among: known).filter { isMisspelling(bare, of: $0) }
    guard let nearest = near.first else { return nil }
    throw .misspelt("{\(name)}", nearest: isOption ? "{--\(nearest)}" : "{\(nearest)}")
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
  case conditional(name: String, condition: String)
  /// `{template}` without a template file.
  case noTemplate

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
          "to say that the script reads CAIRN_PARAMS",
        ], kind: .wrongUsage)
    case .conditional(let name, let condition):
      Explanation(
        "\(name.jsonQuoted) exists only when \(condition), so {\(name)} has not always a value",
        try: ["{--\(name)}, which then is nothing, or {args}"], kind: .wrongUsage)
    case .noTemplate:
      Explanation(
        "{template} stands for a rendered file, and there is none", try: ["--template FILE"],
        kind: .wrongUsage)
    }
  }
}
