// The process that makes supervisors.
//
// A supervisor that is a program of its own costs a new program's start for every attempt: more
// than many objectives take. So a run starts one server, from the same program, which never has
// more than one thread and has read nothing; for each attempt it forks a copy of itself, a
// millisecond's work and a few hundred kilobytes. The copies are the tool's children as the
// server is.
//
// The tool sends messages that carry descriptors over the server's standard input: first the
// socket over which the new supervisor takes its orders and answers, behind it any that it shall
// keep open until its end (locks). The answer is the supervisor's number, or −errno, as Int32 in
// this machine's order. The server ends when the tool's end closes. It does not end for a signal
// that the whole job gets: its supervisors end their objectives, and tell.

import CProcessControl
import Glibc

enum SupervisorServer {
  /// Serves until the tool is gone. Returns the process's exit status.
  static func run() -> Int32 {
    cpc_leave_terminal()
    cpc_adopt_niceness(getppid())
    guard cpc_block_signals() == 0 else { return 1 }
    var descriptors = [Int32](repeating: -1, count: Int(CPC_DESCRIPTOR_LIMIT))
    while true {
      let count = unsafe cpc_receive_descriptors(STDIN_FILENO, &descriptors)
      guard count > 0 else { return count == 0 ? 0 : 1 }
      let process = cpc_fork_sibling()
      if process == 0 {
        // Not exit: what this program does at its end is the server's to do.
        _exit(Supervisor.run(input: descriptors[0], output: descriptors[0]))
      }
      for descriptor in descriptors.prefix(Int(count)) { close(descriptor) }
      var answer = process
      guard unsafe cpc_send_all(STDIN_FILENO, &answer, MemoryLayout<Int32>.size) == 0 else {
        return 0
      }
    }
  }
}

/// What a program does that is started as a supervisor, or as a server of supervisors.
package enum SupervisorProgram {
  /// The arguments of a supervisor by itself, on the far side of a byte pipe.
  static let single = ["supervise"]
  static let server = ["supervise", "--server"]

  /// Runs as what `arguments` name. Returns the process's exit status; nil when they name
  /// neither.
  ///
  /// To be called first of all, before any thread is started.
  package static func run(_ arguments: [String]) -> Int32? {
    switch arguments {
    case single: Supervisor.run(input: STDIN_FILENO, output: STDOUT_FILENO)
    case server: SupervisorServer.run()
    default: nil
    }
  }
}
