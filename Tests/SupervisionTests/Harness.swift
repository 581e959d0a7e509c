import Machine
@testable import Supervision
import Foundation
import StudyModel
import Synchronization
import Testing

/// What tests need to run real objectives.
enum Harness {
  /// The `cairn` that was built with these tests.
  static let cairn: String = {
    // The test bundle is an executable in the build directory, or in a folder there.
    var directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appending(path: "cairn").path
      let attributes = try? FileManager.default.attributesOfItem(atPath: candidate)
      if attributes?[.type] as? FileAttributeType == .typeRegular { return candidate }
      directory.deleteLastPathComponent()
    }
    preconditionFailure("there is no cairn beside \(CommandLine.arguments[0])")
  }()

  static let runner = ObjectiveRunner(supervisor: [cairn, "supervise"])

  static func launch(_ arguments: [String]) -> ObjectiveLaunch {
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONUNBUFFERED"] = "1"
    var launch = ObjectiveLaunch(
      arguments: arguments, environment: environment, workingDirectory: "/tmp",
      mark: "test-" + UUID().uuidString)
    launch.graceSeconds = 20
    return launch
  }

  static func shell(_ script: String) -> ObjectiveLaunch { launch(["/bin/sh", "-c", script]) }

  static let hasPython =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
    || (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/python3")
    }

  /// Polls until `condition` holds; false after a generous time.
  static func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<3000 {
      if condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return condition()
  }
}

/// What one run said, and how it ended.
final class Recording: Sendable {
  struct Said {
    var identity: ProcessIdentity?
    var output: [UInt8] = []
    var error: [UInt8] = []
  }

  private let state = Mutex(Said())
  let control = ObjectiveControl()

  var said: Said { state.withLock { $0 } }
  var output: String { String(decoding: said.output, as: UTF8.self) }
  var error: String { String(decoding: said.error, as: UTF8.self) }

  /// Runs `launch`; `react` sees all of the standard output so far after each piece of it.
  func run(
    _ launch: ObjectiveLaunch, under runner: ObjectiveRunner = Harness.runner,
    react: @escaping @Sendable (String, Recording) async throws -> Void = { _, _ in }
  ) async throws -> ObjectiveEnd {
    try await runner.run(launch, control: control) { event in
      self.state.withLock { said in
        switch event {
        case .started(let identity): said.identity = identity
        case .output(.standardOutput, let bytes): said.output += bytes
        case .output(.standardError, let bytes): said.error += bytes
        }
      }
      try await react(self.output, self)
    }
  }
}
