// The README's tour, as a program: files to save, commands to type, what they print.
//
//     tour    := (text | file | session)*
//     file    := "```LANGUAGE NAME" line* "```"          saved as NAME
//     session := "```console" (command output)* "```"
//     command := "$ " line                               goes on while a line ends with "\"
//
// In an output, a line that is only "…" stands for any number of lines.

import Foundation

/// A document whose `console` blocks can be run, and written anew with what they print.
struct Tour {
  struct Command: Equatable {
    /// The lines after the prompt, as in the document.
    let lines: [String]
    var output: [String]

    var script: String { lines.joined(separator: "\n") }
  }

  enum Part: Equatable {
    case text([String])
    case file(name: String, opening: String, lines: [String])
    case session([Command])
  }

  static let elision = "…"
  private static let fence = "```"
  private static let prompt = "$ "

  var parts: [Part] = []

  init(document: String) {
    var text: [String] = []
    var lines = document.components(separatedBy: "\n")[...]
    while let line = lines.popFirst() {
      let words = line.hasPrefix(Self.fence) ? line.dropFirst(3).split(separator: " ") : []
      guard words == ["console"] || words.count == 2 else {
        text.append(line)
        continue
      }
      parts.append(.text(text))
      text = []
      let body = Array(lines.prefix { $0 != Self.fence })
      lines = lines.dropFirst(body.count + 1)
      if words.count == 2 {
        parts.append(.file(name: String(words[1]), opening: line, lines: body))
      } else {
        parts.append(.session(Self.commands(in: body)))
      }
    }
    parts.append(.text(text))
  }

  /// The document again.
  var document: String {
    parts.flatMap { part -> [String] in
      switch part {
      case .text(let lines): lines
      case .file(_, let opening, let lines): [opening] + lines + [Self.fence]
      case .session(let commands):
        ["\(Self.fence)console"] + commands.flatMap(Self.lines(of:)) + [Self.fence]
      }
    }.joined(separator: "\n")
  }

  private static func commands(in body: [String]) -> [Command] {
    var commands: [Command] = []
    var lines = body[...]
    while let line = lines.popFirst() {
      guard line.hasPrefix(prompt) else {
        // What stands in front of the first prompt belongs to no command and is left out.
        if !commands.isEmpty { commands[commands.count - 1].output.append(line) }
        continue
      }
      var command = [String(line.dropFirst(prompt.count))]
      while command[command.count - 1].hasSuffix("\\"), let next = lines.popFirst() {
        command.append(next)
      }
      commands.append(Command(lines: command, output: []))
    }
    return commands
  }

  private static func lines(of command: Command) -> [String] {
    [prompt + command.lines[0]] + command.lines.dropFirst() + command.output
  }
}

extension Tour.Command {
  /// What the document should show of `printed`: all of it, or as many lines from its start and
  /// its end as the document shows now, when it leaves out what is between.
  func recording(_ printed: [String]) -> [String] {
    guard let cut = output.firstIndex(of: Tour.elision) else { return printed }
    let tail = output.count - cut - 1
    guard printed.count > cut + tail else { return printed }
    return printed.prefix(cut) + [Tour.elision] + printed.suffix(tail)
  }

  /// Whether the document tells the truth about `printed`, but for times and sizes.
  func agrees(with printed: [String]) -> Bool {
    let expected = output.map(Self.normalized)
    let actual = printed.map(Self.normalized)
    let pieces = expected.split(separator: Tour.elision, omittingEmptySubsequences: false)
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else {
      return expected == actual
    }
    var rest = actual[...]
    guard rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else {
      return false
    }
    rest = rest.dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  /// `line` without what differs from run to run: times, durations, rates, sizes, and the
  /// widths of columns that hold them.
  static func normalized(_ line: String) -> String {
    line
      .replacing(/\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?/, with: "<time>")
      .replacing(/\d+(\.\d+)?( trials)?(\/s|\/min| a second| a minute)\b/, with: "<rate>")
      .replacing(/\d+(\.\d+)? ?(B|kB|KB|MB|GB|KiB|MiB|GiB)\b/, with: "<size>")
      .replacing(/(\d+(\.\d+)? ?(ms|µs|s|min|h)\b ?)+/, with: "<duration>")
      .replacing(/[-─]{3,}/, with: "---")
      .replacing(/\s+/, with: " ")
      .replacing(/\s+$/, with: "")
  }
}
