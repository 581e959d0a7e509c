// What a command takes, for the manual page and for completion. ArgumentParser dumps its
// definitions as JSON, and shows them in no other way.

import Foundation

struct CommandDescription: Decodable {
  private struct Tool: Decodable { let command: CommandDescription }

  let commandName: String
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool?
  let subcommands: [CommandDescription]?
  let arguments: [ArgumentDescription]?

  /// - Parameter dump: what `_dumpHelp()` returns.
  init(dump: String) throws {
    self = try JSONDecoder().decode(Tool.self, from: Data(dump.utf8)).command
  }

  /// Without those two that every command has.
  var visibleArguments: [ArgumentDescription] {
    (arguments ?? []).filter { argument in
      argument.shouldDisplay
        && !(argument.names ?? []).contains { $0.name == "help" || $0.name == "version" }
    }
  }

  var visibleSubcommands: [CommandDescription] {
    (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
  }
}

struct ArgumentDescription: Decodable {
  struct Name: Decodable {
    let kind: String
    let name: String

    var spelling: String { (kind == "long" ? "--" : "-") + name }
  }

  /// How values are completed, where that was declared.
  struct Completion: Decodable {
    struct Values: Decodable { let values: [String] }
    struct Empty: Decodable {}

    let list: Values?
    let file: Empty?
    let directory: Empty?
  }

  let kind: String
  let shouldDisplay: Bool
  let isOptional: Bool
  let isRepeating: Bool
  let parsingStrategy: String?
  let names: [Name]?
  let valueName: String?
  let defaultValue: String?
  let abstract: String?
  let discussion: String?
  let completionKind: Completion?

  var spellings: [String] { (names ?? []).map(\.spelling) }
}
