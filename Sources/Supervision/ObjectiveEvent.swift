// What the tool hears of a running objective.

package import Machine
import PlainText
package import StudyModel

/// What happens to an objective, in order: `started` once unless it could not be launched,
/// then output.
package enum ObjectiveEvent: Hashable, Sendable {
  case started(ProcessIdentity)
  /// Bytes as they came: lines and characters may be cut anywhere.
  case output(OutputChannel, [UInt8])
}

/// How an objective ended, and what it cost. By then no process of it is left, unless
/// ``survivors`` says so.
package struct ObjectiveEnd: Hashable, Sendable {
  package enum Cause: Hashable, Sendable {
    /// By itself.
    case exited(status: Int32)
    /// By a signal that the supervisor did not send.
    case signalled(Int32)
    /// After it was told to stop (``ObjectiveControl/stop(grace:)``), however it then ended.
    case stopped
    case timedOut(afterSeconds: Double)
    case outOfMemory(residentBytes: Int64, limit: Int64)
    case launchFailed(LaunchFailure)
    /// Its supervisor was killed or failed; whatever was found of the objective was ended.
    case lost(reason: String)
  }

  package var cause: Cause
  /// Exit status of the main process, or −signal; nil when it was never known.
  package var exitStatus: Int32?
  /// CPU seconds and memory include all processes of the tree.
  package var usage: ResourceUsage
  /// How many background processes it left, which were then ended.
  package var leftBehind = 0
  /// How many processes withstood SIGKILL (they hang in the kernel, mostly on a dead disk).
  package var survivors = 0

  package init(cause: Cause, exitStatus: Int32?, usage: ResourceUsage) {
    self.cause = cause
    self.exitStatus = exitStatus
    self.usage = usage
  }
}

/// Why a command could not be started.
package struct LaunchFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let errorNumber: Int32
  /// What, why and what to try, in one or two lines.
  package let description: String

  package init(errorNumber: Int32, description: String) {
    self.errorNumber = errorNumber
    self.description = description
  }
}

extension ObjectiveEnd.Cause: CustomStringConvertible {
  /// One line for people: "exit status 3", "killed by signal 9 (SIGKILL)".
  package var description: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let signal): "killed by signal \(SignalName.describe(signal))"
    case .stopped: "stopped"
    case .timedOut(let seconds): "timed out after \(seconds.shortDescription) s"
    case .outOfMemory(let resident, let limit):
      "out of memory: its processes held \(ByteCount.describe(resident)), "
        + "the limit is \(ByteCount.describe(limit))"
    case .launchFailed(let failure): failure.description
    case .lost(let reason): "lost: \(reason)"
    }
  }
}

/// Names of the signals that people meet.
enum SignalName {
  private static let names: [Int32: String] = [
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
    8: "SIGFPE", 9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE",
    14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
  ]

  static func describe(_ signal: Int32) -> String {
    names[signal].map { "\(signal) (\($0))" } ?? String(signal)
  }
}

/// Sizes for people, in binary units.
enum ByteCount {
  static func describe(_ bytes: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    guard bytes >= 1024 else { return "\(bytes) B" }
    var value = Double(bytes) / 1024
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
