// Ctrl-C and its relatives.

import Dispatch
import Foundation
import Synchronization

/// Calls back when SIGINT, SIGTERM or SIGHUP comes, for as long as it lives, instead of
/// letting it end the process. SIGQUIT ends it as ever.
final class SignalWatch {
  private let sources: [any DispatchSourceSignal]

  /// - Parameter receive: is called on a thread of its own with how many times it has.
  init(receive: @escaping @Sendable (_ count: Int) -> Void) {
    let queue = DispatchQueue(label: "signals")
    let count = Counter()
    let inherited = Self.ignoredByInheritance
    // A SIGHUP that was ignored from the start (nohup) stays so. SIGINT does not: a shell script
    // has it ignored in what it starts with "&", where `kill -INT` shall work all the same.
    let signals = [SIGINT, SIGTERM] + (inherited.contains(SIGHUP) ? [] : [SIGHUP])
    sources = signals.map { number in
      // A handler, unlike "ignore", is not inherited by the processes that are started.
      signal(number) { _ in }
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { receive(count.next()) }
      source.resume()
      return source
    }
  }

  deinit { sources.forEach { $0.cancel() } }

  private final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
  }

  /// As the kernel tells: a mask in hexadecimal, signal 1 by its lowest bit.
  private static var ignoredByInheritance: Set<Int32> {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigIgn:") }),
      let word = line.split(whereSeparator: \.isWhitespace).last,
      let mask = UInt64(word, radix: 16)
    else { return [] }
    return Set((Int32(1)...64).filter { mask >> UInt64($0 - 1) & 1 == 1 })
  }
}
