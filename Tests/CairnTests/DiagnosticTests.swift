import PlainText
import ArgumentParser
import SpaceNotation
import StudyModel
import Testing

@testable import cairn

struct DiagnosticTests {
  @Test func `fact, evidence and what to try stand in their places`() {
    let diagnostic = Diagnostic(
      "trial 0 exited 0 but never reported \"accuracy\"",
      evidence: ["it printed: \"val_acc=0.91\""],
      try: [#"--metric accuracy='val_acc=(\S+)'"#, "printing a line of JSON"])
    #expect(
      diagnostic.text() == """
        error: trial 0 exited 0 but never reported "accuracy"
          it printed: "val_acc=0.91"
          try: --metric accuracy='val_acc=(\\S+)'
           or: printing a line of JSON

        """)
    #expect(
      Diagnostic("odd").text(as: .warning, colored: true) == "\u{1B}[1;33mwarning:\u{1B}[0m odd\n")
  }

  @Test func `notation is shown with a mark`() throws {
    let error = try #require(throws: NotationError.self) {
      try Parameter(notation: "lr=log:1e-1..1e-5")
    }
    #expect(
      Diagnostic(error, option: "-p").text() == """
        error: -p: the lower bound 0.1 is above the upper bound 1e-05
          lr=log:1e-1..1e-5
             ^^^^^^^^^^^^^^
          try: 1e-5..1e-1

        """)
  }

  @Test func `a forgotten terminator is hinted at, for run and only there`() {
    func suggestions(_ arguments: [String]) -> [String] {
      UsageError(
        message: "Unknown option '--lr'",
        fullText: "See 'cairn \(arguments[0]) --help' for more information.",
        arguments: arguments, commands: ["run", "trials"]
      ).diagnostic.suggestions
    }
    #expect(
      suggestions(["run", "digits", "python3", "train.py", "--lr", "{lr}"]) == [
        "-- before the objective's command: cairn run STUDY [options] -- COMMAND…",
        "cairn run --help",
      ])
    #expect(suggestions(["run", "digits", "--lr", "--", "train"]) == ["cairn run --help"])
    #expect(suggestions(["trials", "digits", "--lr"]) == ["cairn trials --help"])
  }

  /// A command shaped as `cairn run` is.
  private struct Objective: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run")

    @OptionGroup var study: StudyOptions
    @OptionGroup var options: RunOptions
    @OptionGroup var store: StoreOptions
    @Argument var name: String
    @Argument(parsing: .postTerminator) var command: [String] = []
  }

  @Test(arguments: [
    ["digits", "python3", "train.py", "--lr", "{lr}"], ["digits", "python3", "train.py"],
    ["digits", "--trials", "3", "./train", "{lr}"],
  ])
  func `every way to forget the terminator is recognised`(arguments: [String]) throws {
    let error = try #require(throws: (any Error).self) { try Objective.parse(arguments) }
    let diagnostic = UsageError(
      message: Objective.message(for: error), fullText: Objective.fullMessage(for: error),
      arguments: ["run"] + arguments, commands: ["run"]
    ).diagnostic
    #expect(diagnostic.suggestions.first?.hasPrefix("-- before") == true)
    #expect(diagnostic.suggestions.last == "run --help")
  }

  @Test func `what stands behind the terminator is the objective's`() throws {
    let run = try Objective.parse([
      "digits", "-p", "lr=0.1..1", "-j", "2", "--", "python3", "-p", "{lr}", "--", "--jobs",
    ])
    #expect(run.command == ["python3", "-p", "{lr}", "--", "--jobs"])
    #expect(run.study.parameters == ["lr=0.1..1"])
    #expect(run.options.jobs == 2)
  }

  @Test func `an unknown command comes with the nearest`() {
    let diagnostic = UsageError(
      message: "Unexpected argument 'trails'", fullText: "", arguments: ["trails"],
      commands: ["run", "trials"]
    ).diagnostic
    #expect(diagnostic.fact == "there is no command \"trails\"")
    #expect(diagnostic.suggestions == ["cairn trials", "cairn --help"])
  }

  @Test func `what a terminal obeys is written out, wherever it came from`() {
    let diagnostic = Diagnostic(
      "the name \u{1B}[2J is bad", evidence: ["it printed:", "\u{7}two\nlines"],
      try: ["cairn show '\u{202E}'"])
    #expect(
      diagnostic.text()
        == """
        error: the name \\x1b[2J is bad
          it printed:
          \\x07two
        lines
          try: cairn show '\\u{202e}'

        """)
  }
}
