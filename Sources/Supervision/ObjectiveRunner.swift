// Running an objective under a supervisor, from the tool's side.

import Machine
package import PlainText
import Glibc
import StudyModel
import Subprocess
import SystemPackage

/// Starts supervisors: one for each run of an objective. Any number of runs may be under way.
package struct ObjectiveRunner: Sendable {
  /// What a supervisor is started as: this program with a hidden command.
  package let supervisor: [String]

  /// - Parameter supervisor: an absolute path and its arguments, `["/usr/bin/cairn", "supervise"]`.
  ///
  /// Ignores SIGPIPE in this process from now on: a supervisor may be gone when it is told
  /// something.
  package init(supervisor: [String]) {
    precondition(!supervisor.isEmpty)
    self.supervisor = supervisor
    signal(SIGPIPE, SIG_IGN)
  }

  /// Runs `launch` to its end. When this returns, no process of it is left (but for
  /// ``ObjectiveEnd/survivors``).
  ///
  /// `handle` is called for one event after the other. While it has not returned, no more output
  /// is taken, and an objective that prints a lot waits for it. When it throws, or the calling
  /// task is cancelled, the objective is killed at once; then its error is thrown, or the end
  /// returned.
  ///
  /// When this process dies, however it dies, the pipe to the supervisor closes and the
  /// supervisor ends the objective. When the supervisor dies, what is left of the objective is
  /// found by its mark and ended, and the cause is ``ObjectiveEnd/Cause/lost(reason:)``.
  ///
  /// - Throws: ``ObjectiveRunnerError`` when the supervisor cannot be started; what `handle`
  ///   throws.
  package func run(
    _ launch: ObjectiveLaunch, control: ObjectiveControl = ObjectiveControl(),
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd {
    // In a task of its own, which nobody cancels: cancelling it would kill the supervisor.
    let run = Task { try await supervise(launch, control: control, handle: handle) }
    return try await withTaskCancellationHandler {
      try await run.value
    } onCancel: {
      control.stop(grace: 0)
    }
  }

  private func supervise(
    _ launch: ObjectiveLaunch, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd {
    var options = PlatformOptions()
    options.createSession = true  // a Ctrl-C in the terminal is for the tool alone
    let started = MonotonicClock.now
    let (stops, stop) = AsyncStream.makeStream(of: Double.self)
    control.attach { stop.yield($0) }
    defer {
      control.detach()
      stop.finish()
    }
    let conversation: Conversation
    do {
      conversation = try await Subprocess.run(
        .path(FilePath(supervisor[0])), arguments: Arguments(Array(supervisor.dropFirst())),
        platformOptions: options, input: .inputWriter, output: .sequence,
        error: .currentStandardError
      ) { execution in
        await Self.converse(
          launch, stops: stops, output: execution.standardOutput,
          input: execution.standardInputWriter, control: control, handle: handle)
      }.closureResult
    } catch {
      throw ObjectiveRunnerError.supervisorNotStarted(path: supervisor[0], reason: "\(error)")
    }
    let end: ObjectiveEnd
    if let told = conversation.end {
      end = told
    } else {
      end = await lost(conversation, launch: launch, started: started)
    }
    if let failure = conversation.handlerError { throw failure }
    return end
  }

  /// What came of the talk with one supervisor.
  private struct Conversation: Sendable {
    var identity: ProcessIdentity?
    var end: ObjectiveEnd?
    var handlerError: (any Error)?
    /// Why it ended without an end.
    var reason = "its supervisor was killed"
  }

  private static func converse(
    _ launch: ObjectiveLaunch, stops: AsyncStream<Double>, output: SubprocessOutputSequence,
    input: StandardInputWriter, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async -> Conversation {
    let ordering = Task {
      // A write fails when the supervisor is gone, which its silence tells as well.
      _ = try? await input.write(SupervisorOrder.launch(launch).frame)
      for await grace in stops {
        _ = try? await input.write(SupervisorOrder.stop(grace: grace).frame)
      }
    }
    defer { ordering.cancel() }
    var conversation = Conversation()
    var frames = FrameBuffer(limit: SupervisorMessage.frameLimit)
    do {
      for try await buffer in output {
        unsafe buffer.withUnsafeBytes { unsafe frames.append($0) }
        while conversation.end == nil, let frame = try frames.next() {
          await take(
            try SupervisorMessage(decoding: frame), into: &conversation, control: control,
            handle: handle)
        }
      }
    } catch {
      conversation.reason = "its supervisor made no sense: \(error)"
    }
    return conversation
  }

  private static func take(
    _ message: SupervisorMessage, into conversation: inout Conversation,
    control: ObjectiveControl, handle: @Sendable (ObjectiveEvent) async throws -> Void
  ) async {
    do {
      switch message {
      case .started(let identity):
        conversation.identity = identity
        if conversation.handlerError == nil { try await handle(.started(identity)) }
      case .output(let channel, let bytes):
        if conversation.handlerError == nil { try await handle(.output(channel, Array(bytes))) }
      case .ended(let end): conversation.end = end
      }
    } catch {
      conversation.handlerError = error
      control.stop(grace: 0)
    }
  }

  private func lost(
    _ conversation: Conversation, launch: ObjectiveLaunch, started: Double
  ) async -> ObjectiveEnd {
    let swept = await OrphanSweep.endOrphans(
      of: conversation.identity, mark: launch.mark, grace: 0)
    var end = ObjectiveEnd(
      cause: .lost(reason: conversation.reason), exitStatus: nil,
      usage: ResourceUsage(
        wallSeconds: MonotonicClock.now - started, cpuSeconds: 0, peakResidentBytes: 0))
    if case .ended(let count) = swept { end.leftBehind = count }
    if case .withstood(let count) = swept { end.survivors = count }
    return end
  }
}

/// Why an objective could not be supervised.
package enum ObjectiveRunnerError: ExplainedError, Hashable {
  case supervisorNotStarted(path: String, reason: String)

  package var explanation: Explanation {
    switch self {
    case .supervisorNotStarted(let path, let reason):
      Explanation("cannot start the supervisor \(path): \(reason)")
    }
  }
}
