// Runs the command that the arguments name and decides how the process ends: every error is
// printed, and given its exit status, here and nowhere else.

import ArgumentParser
import Foundation
import StudySQL

enum Launcher {
  /// On the main thread, where what needs no other is done without starting one.
  @MainActor
  static func launch(_ arguments: [String]) async -> ExitStatus {
    // A write to a closed pipe shall fail, not kill. A handler, unlike "ignore", is not
    // inherited by the processes that are started.
    signal(SIGPIPE) { _ in }
    InheritedSignals.unblockTermination()
    let arguments = GlobalOptions.behindCommand(arguments)
    if let text = HelpTopic.text(for: arguments) { return printHelp(text) }
    do {
      var command = try Cairn.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      return end(with: error, arguments)
    }
  }

  private static func end(with error: any Error, _ arguments: [String]) -> ExitStatus {
    switch error {
    case let status as ExitStatus: return status
    case OutputError.closedPipe: return .success
    case is CancellationError, QueryError.interrupted: return .interrupted
    case let exit as ExitCode: return exit.isSuccess ? .success : .failure
    default: break
    }
    switch Cairn.exitCode(for: error) {
    case .success: return printHelp(Cairn.fullMessage(for: error))
    case .validationFailure:
      let diagnostic = UsageError(
        message: Cairn.message(for: error), fullText: Cairn.fullMessage(for: error),
        arguments: arguments,
        commands: Cairn.configuration.subcommands.map { $0._commandName }
      ).diagnostic
      diagnostic.print()
      return diagnostic.status
    default:
      let diagnostic = Diagnostic(describing: error)
      diagnostic.print()
      return diagnostic.status
    }
  }

  private static func printHelp(_ text: String) -> ExitStatus {
    var output = StandardOutput()
    do throws(OutputError) {
      try output.writeLine(text)
      try output.flush()
      return .success
    } catch {
      if case .closedPipe = error { return .success }
      Diagnostic(describing: error).print()
      return .failure
    }
  }
}
