import Foundation
import Testing

/// A directory of its own in which a test runs `cairn` on scripts.
final class Workplace {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String

    /// The lines on standard error.
    var lines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "cairn-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: directory.appending(path: name))
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: directory.appending(path: name), encoding: .utf8)
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: directory.appending(path: name).path)
  }

  /// A shell command line in which `cairn` is the program under test, started in the directory.
  func start(_ line: String) throws -> Running {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec \(line)"]
    process.currentDirectoryURL = directory
    var environment = ProcessInfo.processInfo.environment
    let programs = URL(filePath: Binary.cairn).deletingLastPathComponent().path
    environment["PATH"] = "\(programs):\(environment["PATH"] ?? "/usr/bin:/bin")"
    environment["CAIRN_STORE"] = nil
    process.environment = environment
    return try Running(process)
  }

  @discardableResult
  func run(_ line: String) throws -> Outcome { try start(line).finish() }

  /// A process under way, with what it prints going to files.
  final class Running {
    let process: Process
    private let output: URL
    private let errors: URL

    fileprivate init(_ process: Process) throws {
      self.process = process
      let base = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      output = base.appendingPathExtension("out")
      errors = base.appendingPathExtension("err")
      for file in [output, errors] { try Data().write(to: file) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    deinit {
      for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for `condition`, which something that is under way will bring about.
    func wait(_ what: String, until condition: () throws -> Bool) throws {
      let end = Date(timeIntervalSinceNow: 30)
      while try !condition() {
        guard Date() < end, process.isRunning else {
          throw Missed(what: what, errors: try String(contentsOf: errors, encoding: .utf8))
        }
        Thread.sleep(forTimeInterval: 0.01)
      }
    }

    func finish() throws -> Outcome {
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus,
        output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }

  struct Missed: Error {
    let what: String
    let errors: String
  }
}
