// What another program prints: git, nvidia-smi.

import CProcessControl
import Dispatch
import Glibc
import Machine

package enum CommandOutput {
  /// Seconds that a program may take: one that hangs (a driver that does not answer) holds no run
  /// up for long.
  private static let patience = 10.0

  /// Standard output of a program that reads nothing and complains to nobody; nil when it cannot
  /// be started, fails, takes too long or prints more than `limit` bytes.
  package static func read(_ command: [String], limit: Int = 1 << 16) async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: run(command, limit)) }
    }
  }

  private static func run(_ command: [String], _ limit: Int) -> [UInt8]? {
    var readingEnd: Int32 = -1
    var writingEnd: Int32 = -1
    guard unsafe cpc_pipe(&readingEnd, &writingEnd) == 0 else { return nil }
    let reading = Descriptor(readingEnd)
    let process = unsafe CStringArray.with(command) { arguments in
      unsafe cpc_spawn(command[0], arguments, -1, writingEnd, true)
    }
    close(writingEnd)
    guard process > 0 else { return nil }
    let printed = everything(from: reading, limit)
    if printed == nil { kill(process, SIGKILL) }
    return cpc_wait_for(process) == 0 ? printed : nil
  }

  private static func everything(from reading: borrowing Descriptor, _ limit: Int) -> [UInt8]? {
    let deadline = MonotonicClock.now + patience
    var printed: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while printed.count <= limit {
      let count = unsafe Glibc.read(reading.number, &chunk, chunk.count)
      if count == 0 { return printed }
      if count > 0 {
        printed += chunk.prefix(count)
        continue
      }
      guard errno == EAGAIN || errno == EINTR else { return nil }
      let left = deadline - MonotonicClock.now
      guard left > 0 else { return nil }
      var waiting = pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&waiting, 1, Int32(left * 1000) + 1)
    }
    return nil
  }
}
