import ArgumentParser
import Foundation
import StudyEngine
import StudyModel
import StudyStorage

struct CoprocessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coprocess",
    abstract: "Ask, report and tell as JSON lines on standard input and output.",
    discussion: """
      For a program in any language that keeps one process open. A line in, a line out:
        {"op":"ask"}                                    {"trial":7,"attempt":1,"params":{…}}
        {"op":"report","trial":7,"step":3,"value":0.4}  {"prune":false}
        {"op":"tell","trial":7,"value":0.2}             {"ok":true}
      "metrics":{"loss":0.4,"acc":0.8} reports several, "values":[…] tells several objectives; \
      "state":"failed" or "pruned" ends a trial so. A bad line gets {"error":"…"}. Trials that \
      were not told when the input ends wait again.
      """)

  @Argument(help: "The study.") var study: String

  @Option(help: "What an answer promises: default, relaxed or strict.")
  var durability = Durability.standard

  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await WritableStore.use(store, durability: durability) { opened in
      let study = try opened.database.study(named: study).study
      var session = CoprocessSession(opened.database, study, worker: .current)
      let signals = TerminationSignals()
      var input = LineInput(STDIN_FILENO, until: signals.descriptor)
      do {
        try await Self.converse(&session, &input)
      } catch {
        try await session.close()
        throw error
      }
      try await session.close()
      if input.wasInterrupted { throw ExitStatus.interrupted }
    }
  }

  /// Answers line by line; what has arrived together is answered together.
  private static func converse(
    _ session: inout CoprocessSession, _ input: inout LineInput
  ) async throws {
    var output = StandardOutput()
    while let line = try input.next() {
      try output.writeLine(await session.answer(line))
      if !input.hasLine {
        try await session.flush()
        try output.flush()
      }
    }
  }
}
