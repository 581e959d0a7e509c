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
      bash: cairn completions bash > ~/.local/share/bash-completion/completions/cairn
      zsh: cairn completions zsh > ~/.zsh/completions/_cairn (a directory in $fpath)
      fish: cairn completions fish > ~/.config/fish/completions/cairn.fish
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    var output = StandardOutput()
    try output.writeLine(Cairn.completionScript(for: kind))
    try output.flush()
  }
}
