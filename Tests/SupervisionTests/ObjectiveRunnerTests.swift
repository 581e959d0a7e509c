import PlainText
@testable import Supervision
import Foundation
import Machine
import StudyModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct ObjectiveRunnerTests {
  @Test(arguments: [0, 1, 3, 255])
  func `the exit status is reported`(status: Int32) async throws {
    let end = try await Recording().run(Harness.shell("exit \(status)"))
    #expect(end.cause == .exited(status: status))
    #expect(end.exitStatus == status)
    #expect(end.survivors == 0)
  }

  @Test(arguments: [SIGKILL, SIGSEGV, SIGABRT, SIGTERM])
  func `a signal that nobody of ours sent is reported`(signal: Int32) async throws {
    let end = try await Recording().run(Harness.shell("kill -\(signal) $$; sleep 60"))
    #expect(end.cause == .signalled(signal))
    #expect(end.exitStatus == -signal)
  }

  @Test func `both outputs arrive, also without a last newline`() async throws {
    let recording = Recording()
    let end = try await recording.run(Harness.shell("printf one; printf two >&2; printf ' three'"))
    #expect(end.cause == .exited(status: 0))
    #expect(recording.output == "one three")
    #expect(recording.error == "two")
  }

  @Test func `64 MB of output arrive whole, by a supervisor that stays small`() async throws {
    let peak = Mutex<Int64>(0)
    let count = Mutex(0)
    let recording = Recording()
    let end = try await Harness.runner.run(
      Harness.shell("head -c 64000000 /dev/zero | tr '\\0' x; echo; echo end >&2")
    ) { event in
      switch event {
      case .started(let identity):
        let supervisor = ProcessTable.entry(of: identity.processGroup)?.parent ?? 0
        recording.supervisor.withLock { $0 = supervisor }
      case .output(.standardOutput, let bytes):
        #expect(bytes.dropLast().allSatisfy { $0 == UInt8(ascii: "x") })
        count.withLock { $0 += bytes.count }
        let size = ProcessTable.peakResidentBytes(of: recording.supervisor.withLock { $0 }) ?? 0
        peak.withLock { $0 = max($0, size) }
      case .output(.standardError, let bytes): #expect(bytes == Array("end\n".utf8))
      }
    }
    #expect(end.cause == .exited(status: 0))
    #expect(count.withLock { $0 } == 64_000_001)
    #expect(peak.withLock { $0 } > 0 && peak.withLock { $0 } < 20 << 20)
  }

  @Test func `a supervisor sleeps while the tool takes nothing`() async throws {
    // More than the socket and the backlog hold, so that something is left to be told; then the
    // objective ends.
    let end = try await Recording().run(Harness.shell("head -c 400000 /dev/zero; sleep 0.05")) {
      _, recording in
      guard let group = recording.said.identity?.processGroup,
        let supervisor = ProcessTable.entry(of: group)?.parent, recording.said.output.count > 0,
        recording.said.output.count < 100_000
      else { return }
      #expect(await Harness.eventually { !ProcessTable.isAlive(group) })
      let before = Self.ticks(of: supervisor)
      try await Task.sleep(for: .seconds(0.5))
      // A loop without a pause would use 50.
      #expect(Self.ticks(of: supervisor) - before < 10)
    }
    #expect(end.cause == .exited(status: 0))
  }

  /// Hundredths of a second of CPU.
  private static func ticks(of process: Int32) -> Int {
    let stat = String(decoding: KernelFile.read("/proc/\(process)/stat") ?? [], as: UTF8.self)
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
  }

  @Test func `an objective waits for a tool that does not read`() async throws {
    // Far more than the pipes and the supervisor hold: were it not held back, it would end.
    let recording = Recording()
    let marker = "/tmp/cairn-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: marker) }
    let end = try await recording.run(
      Harness.shell("head -c 8000000 /dev/zero; touch \(marker)")
    ) { _, recording in
      if recording.said.output.count < 100_000, recording.said.output.count > 0 {
        try await Task.sleep(for: .milliseconds(200))
        #expect(!FileManager.default.fileExists(atPath: marker))
      }
    }
    #expect(end.cause == .exited(status: 0))
    #expect(recording.said.output.count == 8_000_000)
    #expect(FileManager.default.fileExists(atPath: marker))
  }

  @Test func `arguments, environment and directory arrive as they are`() async throws {
    var launch = Harness.launch([
      "/bin/sh", "-c", "printf '%s|' \"$@\"; printf '%s|' \"$X\"; pwd; ulimit -n >/dev/null; cat",
      "sh", "a b", "", "naïve \"quoted\" $HOME", "-n",
    ])
    launch.environment["X"] = "1=2\n3"
    launch.workingDirectory = "/"
    let recording = Recording()
    let end = try await recording.run(launch)
    #expect(end.cause == .exited(status: 0))
    #expect(recording.output == "a b||naïve \"quoted\" $HOME|-n|1=2\n3|/\n")
  }

  @Test func `no descriptor, blocked or ignored signal leaks into the objective`() async throws {
    let recording = Recording()
    _ = try await recording.run(
      Harness.shell("ls /proc/self/fd; grep -E 'SigBlk|SigIgn' /proc/self/status"))
    let lines = recording.output.split(separator: "\n").map(String.init)
    // ls itself holds the directory open as its descriptor 3.
    #expect(lines.prefix(4) == ["0", "1", "2", "3"])
    #expect(lines.dropFirst(4).allSatisfy { $0.hasSuffix("\t0000000000000000") }, "\(lines)")
    #expect(lines.count == 6)
  }

  @Test func `the identity names the process that runs`() async throws {
    let recording = Recording()
    _ = try await recording.run(Harness.shell("echo $$; cut -d' ' -f22 /proc/$$/stat"))
    let lines = recording.output.split(separator: "\n")
    let identity = try #require(recording.said.identity)
    #expect(String(identity.processGroup) == lines[0])
    #expect(String(identity.startTicks) == lines[1])
    #expect(identity.bootID == ProcessIdentity.currentBootID)
    #expect(!identity.bootID.isEmpty && !identity.host.isEmpty)
  }

  @Test func `an objective that runs out of time is asked, then killed`() async throws {
    var launch = Harness.shell("trap 'echo asked; exit 7' TERM; while :; do sleep 0.01; done")
    launch.timeoutSeconds = 1
    let polite = Recording()
    var end = try await polite.run(launch)
    #expect(end.cause == .timedOut(afterSeconds: 1))
    #expect(end.exitStatus == 7)
    #expect(polite.output == "asked\n")
    #expect(end.usage.wallSeconds >= 1)

    launch = Harness.shell("trap '' TERM; while :; do sleep 0.01; done")
    launch.timeoutSeconds = 0.1
    launch.graceSeconds = 0.2
    end = try await Recording().run(launch)
    #expect(end.cause == .timedOut(afterSeconds: 0.1))
    #expect(end.exitStatus == -SIGKILL)
  }

  @Test func `stop asks, stop with no grace kills`() async throws {
    let polite = Recording()
    var end = try await polite.run(
      Harness.shell("trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
    ) { output, recording in
      if output == "ready\n" { recording.control.stop(grace: 60) }
    }
    #expect(end.cause == .stopped)
    #expect(end.exitStatus == 0)
    #expect(polite.output == "ready\nsaved\n")

    end = try await Recording().run(
      Harness.shell("trap '' TERM; echo ready; while :; do sleep 0.01; done")
    ) { output, recording in
      if output == "ready\n" {
        recording.control.stop(grace: 600)
        recording.control.stop(grace: 0)
      }
    }
    #expect(end.cause == .stopped)
    #expect(end.exitStatus == -SIGKILL)
  }

  @Test func `stop before the start counts`() async throws {
    let recording = Recording()
    recording.control.stop(grace: 0)
    let end = try await recording.run(Harness.shell("sleep 600"))
    #expect(end.cause == .stopped)
  }

  @Test func `a cancelled task ends its objective and hears the end`() async throws {
    let recording = Recording()
    let run = Task { try await recording.run(Harness.shell("echo ready; sleep 600")) }
    #expect(await Harness.eventually { recording.output == "ready\n" })
    run.cancel()
    #expect(try await run.value.cause == .stopped)
  }

  @Test func `what the handler throws ends the objective`() async throws {
    struct Refused: Error {}
    await #expect(throws: Refused.self) {
      _ = try await Recording().run(Harness.shell("echo ready; sleep 600")) { output, _ in
        if output == "ready\n" { throw Refused() }
      }
    }
  }

  @Test func `sixty-four at once`() async throws {
    try await withThrowingTaskGroup(of: (Int, ObjectiveEnd, String).self) { group in
      for number in 0..<64 {
        group.addTask {
          let recording = Recording()
          let end = try await recording.run(Harness.shell("echo \(number); exit \(number)"))
          return (number, end, recording.output)
        }
      }
      for try await (number, end, output) in group {
        #expect(end.cause == .exited(status: Int32(number)))
        #expect(output == "\(number)\n")
      }
    }
  }

  @Test func `CPU time includes descendants`() async throws {
    let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    let end = try await Recording().run(Harness.shell("sh -c '\(burn)'; (\(burn)) & wait"))
    #expect(end.usage.cpuSeconds > 0.1)
    #expect(end.usage.cpuSeconds < end.usage.wallSeconds * 2 + 0.5)
  }

  @Test func `a supervisor that is no program is an error that names it`() async throws {
    let error = await #expect(throws: ObjectiveRunnerError.self) {
      _ = try await Recording().run(
        Harness.shell("true"), under: ObjectiveRunner(program: "/nowhere/cairn"))
    }
    #expect(error?.description.contains("/nowhere/cairn") == true)
  }

  @Test func `a supervisor that talks nonsense is lost, not believed`() async throws {
    for script in ["exit 0", "echo hello there, this is no frame", "printf '\\377\\377\\377\\377'"]
    {
      let end = try await ObjectiveRunner.supervise(
        Harness.shell("true"), over: Harness.channel(to: script), control: ObjectiveControl(),
        handle: { _ in })
      guard case .lost = end.cause else {
        Issue.record("\(end.cause)")
        continue
      }
    }
  }

  @Test func `a program that is no supervisor's is an error, not a wait`() async throws {
    await #expect(throws: ObjectiveRunnerError.self) {
      _ = try await Recording().run(
        Harness.shell("true"), under: ObjectiveRunner(program: "/bin/true"))
    }
    // Nothing of it remains: whoever waits for any child of ours would find it for ever.
    #expect(await Harness.eventually { !Self.hasChild("(true) Z \(getpid()) ") })
  }

  /// Whether a process has this in its /proc/PID/stat.
  private static func hasChild(_ stat: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { process in
      guard Int(process) != nil else { return false }
      let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      return text.contains(stat)
    }
  }

  @Test func `a server that was killed is replaced, and its supervisors go on`() async throws {
    let runner = ObjectiveRunner(program: Harness.cairn)
    let first = Recording()
    let end = try await first.run(Harness.shell("echo ready; read x; echo never"), under: runner) {
      output, recording in
      guard output == "ready\n", let group = recording.said.identity?.processGroup,
        let supervisor = ProcessTable.entry(of: group)?.parent
      else { return }
      // The server is the supervisor's sibling: it leads the session in which it forked it.
      let server = getsid(supervisor)
      #expect(server != supervisor && server > 1 && server != getsid(0))
      kill(server, SIGKILL)
      let second = Recording()
      let other = try await second.run(Harness.shell("echo second"), under: runner)
      #expect(other.cause == .exited(status: 0))
      #expect(second.output == "second\n")
    }
    #expect(end.cause == .exited(status: 0))
    #expect(first.output == "ready\nnever\n")
  }

  @Test func `a supervisor that is asked to end ends its objective and says so`() async throws {
    let recording = Recording()
    let end = try await recording.run(
      Harness.shell("trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
    ) { output, recording in
      guard output == "ready\n", let group = recording.said.identity?.processGroup,
        let supervisor = ProcessTable.entry(of: group)?.parent
      else { return }
      kill(supervisor, SIGTERM)
    }
    #expect(end.cause == .endedFromOutside(signal: SIGTERM))
    #expect(end.exitStatus == 0)
    #expect(recording.output == "ready\nsaved\n")
  }

  @Test func `an objective is as nice as the tool`() async throws {
    let recording = Recording()
    _ = try await recording.run(Harness.shell("nice"))
    #expect(recording.output == "\(getpriority(__priority_which_t(0), 0))\n")
  }
}
