// The manual page, from the same definitions as the help.
// Macros as in groff_man(7).

struct ManualPage {
  private let root: CommandDescription
  private let version: String

  /// - Parameter dump: what `_dumpHelp()` returns.
  init(dump: String, version: String) throws {
    root = try CommandDescription(dump: dump)
    self.version = version
  }

  /// The whole page in man macros.
  var text: String {
    var lines = [
      ".TH \(root.commandName.uppercased()) 1 \"\" \"\(root.commandName) \(version)\" \"\"",
      ".SH NAME", "\(escaped(root.commandName)) \\- \(escaped(root.abstract ?? ""))",
      ".SH SYNOPSIS", ".B \(escaped(root.commandName))", ".I command", "[\\fIoptions\\fR]",
    ]
    if let discussion = root.discussion { lines += [".SH DESCRIPTION"] + paragraph(discussion) }
    lines.append(".SH COMMANDS")
    for command in root.visibleSubcommands { lines += section(command, path: root.commandName) }
    lines += [
      ".SH EXIT STATUS", ".TP", ".B 0", "fine", ".TP", ".B 1", "failed", ".TP", ".B 2",
      "wrong usage", ".TP", ".B 130", "interrupted", ".SH ENVIRONMENT", ".TP", ".B CAIRN_STORE",
      "the store, where \\fB\\-\\-store\\fR does not name it", ".TP", ".B NO_COLOR",
      "no colours, when it is not empty",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ command: CommandDescription, path: String) -> [String] {
    let name = "\(path) \(command.commandName)"
    var lines = [".SS \"\(escaped(name))\(synopsis(command))\""]
    if let abstract = command.abstract { lines += paragraph(abstract) }
    if let discussion = command.discussion { lines += [".PP"] + paragraph(discussion) }
    for argument in command.visibleArguments { lines += entry(argument) }
    for subcommand in command.visibleSubcommands { lines += section(subcommand, path: name) }
    return lines
  }

  private func synopsis(_ command: CommandDescription) -> String {
    var words: [String] = []
    if command.visibleArguments.contains(where: { $0.kind != "positional" }) {
      words.append("[options]")
    }
    for argument in command.visibleArguments where argument.kind == "positional" {
      let word = "<\(argument.valueName ?? "value")>" + (argument.isRepeating ? "..." : "")
      words.append(argument.isOptional ? "[\(word)]" : word)
    }
    return words.map { " " + escaped($0) }.joined()
  }

  private func entry(_ argument: ArgumentDescription) -> [String] {
    var head = (argument.names ?? []).map { "\\fB\(escaped($0.spelling))\\fR" }
      .joined(separator: ", ")
    if argument.kind != "flag", let value = argument.valueName {
      head += (head.isEmpty ? "" : " ") + "\\fI\(escaped(value))\\fR"
    }
    var text = argument.abstract ?? ""
    if let discussion = argument.discussion { text += " " + discussion }
    if let value = argument.defaultValue, !text.contains("efault") { text += " Default: \(value)." }
    return [".TP", head] + paragraph(text)
  }

  /// Lines of running text; an empty line begins a new paragraph.
  private func paragraph(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      line.isEmpty ? [".PP"] : [escaped(String(line)), ".br"]
    }.dropLastBreak
  }

  /// Backslashes, and dots and quotes at the start of a line, mean something to troff; a bare
  /// hyphen is typeset as one, not as the minus that options are typed with.
  private func escaped(_ text: String) -> String {
    let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .replacing("\"", with: "\\(dq")
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}

extension [String] {
  fileprivate var dropLastBreak: [String] { last == ".br" ? dropLast() : self }
}
