// Where the tool gets its supervisors from.

import CProcessControl
import Dispatch
import Glibc
import Synchronization

/// Starts supervisors: by a server of its own, which it starts with the first of them and again
/// when it is gone.
final class SupervisorStarter: Sendable {
  /// The path of a program that does what ``SupervisorProgram`` says.
  let program: String
  /// What is done with the server waits for it; on this queue it holds nobody up.
  private let queue = DispatchQueue(label: "cairn.supervisors")
  private let state: Mutex<State>

  private struct State {
    /// Our end of the line to the server; −1 without one.
    var line: Int32 = -1
    var server: Int32 = 0
    /// Processes of ours that have ended, or are about to.
    var ending: [Int32] = []
  }

  init(program: String) {
    self.program = program
    state = Mutex(State())
  }

  deinit {
    let last = state.withLock { $0 }
    var ending = last.ending
    if last.line >= 0 {
      close(last.line)
      // It ends now that its line is closed.
      ending.append(last.server)
    }
    if ending.isEmpty { return }
    // Whoever embeds us has no use for their remains.
    queue.async { [ending] in for process in ending { _ = cpc_wait_for(process) } }
  }

  /// Starts a supervisor.
  ///
  /// - Parameter holding: descriptors of which it keeps copies for as long as it lives.
  /// - Throws: ``ObjectiveRunnerError``.
  func start(holding: [Int32]) async throws -> SupervisorChannel {
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(with: Result { try self.startNow(holding: holding) })
      }
    }
  }

  /// Takes note that a supervisor is ending, so that it does not remain as a zombie.
  func reap(_ process: Int32) {
    state.withLock { state in
      state.ending.append(process)
      state.ending.removeAll { cpc_has_ended($0) }
    }
  }

  private func startNow(holding: [Int32]) throws(ObjectiveRunnerError) -> SupervisorChannel {
    var ours: Int32 = -1
    var theirs: Int32 = -1
    let failed = unsafe cpc_socket_pair(false, &ours, &theirs)
    guard failed == 0 else { throw failure(failed) }
    defer { close(theirs) }
    do {
      let process = try ask([theirs] + holding)
      return SupervisorChannel(socket: ours, process: process)
    } catch {
      close(ours)
      throw error
    }
  }

  /// Asks the server for a supervisor, a new one once if the old one is gone.
  private func ask(_ descriptors: [Int32]) throws(ObjectiveRunnerError) -> Int32 {
    let isNew = state.withLock { $0.line } < 0
    if isNew { try startServer() }
    do {
      return try askServer(descriptors)
    } catch {
      dropServer()
      guard !isNew else { throw error }
      return try ask(descriptors)
    }
  }

  private func askServer(_ descriptors: [Int32]) throws(ObjectiveRunnerError) -> Int32 {
    let line = state.withLock { $0.line }
    let failed = unsafe cpc_send_descriptors(line, descriptors, Int32(descriptors.count))
    guard failed == 0 else { throw failure(failed) }
    var answer: Int32 = 0
    let size = MemoryLayout<Int32>.size
    var count: Int
    repeat { count = unsafe recv(line, &answer, size, 0) } while count < 0 && errno == EINTR
    guard count == size else {
      throw .supervisorNotStarted(path: program, reason: "it ended at once")
    }
    guard answer > 0 else { throw failure(-answer) }
    return answer
  }

  private func startServer() throws(ObjectiveRunnerError) {
    var ours: Int32 = -1
    var theirs: Int32 = -1
    let failed = unsafe cpc_socket_pair(true, &ours, &theirs)
    guard failed == 0 else { throw failure(failed) }
    defer { close(theirs) }
    let process = unsafe CStringArray.with([program] + SupervisorProgram.server) { arguments in
      unsafe cpc_spawn(program, arguments, theirs, -1, false)
    }
    guard process > 0 else {
      close(ours)
      throw failure(-process)
    }
    let line = ours
    state.withLock { state in
      state.line = line
      state.server = process
    }
  }

  private func dropServer() {
    state.withLock { state in
      close(state.line)
      state.line = -1
      state.ending.append(state.server)
      state.ending.removeAll { cpc_has_ended($0) }
    }
  }

  private func failure(_ errorNumber: Int32) -> ObjectiveRunnerError {
    .supervisorNotStarted(path: program, reason: SystemError.describe(errorNumber))
  }
}
