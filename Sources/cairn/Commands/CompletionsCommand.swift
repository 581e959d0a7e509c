import ArgumentParser

struct CompletionsCommand: ParsableCommand {
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash
    case zsh
    case fish
  }

  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the completion script for a shell.",
    discussion: """
      Completes commands, options and files, and the names of studies, columns, metrics and \
      parameters in the store that the line means; behind -- what the shell knows of the command.

      bash: cairn completions bash > ~/.local/share/bash-completion/completions/cairn
      zsh: cairn completions zsh > ~/.zsh/completions/_cairn (a directory in $fpath)
      fish: cairn completions fish > ~/.config/fish/completions/cairn.fish

      Or for this shell only: source <(cairn completions bash), cairn completions fish | source.
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("What the script asks at every Tab.", visibility: .hidden))
  var line: [String] = []

  func run() throws {
    var output = StandardOutput()
    if line.isEmpty {
      try output.writeLine(script)
    } else {
      for line in answer { try output.writeLine(line) }
    }
    try output.flush()
  }

  private var script: String {
    switch shell {
    case .bash: CompletionScript.bash
    case .zsh: CompletionScript.zsh
    case .fish: CompletionScript.fish
    }
  }

  /// What is wanted, then each word with a tab before what it is.
  private var answer: [String] {
    var words = line
    var insertion: (String) -> String? = { $0 }
    if shell == .bash {
      let typed = BashLine(line[0], breaks: line.count > 1 ? line[1] : "")
      if typed.isRedirection { return ["files"] }
      words = Array(typed.words.dropFirst())
      insertion = typed.insertion
    }
    switch Completion(words, names: StoreNames.init(store:)) {
    case .files(let prefix): return ["files\t\(prefix)"]
    case .directories(let prefix): return ["directories\t\(prefix)"]
    case .command: return ["command"]
    case .words(let candidates):
      return ["words"]
        + candidates.compactMap { candidate in
          insertion(candidate.text).map {
            candidate.summary.isEmpty ? $0 : "\($0)\t\(candidate.summary)"
          }
        }
    }
  }
}
