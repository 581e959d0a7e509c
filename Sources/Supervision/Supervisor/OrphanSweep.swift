// Ending what a killed supervisor left running.

import Machine
import Glibc
package import StudyModel

/// What became of the processes of an attempt whose supervisor is gone.
package enum OrphanSweep: Hashable, Sendable {
  /// It ran on this machine since its last boot; so many processes were found and ended.
  case ended(Int)
  /// So many processes withstood SIGKILL.
  case withstood(Int)
  /// It ran on another machine: nothing can be said.
  case elsewhere(host: String)

  /// Ends every process that carries `mark`, the group of `identity` if its leader is still the
  /// process that was started then, and the descendants of all these. SIGTERM first, SIGKILL
  /// `grace` seconds later, in passes until one finds nothing. Quick when there is nothing
  /// (one look through /proc, some milliseconds).
  ///
  /// A number that another process has by now is never hit: the mark stands in a process's own
  /// environment, and a group counts only with the boot and the start time of its leader.
  package static func endOrphans(
    of identity: ProcessIdentity?, mark: String, grace: Double = 2
  ) async -> OrphanSweep {
    if let identity {
      guard identity.host == ProcessIdentity.currentHost else {
        return .elsewhere(host: identity.host)
      }
      guard identity.bootID == ProcessIdentity.currentBootID else { return .ended(0) }
    }
    var found = Set<Int32>()
    let start = MonotonicClock.now
    var hasAsked = grace <= 0
    while true {
      let orphans = orphans(of: identity, mark: mark)
      if orphans.isEmpty { return .ended(found.count) }
      found.formUnion(orphans)
      let waited = MonotonicClock.now - start
      if waited > max(0, grace) + patience { return .withstood(orphans.count) }
      if !hasAsked {
        hasAsked = true
        for process in orphans {
          kill(process, SIGTERM)
          kill(process, SIGCONT)
        }
      } else if waited >= grace {
        for process in orphans { kill(process, SIGKILL) }
      }
      // Going on when the task is cancelled, too: an orphan must not train on. A cancelled
      // sleep returns at once, so this one is not ours to cancel.
      await Task.detached { try? await Task.sleep(for: .milliseconds(10)) }.value
    }
  }

  private static let patience = 20.0

  private static func orphans(of identity: ProcessIdentity?, mark: String) -> [Int32] {
    var roots = ObjectiveLaunch.processes(marked: mark)
    if let identity, let leader = ProcessTable.entry(of: identity.processGroup),
      leader.startTicks == identity.startTicks
    {
      roots += ProcessTable.all().filter {
        ProcessTable.entry(of: $0)?.group == identity.processGroup
      }
    }
    guard !roots.isEmpty else { return [] }
    let spared = ancestors()
    return Set(roots + roots.flatMap(ProcessTable.descendants)).filter {
      !spared.contains($0) && ProcessTable.isAlive($0)
    }
  }

  /// This process and those it was started by, which may stand in the environment of an
  /// objective themselves.
  private static func ancestors() -> Set<Int32> {
    var ancestors: Set<Int32> = []
    var process = getpid()
    while process > 1, ancestors.insert(process).inserted {
      guard let parent = ProcessTable.entry(of: process)?.parent else { break }
      process = parent
    }
    return ancestors
  }
}

extension ProcessIdentity {
  /// This machine's name.
  package static var currentHost: String { ProcessTable.hostName }

  /// This machine's boot: another after each.
  package static var currentBootID: String { ProcessTable.bootID }

  /// The identity of a running process of this machine, as if it led its own group; nil when
  /// there is none.
  package init?(ofProcess process: Int32) {
    guard let entry = ProcessTable.entry(of: process), !entry.isZombie else { return nil }
    self.init(
      host: Self.currentHost, bootID: Self.currentBootID, processGroup: process,
      startTicks: entry.startTicks)
  }
}
