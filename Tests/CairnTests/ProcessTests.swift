import Foundation
import TestSupport
import Testing

/// The command line as a process: what it prints where, and how it ends.
struct ProcessTests {
  private struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  private func cairn(_ arguments: String...) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: Binary.cairn)
    process.arguments = arguments
    let output = Pipe.closedOnExec()
    let errors = Pipe.closedOnExec()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  @Test(arguments: [
    ["--help"], ["completions", "bash"], ["completions", "zsh"],
    ["completions", "fish"], ["manual"], ["--version"],
  ])
  func `data goes to standard output and ends with 0`(arguments: [String]) throws {
    let process = try cairn(arguments)
    #expect(process.status == 0)
    #expect(!process.output.isEmpty)
    #expect(process.errors.isEmpty)
  }

  private func cairn(_ arguments: [String]) throws -> Outcome {
    switch arguments.count {
    case 1: try cairn(arguments[0])
    default: try cairn(arguments[0], arguments[1])
    }
  }

  @Test func `wrong usage ends with 2 and says what to try`() throws {
    let process = try cairn("completion", "bash")
    #expect(process.status == 2)
    #expect(process.output.isEmpty)
    #expect(
      process.errors == """
        error: there is no command "completion"
          try: cairn completions
           or: cairn --help

        """)
    #expect(try cairn("completions", "tcsh").status == 2)
  }

  @Test func `a closed pipe ends quietly`() throws {
    let process = Process()
    process.executableURL = URL(filePath: Binary.cairn)
    process.arguments = ["completions", "bash"]
    let output = Pipe.closedOnExec()
    let errors = Pipe.closedOnExec()
    process.standardOutput = output
    process.standardError = errors
    try output.fileHandleForReading.close()
    try process.run()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(complaints.isEmpty)
  }

  @Test func `a full disk is told of`() throws {
    let process = Process()
    process.executableURL = URL(filePath: Binary.cairn)
    process.arguments = ["manual"]
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    let errors = Pipe.closedOnExec()
    process.standardError = errors
    try process.run()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(
      String(decoding: complaints, as: UTF8.self)
        == "error: standard output cannot be written: No space left on device\n")
  }
}
