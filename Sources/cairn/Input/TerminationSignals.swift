import Dispatch
import Foundation

/// Turns Ctrl-C and SIGTERM into a descriptor that becomes readable, for as long as it lives.
final class TerminationSignals {
  private let pipe = Pipe()
  private let sources: [any DispatchSourceSignal]

  /// Becomes readable with the first signal.
  var descriptor: Int32 { pipe.fileHandleForReading.fileDescriptor }

  init() {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)  // the source hears it nevertheless
      return DispatchSource.makeSignalSource(signal: number)
    }
    for source in sources {
      source.setEventHandler { [end = pipe.fileHandleForWriting] in
        // A second signal finds it closed.
        try? end.close()
      }
      source.activate()
    }
  }

  deinit { sources.forEach { $0.cancel() } }
}
