// Where on an unfinished command line the cursor is: which command, and which of its arguments is
// being typed.

import ArgumentParser

struct CompletionPlace {
  enum Wanted {
    case command
    case optionName
    /// `prefix` stands before the value in the same word: `--store=`.
    case value(ArgumentDescription, prefix: String)
    /// The program behind `--`, or a word that it takes.
    case objective
    /// The words of `cairn help`.
    case topic
    case nothing
  }

  private(set) var command: CommandDescription?
  /// The values of options so far, by how they are spelt.
  private(set) var values: [String: [String]] = [:]
  private(set) var positionals: [String] = []
  private(set) var wanted = Wanted.command
  /// The word that is being typed.
  let current: String

  /// - Parameters:
  ///   - words: those behind the program's name; the last is being typed.
  ///   - describe: what a command takes; nil where there is no such command.
  init(_ words: [String], describe: (String) -> CommandDescription?) {
    current = words.last ?? ""
    var rest = words.dropLast()[...]
    while let word = rest.popFirst() {
      if word == "--", let command {
        if command.visibleArguments.contains(where: { $0.parsingStrategy == "postTerminator" }) {
          wanted = .objective
          return
        }
      } else if word.hasPrefix("-") {
        guard let (name, value) = option(word) else { continue }
        if let value {
          values[name, default: []].append(value)
        } else if let value = rest.popFirst() {
          values[name, default: []].append(value)
        } else {
          wanted = self.value(of: name, prefix: "")
          return
        }
      } else if command == nil {
        if word == "help" {
          wanted = rest.isEmpty ? .topic : .nothing
          return
        }
        command = describe(word)
        if command == nil {
          wanted = .nothing
          return
        }
      } else {
        positionals.append(word)
      }
    }
    wanted = wantedHere
  }

  private var wantedHere: Wanted {
    if current.hasPrefix("-") {
      guard let end = current.firstIndex(of: "="), current.hasPrefix("--") else {
        return .optionName
      }
      return value(of: String(current[..<end]), prefix: String(current[...end]))
    }
    guard let command else { return .command }
    let declared = command.visibleArguments.filter {
      $0.kind == "positional" && $0.parsingStrategy != "postTerminator"
    }
    if positionals.count < declared.count {
      return .value(declared[positionals.count], prefix: "")
    }
    if let last = declared.last, last.isRepeating { return .value(last, prefix: "") }
    return .nothing
  }

  /// What a word that begins with a hyphen says: an option that takes a value, and the value
  /// where it stands in the same word.
  private func option(_ word: String) -> (name: String, value: String?)? {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let takesValue =
      command.map { $0.visibleArguments.contains { $0.kind == "option" && $0.has(name) } }
      ?? GlobalOptions.withValue.contains(name)
    guard takesValue else { return nil }
    return (name, parts.count > 1 ? String(parts[1]) : nil)
  }

  private func value(of name: String, prefix: String) -> Wanted {
    if let command {
      let argument = command.visibleArguments.first { $0.kind == "option" && $0.has(name) }
      return argument.map { .value($0, prefix: prefix) } ?? .nothing
    }
    // Before the command: what any command that has it says.
    let listing = (try? CommandDescription(dump: TrialsCommand._dumpHelp()))?.visibleArguments
    return listing?.first { $0.has(name) }.map { .value($0, prefix: prefix) } ?? .nothing
  }

  /// Every value that was given for the option spelt so.
  func values(of name: String) -> [String] {
    let spellings =
      command?.visibleArguments.first { $0.has(name) }?.spellings ?? [name]
    return spellings.flatMap { values[$0] ?? [] }
  }
}

extension ArgumentDescription {
  func has(_ spelling: String) -> Bool { spellings.contains(spelling) }
}
