// Running an objective under a supervisor, from the tool's side.

import Machine
package import PlainText
import StudyModel

/// Runs objectives, each under a supervisor of its own. Any number of runs may be under way.
package struct ObjectiveRunner: Sendable {
  private let starter: SupervisorStarter

  /// - Parameter program: the path of the program that supervisors are made from: one that
  ///   begins with ``SupervisorProgram/run(_:)``, as `cairn` does.
  package init(program: String) { starter = SupervisorStarter(program: program) }

  /// Runs `launch` to its end. When this returns, no process of it is left (but for
  /// ``ObjectiveEnd/survivors``).
  ///
  /// `handle` is called for one event after the other. While it has not returned, no more output
  /// is taken, and an objective that prints a lot waits for it. When it throws, or the calling
  /// task is cancelled, the objective is killed at once; then its error is thrown, or the end
  /// returned.
  ///
  /// When this process dies, however it dies, the line to the supervisor closes and the
  /// supervisor ends the objective. When the supervisor dies, what is left of the objective is
  /// found by its mark and ended, and the cause is ``ObjectiveEnd/Cause/lost(reason:)``.
  ///
  /// - Parameter holding: descriptors of which the supervisor keeps copies for as long as it
  ///   lives: locks on what the objective uses.
  /// - Throws: ``ObjectiveRunnerError`` when the supervisor cannot be started; what `handle`
  ///   throws.
  package func run(
    _ launch: ObjectiveLaunch, control: ObjectiveControl = ObjectiveControl(),
    holding: [Int32] = [], handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd {
    // In a task of its own, which nobody cancels: the end is always waited for.
    let run = Task {
      let channel = try await starter.start(holding: holding)
      defer { starter.reap(channel.process) }
      return try await Self.supervise(launch, over: channel, control: control, handle: handle)
    }
    return try await withTaskCancellationHandler {
      try await run.value
    } onCancel: {
      control.stop(grace: 0)
    }
  }

  /// The talk with a supervisor, from the launch to the end.
  static func supervise(
    _ launch: ObjectiveLaunch, over channel: SupervisorChannel, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd {
    let started = MonotonicClock.now
    var owned = launch
    owned.environment[ObjectiveLaunch.ownerVariable] = ProcessOwner.current.text
    channel.write(SupervisorOrder.launch(owned).frame)
    control.attach { channel.write(SupervisorOrder.stop(grace: $0).frame) }
    let conversation = await converse(over: channel, control: control, handle: handle)
    control.detach()
    channel.close()
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
    over channel: SupervisorChannel, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async -> Conversation {
    var conversation = Conversation()
    var frames = FrameBuffer(limit: SupervisorMessage.frameLimit)
    do {
      while let bytes = await channel.read() {
        frames.append(bytes)
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

  private static func lost(
    _ conversation: Conversation, launch: ObjectiveLaunch, started: Double
  ) async -> ObjectiveEnd {
    let swept = await OrphanSweep.endOrphans(
      of: conversation.identity, mark: launch.mark, grace: 0)
    var end = ObjectiveEnd(
      cause: .lost(reason: conversation.reason), exitStatus: nil,
      usage: ResourceUsage(
        wallSeconds: MonotonicClock.now - started, cpuSeconds: 0, peakResidentBytes: 0))
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
