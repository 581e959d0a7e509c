// Signals that the parent left blocked.

import Glibc

/// A process inherits which signals are blocked from the thread that started it, and threads of
/// some libraries block nearly all: Ctrl-C and SIGTERM would then wait for ever.
enum InheritedSignals {
  static func unblockTermination() {
    var signals = sigset_t()
    _ = unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGALRM] { _ = unsafe sigaddset(&signals, number) }
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
