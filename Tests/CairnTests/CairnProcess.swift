// Running the program as its users do.

import Foundation

/// How a run of the program ended, and what it printed where.
struct CairnProcess {
  let status: Int32
  let output: String
  let errors: String

  var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }

  /// Built beside the tests.
  static let executable = URL(filePath: Binary.cairn)

  /// Runs `cairn` with `arguments` in `directory`; no store is inherited.
  init(
    _ arguments: [String], in directory: URL, input: String = "",
    environment: [String: String] = [:]
  ) throws {
    try self.init(Self.executable, arguments, in: directory, input, environment)
  }

  /// Runs a line of bash, in which `cairn` is the program.
  init(shell line: String, in directory: URL) throws {
    let prefix = "cairn() { '\(Self.executable.path)' \"$@\"; }\n"
    try self.init(
      URL(fileURLWithPath: "/bin/bash"), ["-c", prefix + line], in: directory, "", [:])
  }

  private init(
    _ executable: URL, _ arguments: [String], in directory: URL, _ input: String,
    _ additions: [String: String]
  ) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    var environment = ProcessInfo.processInfo.environment
    environment["CAIRN_STORE"] = nil
    environment.merge(additions) { $1 }
    process.environment = environment
    let files = try ["in", "out", "err"].map { name in
      let url = FileManager.default.temporaryDirectory
        .appendingPathComponent("cairn-\(UUID().uuidString).\(name)")
      try Data((name == "in" ? input : "").utf8).write(to: url)
      return url
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: files[1], encoding: .utf8)
    errors = try String(contentsOf: files[2], encoding: .utf8)
  }
}
