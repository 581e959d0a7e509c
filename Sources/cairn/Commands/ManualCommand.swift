import ArgumentParser

struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, for man(1).",
    discussion: "cairn manual | man -l -")

  func run() throws {
    var output = StandardOutput()
    try output.write(ManualPage(dump: Cairn._dumpHelp(), version: Cairn.configuration.version).text)
    try output.flush()
  }
}
