import Machine
@testable import Supervision
import Foundation
import StudyModel
import TestSupport
import Testing

/// Nothing of an objective may outlive its end, whatever it tried.
@Suite(.timeLimit(.minutes(2))) struct ProcessTreeTests {
  /// Starts a process that is in no group and no session of the objective, and whose parent is
  /// gone; prints its number.
  static let daemon = "setsid sh -c 'trap \"\" TERM HUP; (echo $$; exec sleep 600) &'"

  @Test func `a background process that is left is ended`() async throws {
    let recording = Recording()
    let end = try await recording.run(Harness.shell("sleep 600 & echo $!; exit 3"))
    #expect(end.cause == .exited(status: 3))
    let process = try #require(Int32(recording.output.split(separator: "\n")[0]))
    #expect(!ProcessTable.isAlive(process))
    // The half second of quiet, not the grace.
    #expect(end.usage.wallSeconds < 5)
  }

  @Test func `the far end of a pipeline may finish`() async throws {
    let recording = Recording()
    let end = try await recording.run(
      Harness.shell("(i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo last) & exit 0"))
    #expect(end.cause == .exited(status: 0))
    #expect(recording.output == "last\n")
  }

  @Test func `daemons in sessions of their own are ended with the rest`() async throws {
    var launch = Harness.shell("\(Self.daemon); \(Self.daemon); sleep 0.05; echo ready; sleep 600")
    launch.graceSeconds = 0.2
    let recording = Recording()
    let end = try await recording.run(launch) { output, recording in
      if output.hasSuffix("ready\n") { recording.control.stop(grace: 0.1) }
    }
    #expect(end.cause == .stopped)
    #expect(end.survivors == 0)
    #expect(ObjectiveLaunch.processes(marked: launch.mark).isEmpty)
  }

  @Test(.enabled(if: Harness.hasPython))
  func `a double fork in a new session without the mark is ended`() async throws {
    let launch = Harness.launch([
      "python3", "-c",
      """
      import os, signal, time
      if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
          os.execve("/bin/sh", ["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 1; done"], {})
        os._exit(0)
      os.wait()
      time.sleep(600)
      """,
    ])
    let recording = Recording()
    let end = try await recording.run(launch) { output, recording in
      if output.hasSuffix("\n") { recording.control.stop(grace: 0.1) }
    }
    #expect(end.cause == .stopped)
    let process = try #require(Int32(recording.output.dropLast()))
    #expect(!ProcessTable.isAlive(process))
  }

  @Test(.enabled(if: Harness.hasPython))
  func `a memory hog is killed and its peak recorded`() async throws {
    var launch = Harness.launch([
      "python3", "-c",
      "import time\nhoard = []\nwhile True:\n  hoard.append(bytearray(b'x') * 5_000_000)\n  time.sleep(0.005)",
    ])
    launch.memoryLimit = 150 << 20
    let end = try await Recording().run(launch)
    guard case .outOfMemory(let resident, let limit) = end.cause else {
      Issue.record("\(end.cause)")
      return
    }
    #expect(limit == 150 << 20)
    #expect(resident > limit)
    #expect(end.usage.peakResidentBytes >= resident)
    #expect(end.exitStatus == -SIGKILL)
  }

  @Test(.enabled(if: Harness.hasPython))
  func `shared pages of forked workers count once`() async throws {
    // Four processes that share 60 MB: 300 MB resident, some 70 MB in truth.
    let script = """
      import os, sys, time
      ballast = bytearray(b'x') * 60_000_000
      workers = []
      for _ in range(4):
        worker = os.fork()
        if worker == 0:
          time.sleep(600)
        workers.append(worker)
      print("ready")
      time.sleep(1)
      for worker in workers:
        os.kill(worker, 9)
      """
    var launch = Harness.launch(["python3", "-c", script])
    launch.memoryLimit = 150 << 20
    let end = try await Recording().run(launch)
    #expect(end.cause == .exited(status: 0))
    #expect(end.usage.peakResidentBytes > 60_000_000)
    #expect(end.usage.peakResidentBytes < 150 << 20)
  }

  @Test(.enabled(if: Harness.hasPython))
  func `the peak of a short trial is that of its largest process`() async throws {
    let end = try await Recording().run(
      Harness.launch(["python3", "-c", "b = bytearray(b'x') * 80_000_000"]))
    #expect(end.usage.peakResidentBytes > 80_000_000)
    #expect(end.usage.peakResidentBytes < 200_000_000)
  }

  @Test func `a closed pipe ends everything`() async throws {
    // What the kernel does for a tool that is killed, done by hand.
    let launch = Harness.shell("\(Self.daemon); trap '' TERM; sleep 0.05; echo ready; sleep 600")
    let supervisor = Process()
    supervisor.executableURL = URL(filePath: Harness.cairn)
    supervisor.arguments = ["supervise"]
    let orders = Pipe.closedOnExec()
    let answers = Pipe.closedOnExec()
    supervisor.standardInput = orders
    supervisor.standardOutput = answers
    try supervisor.run()
    var short = launch
    short.graceSeconds = 0.1
    try orders.fileHandleForWriting.write(contentsOf: SupervisorOrder.launch(short).frame)
    var frames = FrameBuffer(limit: SupervisorMessage.frameLimit)
    var output: [UInt8] = []
    while !output.ends(with: Array("ready\n".utf8)) {
      frames.append(answers.fileHandleForReading.availableData)
      while let frame = try frames.next() {
        if case .output(_, let bytes) = try SupervisorMessage(decoding: frame) { output += bytes }
      }
    }
    #expect(await Harness.eventually { ObjectiveLaunch.processes(marked: launch.mark).count >= 3 })
    try orders.fileHandleForWriting.close()
    // Foundation would end the test process if it were asked how a running one ended.
    try #require(await Harness.eventually { !supervisor.isRunning })
    #expect(supervisor.terminationStatus == 0)
    #expect(ObjectiveLaunch.processes(marked: launch.mark).isEmpty)
  }

  @Test func `what a killed supervisor leaves is found and ended`() async throws {
    let launch = Harness.shell(
      "\(Self.daemon); sh -c 'sleep 600' & sleep 0.05; echo ready; sleep 600")
    let recording = Recording()
    let end = try await recording.run(launch) { output, recording in
      guard output.hasSuffix("ready\n"), let group = recording.said.identity?.processGroup,
        let supervisor = ProcessTable.entry(of: group)?.parent
      else { return }
      kill(supervisor, SIGKILL)
    }
    guard case .lost = end.cause else {
      Issue.record("\(end.cause)")
      return
    }
    #expect(end.survivors == 0)
    #expect(ObjectiveLaunch.processes(marked: launch.mark).isEmpty)
  }

  @Test func `an orphan is ended by group or mark, a stranger never`() async throws {
    func sleeper(_ mark: String?) throws -> Process {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sleep")  // leads a group of its own
      process.arguments = ["600"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      var environment = ProcessInfo.processInfo.environment
      environment[ObjectiveLaunch.markVariable] = mark
      process.environment = environment
      try process.run()
      return process
    }
    let mark = "orphan-\(UUID().uuidString)"
    let orphan = try sleeper(mark)
    let stranger = try sleeper(mark + "0")
    defer {
      for process in [orphan, stranger] where process.isRunning {
        kill(process.processIdentifier, SIGKILL)
      }
    }
    #expect(
      await Harness.eventually {
        ObjectiveLaunch.processes(marked: mark).count == 1
          && ObjectiveLaunch.processes(marked: mark + "0").count == 1
      })
    let identity = try #require(ProcessIdentity(ofProcess: stranger.processIdentifier))

    // The stranger has the number, but began at another time: it is a reused number.
    let reused = ProcessIdentity(
      host: identity.host, bootID: identity.bootID, processGroup: identity.processGroup,
      startTicks: identity.startTicks - 1)
    #expect(await OrphanSweep.endOrphans(of: reused, mark: mark, grace: 0.1) == .ended(1))
    #expect(await Harness.eventually { !orphan.isRunning })
    #expect(stranger.isRunning)

    let rebooted = ProcessIdentity(
      host: identity.host, bootID: "another", processGroup: identity.processGroup,
      startTicks: identity.startTicks)
    #expect(await OrphanSweep.endOrphans(of: rebooted, mark: mark, grace: 0.1) == .ended(0))
    let moved = ProcessIdentity(
      host: "elsewhere", bootID: identity.bootID, processGroup: identity.processGroup,
      startTicks: identity.startTicks)
    #expect(
      await OrphanSweep.endOrphans(of: moved, mark: mark) == .elsewhere(host: "elsewhere"))
    #expect(stranger.isRunning)

    #expect(await OrphanSweep.endOrphans(of: identity, mark: mark, grace: 1) == .ended(1))
    #expect(await Harness.eventually { !stranger.isRunning })
  }

  @Test func `an orphan is killed before it is given up, however late this comes to it`()
    async throws
  {
    // No patience at all, as on a machine that was busy all the while; it is deaf to SIGTERM.
    let mark = "late-\(UUID().uuidString)"
    let orphan = Process()
    orphan.executableURL = URL(filePath: "/bin/sh")
    orphan.arguments = ["-c", "trap '' TERM; while :; do sleep 0.01; done"]
    orphan.environment = ProcessInfo.processInfo.environment.merging(
      [ObjectiveLaunch.markVariable: mark]) { $1 }
    try orphan.run()
    defer { if orphan.isRunning { kill(orphan.processIdentifier, SIGKILL) } }
    #expect(await Harness.eventually { !ObjectiveLaunch.processes(marked: mark).isEmpty })
    let swept = await OrphanSweep.endOrphans(of: nil, mark: mark, grace: 0, patience: 0)
    guard case .ended(let count) = swept else {
      Issue.record("\(swept)")
      return
    }
    #expect(count >= 1)
    #expect(await Harness.eventually { !orphan.isRunning })
  }

  @Test func `what a living tool runs is no orphan, until the tool is dead`() async throws {
    func sleeper(_ additions: [String: String]) throws -> Process {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sleep")
      process.arguments = ["600"]
      process.environment = ProcessInfo.processInfo.environment.merging(additions) { $1 }
      try process.run()
      return process
    }
    let tool = try sleeper([:])
    let began = try #require(ProcessTable.entry(of: tool.processIdentifier)?.startTicks)
    let mark = "owned-\(UUID().uuidString)"
    let objective = try sleeper([
      ObjectiveLaunch.markVariable: mark,
      ObjectiveLaunch.ownerVariable:
        "\(ProcessTable.bootID)/\(tool.processIdentifier)/\(began)",
    ])
    defer {
      for process in [tool, objective] where process.isRunning {
        kill(process.processIdentifier, SIGKILL)
      }
    }
    #expect(
      await Harness.eventually { ObjectiveLaunch.processes(marked: mark).count == 1 })
    let identity = ProcessIdentity(ofProcess: objective.processIdentifier)

    #expect(
      await OrphanSweep.endOrphans(of: identity, mark: mark) == .owned(by: tool.processIdentifier))
    #expect(
      await OrphanSweep.endOrphans(of: nil, mark: mark) == .owned(by: tool.processIdentifier))
    #expect(objective.isRunning)
    // It has SIGTERM blocked, as the thread of the test has that started it.
    kill(tool.processIdentifier, SIGKILL)
    #expect(await Harness.eventually { !tool.isRunning })
    #expect(await OrphanSweep.endOrphans(of: identity, mark: mark, grace: 1) == .ended(1))
    #expect(await Harness.eventually { !objective.isRunning })
  }
}

extension [UInt8] {
  func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}
