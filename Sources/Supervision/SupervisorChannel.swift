// The tool's end of the talk with one supervisor.

import CProcessControl
import Dispatch
import Glibc
import Synchronization

/// A stream of bytes to and from a supervisor. Nobody waits in a thread: orders are written by a
/// queue of their own, and a reader sleeps until there is something to read. One task reads.
final class SupervisorChannel: Sendable {
  /// The supervisor's process.
  let process: Int32

  private struct State {
    let source: any DispatchSourceRead
    var waiting: CheckedContinuation<Void, Never>?
    var isListening = false
    var isClosed = false
  }

  private static let chunkSize = 1 << 16

  private let socket: Int32
  private let orders = DispatchQueue(label: "cairn.supervisor.orders")
  private let state: Mutex<State>

  /// - Parameter socket: is closed by this.
  init(socket: Int32, process: Int32) {
    self.socket = socket
    self.process = process
    let source = DispatchSource.makeReadSource(fileDescriptor: socket, queue: .global())
    state = Mutex(State(source: source))
    state.withLock { state in
      state.source.setEventHandler { [weak self] in self?.wake() }
      state.source.setCancelHandler { [orders] in
        // Behind the last write, which must not meet another file of that number.
        orders.async { Glibc.close(socket) }
      }
    }
  }

  /// Writes `bytes` behind what was written before. That nobody takes them is known by the end
  /// of what can be read.
  func write(_ bytes: [UInt8]) {
    orders.async { [self] in
      guard !state.withLock({ $0.isClosed }) else { return }
      _ = unsafe cpc_send_all(socket, bytes, bytes.count)
    }
  }

  /// What has come, at least one byte; nil at the end.
  func read() async -> [UInt8]? {
    while true {
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, filled in
        guard let base = buffer.baseAddress else { return }
        count = unsafe cpc_receive(socket, base, Self.chunkSize)
        filled = max(0, count)
      }
      if count > 0 { return bytes }
      guard count == -Int(EAGAIN) else { return nil }
      await somethingToRead()
    }
  }

  /// Ends the talk: the supervisor, if it is there, ends its objective.
  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      cpc_shut(socket)
      state.source.cancel()
      // A source that sleeps is never told that it is cancelled.
      if !state.isListening { state.source.resume() }
    }
  }

  private func somethingToRead() async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        state.waiting = continuation
        state.isListening = true
        state.source.resume()
      }
    }
  }

  private func wake() {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.isClosed else { return nil }
      state.isListening = false
      state.source.suspend()
      return state.waiting.take()
    }
    waiting?.resume()
  }
}
