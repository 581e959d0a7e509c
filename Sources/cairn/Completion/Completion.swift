// What can stand where the cursor is. The shells' scripts ask for it at every Tab, so that all
// they have to know is how to show it.

import ArgumentParser
import Samplers

struct CompletionCandidate: Equatable {
  let text: String
  /// What it is, for shells that show that.
  let summary: String

  init(_ text: String, _ summary: String = "") {
    self.text = text
    self.summary = summary
  }
}

enum Completion: Equatable {
  /// Each begins as the word that is being typed.
  case words([CompletionCandidate])
  /// `prefix` is what the word has before the path.
  case files(prefix: String)
  case directories(prefix: String)
  /// Whatever the shell knows of the program behind `--`.
  case command

  /// - Parameters:
  ///   - words: those behind the program's name; the last is being typed.
  ///   - names: the names in the store that the value of `--store` means.
  init(_ words: [String], names: (String?) -> StoreNames) {
    let place = CompletionPlace(words, describe: Self.command)
    switch place.wanted {
    case .command: self = Self.words(place.current, Self.commands)
    case .topic:
      let components = ComponentKind.sampler.all + ComponentKind.pruner.all
      self = Self.words(
        place.current,
        Self.commands + HelpTopic.names.map { CompletionCandidate($0) }
          + components.map { CompletionCandidate($0.name, $0.summary) })
    case .optionName: self = Self.words(place.current, Self.options(place))
    case .value(let argument, let prefix): self = Self.value(of: argument, prefix, place, names)
    case .objective: self = Self.objective(place)
    case .nothing: self = .words([])
    }
  }

  private static func words(_ current: String, _ candidates: [CompletionCandidate]) -> Self {
    .words(
      candidates.filter { candidate in
        candidate.text.hasPrefix(current)
          // A word with a newline is no word to any of the shells.
          && candidate.text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      })
  }

  private static var commands: [CompletionCandidate] {
    var candidates: [CompletionCandidate] = []
    for command in Cairn.configuration.subcommands where command.configuration.shouldDisplay {
      candidates.append(CompletionCandidate(command._commandName, command.configuration.abstract))
    }
    return candidates + [CompletionCandidate("help", "Show help on a command or a topic.")]
  }

  private static func command(_ name: String) -> CommandDescription? {
    for command in Cairn.configuration.subcommands where command._commandName == name {
      return try? CommandDescription(dump: command._dumpHelp())
    }
    return nil
  }

  private static func options(_ place: CompletionPlace) -> [CompletionCandidate] {
    guard let command = place.command else {
      return (GlobalOptions.withValue + GlobalOptions.flags + ["--help", "--version"]).map {
        CompletionCandidate($0)
      }
    }
    return command.visibleArguments.flatMap { argument in
      argument.spellings.map { CompletionCandidate($0, argument.abstract ?? "") }
    } + [CompletionCandidate("--help", "Show help information.")]
  }

  /// Behind `--`: a placeholder for a parameter that was named before, or what the program takes.
  private static func objective(_ place: CompletionPlace) -> Self {
    guard let open = place.current.lastIndex(of: "{") else { return .command }
    let parameters = place.values(of: "--param").compactMap { $0.split(separator: "=").first }
    let start = place.current[...open]
    return words(place.current, parameters.map { CompletionCandidate("\(start)\($0)}") })
  }
}

// Values of options and arguments: by what was declared of them, else by what help calls them.

extension Completion {
  private static func value(
    of argument: ArgumentDescription, _ prefix: String, _ place: CompletionPlace,
    _ open: (String?) -> StoreNames
  ) -> Self {
    if argument.completionKind?.directory != nil { return .directories(prefix: prefix) }
    if argument.completionKind?.file != nil { return .files(prefix: prefix) }
    let typed = String(place.current.dropFirst(prefix.count))
    func names() -> StoreNames { open(place.values(of: "--store").last) }
    let study = place.positionals.first
    let isPositional = argument.kind == "positional"
    var candidates = (argument.completionKind?.list?.values ?? []).map { CompletionCandidate($0) }
    switch argument.valueName {
    case "study": candidates = names().studies
    case "studies":
      candidates = isPositional ? names().studies : listed(names().studies, behind: typed)
    case "trial", "trials", "other": candidates += names().openTrials(of: study)
    case "columns": candidates = listed(names().columns(of: study), behind: typed)
    case "expression":
      candidates = names().columns(of: study).filter(\.isIdentifier).map {
        $0.behind(typed[..<startOfName(in: typed)])
      }
    case "metric": candidates = names().metrics(of: study)
    case "parameter": candidates = names().parameters(of: study)
    case "name=domain": candidates = names().parameters(of: study).map { $0.followed(by: "=") }
    case "name=value":
      let all =
        place.command?.commandName == "report"
        ? names().metrics(of: study) : names().parameters(of: study)
      candidates = all.map { $0.followed(by: "=") }
    case "kind:path":
      candidates = ["csv:", "jsonl:", "tensorboard:"].map { CompletionCandidate($0) }
    default: break
    }
    return words(place.current, candidates.map { $0.behind(prefix[...]) })
  }

  /// The next of several with commas between them, those left out that are there already. One to
  /// sort by may have a sign.
  private static func listed(
    _ candidates: [CompletionCandidate], behind typed: String
  ) -> [CompletionCandidate] {
    var parts = typed.split(separator: ",", omittingEmptySubsequences: false)
    let last = parts.popLast() ?? ""
    let start = typed.dropLast(last.count) + (last.hasPrefix("-") ? "-" : "")
    return candidates.filter { !parts.contains($0.text[...]) }.map { $0.behind(start[...]) }
  }

  private static func startOfName(in text: String) -> String.Index {
    let tail = text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return text.index(text.endIndex, offsetBy: -tail.count)
  }
}

extension CompletionCandidate {
  fileprivate func behind(_ start: Substring) -> Self { Self(start + text, summary) }
  fileprivate func followed(by end: String) -> Self { Self(text + end, summary) }

  /// Whether it needs no quotes in SQL.
  fileprivate var isIdentifier: Bool {
    text.first?.isNumber == false && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
