// The README's tour is run, command by command, and must print what the README says.
//
// After a change that is meant to change the output, write it anew:
//
//     CAIRN_RECORD_TOUR=1 tools/test --filter ReadmeTourTests

import Foundation
import TestSupport
import Testing

@Suite struct ReadmeTourTests {
  static let readme = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "README.md")

  @Test(.timeLimit(.minutes(5)))
  func `every command prints what the README says`() async throws {
    let document = try String(contentsOf: Self.readme, encoding: .utf8)
    var tour = Tour(document: document)
    let terminal = try TourTerminal()
    defer { terminal.close() }
    let isRecording = ProcessInfo.processInfo.environment["CAIRN_RECORD_TOUR"] == "1"

    for index in tour.parts.indices {
      switch tour.parts[index] {
      case .text: continue
      case .file(let name, _, let lines): try terminal.save(lines, as: name)
      case .session(var commands):
        for number in commands.indices {
          let printed = try await terminal.type(commands[number].script)
          if isRecording {
            commands[number].output = commands[number].recording(printed)
          } else {
            Self.compare(commands[number], with: printed)
          }
        }
        tour.parts[index] = .session(commands)
      }
    }
    if isRecording {
      try tour.document.write(to: Self.readme, atomically: true, encoding: .utf8)
    }
  }

  private static func compare(_ command: Tour.Command, with printed: [String]) {
    guard !command.agrees(with: printed) else { return }
    Issue.record(
      """
      README.md is wrong about
      $ \(command.script)
      which printed
      \(printed.joined(separator: "\n"))
      and not
      \(command.output.joined(separator: "\n"))
      """)
  }
}

/// A terminal 80 columns wide, standing in a directory of its own.
///
/// Standard output is a terminal, as it is for a reader who tries the tour. Standard error is
/// not, so that `cairn run` writes lines and draws no panel; what it got is shown first.
private struct TourTerminal {
  private let directory: URL
  private let errors: URL
  private let script: URL

  init() throws {
    let top = FileManager.default.temporaryDirectory
      .appending(path: "cairn-tour-\(UUID().uuidString)")
    directory = top.appending(path: "tour")
    errors = top.appending(path: "errors")
    script = top.appending(path: "command")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  func close() {
    // A directory in /tmp that stays behind is no failure of the tour.
    try? FileManager.default.removeItem(at: directory.deletingLastPathComponent())
  }

  func save(_ lines: [String], as name: String) throws {
    let text = lines.joined(separator: "\n") + "\n"
    try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
  }

  /// Runs `command` in bash and returns the lines that it printed.
  func type(_ command: String) async throws -> [String] {
    let setting = "cd '\(directory.path)' && stty cols 80 rows 40\n"
    try (setting + command + "\n").write(to: script, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "script", "--quiet", "--return", "--command",
      "bash '\(script.path)' 2>'\(errors.path)'", "/dev/null",
    ]
    process.environment = try Self.environment()
    let printed = Pipe.closedOnExec()
    process.standardOutput = printed
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = String(
      decoding: printed.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self
    ).replacing("\r\n", with: "\n")
    process.waitUntilExit()
    let text = try String(contentsOf: errors, encoding: .utf8) + output
    // A file system may know the directory by another name as well.
    let lines = text.replacing(directory.path, with: "/tmp/tour").split(
      separator: "\n", omittingEmptySubsequences: false)
    return (lines.last?.isEmpty == true ? lines.dropLast() : lines).map(String.init)
  }

  private static func environment() throws -> [String: String] {
    let binaries = URL(
      filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    ).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    var environment = ProcessInfo.processInfo.environment
    environment["CAIRN_STORE"] = nil
    return environment.merging([
      "PATH": "\(binaries):\(path)", "NO_COLOR": "1", "TERM": "xterm", "TZ": "UTC",
      "LC_ALL": "C.UTF-8", "SHELL": "/bin/bash",
    ]) { $1 }
  }
}
