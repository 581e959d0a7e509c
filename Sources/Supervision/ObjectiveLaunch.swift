// What the supervisor of an attempt is told to run.

import Machine

/// One run of an objective: its command, its surroundings, its limits.
package struct ObjectiveLaunch: Hashable, Sendable {
  /// The program and its arguments. A program without a slash is looked for in `PATH` of
  /// ``environment``; one with a slash is relative to ``workingDirectory``.
  package var arguments: [String]
  /// All of its environment. ``mark`` is added as `CAIRN_MARK`.
  package var environment: [String: String]
  package var workingDirectory: String
  /// A text that no other running attempt has and that can be computed again from the store,
  /// by which processes that escaped a killed supervisor are found (``OrphanSweep``).
  package var mark: String
  /// Bytes that its whole process tree may hold resident; nil: no limit.
  package var memoryLimit: Int64?
  /// Seconds it may take; nil: no limit.
  package var timeoutSeconds: Double?
  /// Seconds between SIGTERM and SIGKILL when it runs out of time, and at most between its own
  /// end and that of the background processes it leaves.
  package var graceSeconds = 30.0
  /// What it runs at, as far as the system allows; nil: as nice as the tool.
  package var niceness: Int32? = 0

  package init(
    arguments: [String], environment: [String: String], workingDirectory: String, mark: String
  ) {
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.mark = mark
  }
}

extension ObjectiveLaunch {
  /// The environment variable that holds ``mark``.
  package static let markVariable = "CAIRN_MARK"

  /// Living processes, but for the calling one, that were started with `mark`.
  static func processes(marked mark: String) -> [Int32] {
    ProcessTable.processes(with: markVariable, setTo: mark)
  }
}
