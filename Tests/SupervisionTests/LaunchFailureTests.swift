@testable import Supervision
import Foundation
import StudyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct LaunchFailureTests {
  private static func failure(
    _ arguments: [String], in directory: String = "/tmp"
  ) async throws -> LaunchFailure? {
    var launch = Harness.launch(arguments)
    launch.workingDirectory = directory
    let recording = Recording()
    let end = try await recording.run(launch)
    #expect(recording.said.identity == nil)
    #expect(end.exitStatus == nil)
    guard case .launchFailed(let failure) = end.cause else { return nil }
    return failure
  }

  /// A file in a directory that is removed with the returned owner.
  private static func withFile(
    _ contents: String, mode: Int, _ body: (String) async throws -> Void
  ) async throws {
    let directory = "/tmp/cairn-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try writeProgram(contents, to: directory + "/train.sh", mode: mode)
    try await body(directory)
  }

  @Test func `a program that is nowhere in PATH`() async throws {
    let failure = try await Self.failure(["no-such-program-7", "x"])
    #expect(failure?.errorNumber == ENOENT)
    #expect(failure?.description == "there is no program \"no-such-program-7\" in PATH")
  }

  @Test func `a file that is not there`() async throws {
    let failure = try await Self.failure(["./nothing/train.py"])
    #expect(failure?.description == "there is no file /tmp/./nothing/train.py")
  }

  @Test func `a working directory that is not there`() async throws {
    let failure = try await Self.failure(["true"], in: "/tmp/nowhere-7")
    #expect(failure?.description.contains("working directory /tmp/nowhere-7") == true)
  }

  @Test func `an empty command`() async throws {
    #expect(try await Self.failure([])?.description == "the command is empty")
  }

  @Test func `a file that is not executable`() async throws {
    try await Self.withFile("#!/bin/sh\n", mode: 0o644) { directory in
      let failure = try await Self.failure(["./train.sh"], in: directory)
      #expect(failure?.errorNumber == EACCES)
      #expect(failure?.description.contains("chmod +x \(directory)/./train.sh") == true)
      let bare = try await Self.failure(["train.sh"], in: directory)
      #expect(bare?.description.contains("./train.sh") == true)
    }
  }

  @Test func `an interpreter that is not there`() async throws {
    try await Self.withFile("#!/usr/bin/pyhton\n", mode: 0o755) { directory in
      let failure = try await Self.failure(["./train.sh"], in: directory)
      #expect(failure?.description.contains("#!/usr/bin/pyhton") == true)
    }
  }

  @Test func `a text without a first line that names an interpreter`() async throws {
    try await Self.withFile("echo hello\n", mode: 0o755) { directory in
      let failure = try await Self.failure(["./train.sh"], in: directory)
      #expect(failure?.errorNumber == ENOEXEC)
      #expect(failure?.description.contains("sh ./train.sh") == true)
    }
  }

  @Test func `a relative program is looked for in the working directory`() async throws {
    try await Self.withFile("#!/bin/sh\npwd\n", mode: 0o755) { directory in
      var launch = Harness.launch(["./train.sh"])
      launch.workingDirectory = directory
      let recording = Recording()
      let end = try await recording.run(launch)
      #expect(end.cause == .exited(status: 0))
      #expect(recording.output == directory + "\n")
    }
  }
}
