import Foundation
import StudyModel
import Testing

@testable import cairn

/// What Tab offers: first as the tool says it, then as the shells put it in.
@Suite struct CompletionTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    for study in ["fit", "'my study'"] {
      let made = try place.run(
        "cairn create \(study) --minimize val/loss --trials 9 -p lr=log:1e-3..1 -p momentum=0.0..1.0"
      )
      #expect(made.status == 0, "\(made.errors)")
    }
    try place.write("train.py", "")
    try place.write("a space.yaml", "")
  }

  @Test(arguments: [
    ("tri", ["trials"]), ("help sam", ["samplers"]), ("--store .cairn tr", ["trials"]),
    ("trials ", ["fit", "my\\ study"]), ("trials my\\ s", ["my\\ study"]),
    (#"trials "my"#, ["my study"]), ("trials 'my", ["my study"]), ("show fit be", ["best"]),
    ("trials fit --sort -lr,mo", ["-lr,momentum"]), ("trials fit --sort=mo", ["momentum"]),
    (#"trials fit --where "lr < 1 and mo"#, ["lr < 1 and momentum"]),
    ("trials fit --where val", ["value"]), ("metrics fit --metric ", ["val/loss"]),
    ("run x --minimize v", ["val/loss"]), ("edit fit -p mo", ["momentum="]),
    ("edit fit --without l", ["lr"]), ("run x --sampler tp", ["tpe"]),
    ("run x --pruner med", ["median"]), ("run x --warm-start fit,", ["fit,my\\ study"]),
    ("run x -p a=0..1 -p b=0..1 -- sh t.sh --a {", ["{a}", "{b}"]),
    ("true; cairn wat", ["watch"]), ("trials nosuch --sort ", []), ("nosuch ", []),
    ("--store nowhere trials ", []),
  ])
  func `names are those of the commands and of the store that the line means`(
    line: String, words: [String]
  ) throws {
    #expect(try answer("cairn \(line)") == ["words"] + words)
  }

  @Test(arguments: [
    ("run x --space ", "files\t"), ("run x --space=a", "files\t--space="),
    ("--store ", "directories\t"),
    ("run x -- python3 tr", "command"), ("trials fit > ", "files"), ("import ", "files\t"),
  ])
  func `where paths or another program's words stand, the shell is told so`(
    line: String, kind: String
  ) throws {
    #expect(try answer("cairn \(line)") == [kind])
  }

  @Test func `a store that cannot be read has no names, and says nothing`() throws {
    try place.write(".cairn/FORMAT", "no store\n")
    let outcome = try place.run("cairn completions bash -- 'cairn trials '")
    #expect(outcome.status == 0)
    #expect(outcome.output == "words\n")
    #expect(outcome.errors == "")
  }

  /// The words for a line of bash, without what they are.
  private func answer(_ line: String) throws -> [String] {
    let quoted = "'" + line.replacing("'", with: #"'\''"#) + "'"
    let outcome = try place.run("cairn completions bash -- \(quoted) '=:'")
    #expect(outcome.errors == "")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    guard lines.first == "words" else { return lines }
    return lines.map { String($0.prefix { $0 != "\t" }) }
  }

  // MARK: In the shells

  private static let typed = [
    ("cairn tri", "cairn trials"),
    ("cairn --store .cairn trials fi", "cairn --store .cairn trials fit"),
    ("cairn trials my", #"cairn trials my\ study"#), ("cairn show fi", "cairn show fit"),
    ("cairn trials fit --sort=mo", "cairn trials fit --sort=momentum"),
    (
      #"cairn trials fit --where "lr < 1 and mo"#,
      #"cairn trials fit --where "lr < 1 and momentum""#
    ),
    ("cairn run x --space a", #"cairn run x --space a\ space.yaml"#),
    ("cairn run x --space=a", #"cairn run x --space=a\ space.yaml"#),
    ("cairn run x -- python3 tr", "cairn run x -- python3 train.py"),
  ]

  @Test(.enabled("bash is not installed") { Shell.bash.isInstalled })
  func `bash puts them in`() throws { try type(in: .bash) }

  @Test(.enabled("zsh is not installed") { Shell.zsh.isInstalled })
  func `zsh puts them in`() throws { try type(in: .zsh) }

  @Test(.enabled("fish is not installed") { Shell.fish.isInstalled })
  func `fish puts them in`() throws { try type(in: .fish) }

  /// Types each line and Tab at a prompt, and looks at what stands there then.
  private func type(in shell: Shell) throws {
    let keys = Self.typed.map { $0.0 + "\t\u{7}" }.joined() + "exit\n"
    try place.write("keys", keys)
    try place.write(shell == .zsh ? ".zshrc" : "setup", shell.setup)
    let outcome = try place.run(
      "env TERM=xterm script -qec '\(shell.command)' /dev/null < keys > screen")
    let lines = try place.exists("lines") ? place.read("lines") : ""
    let expected = Self.typed.map(\.1)
    let found = lines.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let screen = try place.read("screen")
    #expect(found == expected, "\(outcome.errors) \(screen)")
  }

  private enum Shell {
    case bash, zsh, fish

    var isInstalled: Bool {
      ["/bin", "/usr/bin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(self)")
      }
    }

    var command: String {
      switch self {
      case .bash: "bash --noprofile --rcfile setup -i"
      case .zsh: "ZDOTDIR=. zsh -d -i"
      case .fish: "fish --no-config --init-command \"source setup\" -i"
      }
    }

    /// Ctrl-G writes down what stands at the prompt, and takes it away.
    var setup: String {
      switch self {
      case .bash:
        """
        source <(cairn completions bash)
        note() { echo "$READLINE_LINE" >>lines; READLINE_LINE=; }
        bind -x '"\\C-g": note'
        """
      case .zsh:
        """
        autoload -Uz compinit && compinit -u -D
        source <(cairn completions zsh)
        note() { print -r -- "$BUFFER" >>lines; BUFFER= }
        zle -N note && bindkey '^G' note
        """
      case .fish:
        """
        cairn completions fish | source
        function note; commandline >>lines; commandline ''; end
        bind \\cg note
        """
      }
    }
  }
}
