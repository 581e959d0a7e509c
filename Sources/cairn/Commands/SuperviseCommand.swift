import Supervision
import ArgumentParser

/// What `cairn run` starts for each attempt. Not for people: it speaks in frames.
struct SuperviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supervise",
    abstract: "Run one objective by orders on standard input.", shouldDisplay: false)

  func run() throws {
    throw ExitCode(Supervisor.run())
  }
}
