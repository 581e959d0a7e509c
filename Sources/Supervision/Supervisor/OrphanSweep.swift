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
  /// The tool that runs it lives, with this process number: nothing was touched.
  case owned(by: Int32)

  /// Ends every process that carries `mark`, the group of `identity` if its leader is still the
  /// process that was started then, and the descendants of all these. SIGTERM first, SIGKILL
  /// `grace` seconds later, in passes until one finds nothing or `patience` seconds are over.
  /// Quick when there is nothing (one look through /proc, some milliseconds).
  ///
  /// A number that another process has by now is never hit: the mark stands in a process's own
  /// environment, and a group counts only with the boot and the start time of its leader. Nor is
  /// what a living tool runs, other than this one: of a copied store both copies know the same
  /// marks.
  package static func endOrphans(
    of identity: ProcessIdentity?, mark: String, grace: Double = 2, patience: Double = 20
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
    var kills = 0
    while true {
      let roots = roots(of: identity, mark: mark)
      for owner in roots.compactMap(ProcessOwner.init(of:)) where owner.isAnotherThatLives {
        return .owned(by: owner.process)
      }
      let orphans = orphans(of: roots)
      if orphans.isEmpty { return .ended(found.count) }
      found.formUnion(orphans)
      let waited = MonotonicClock.now - start
      if waited > max(0, grace) + patience, kills >= Ending.leastKillingPasses {
        return .withstood(orphans.count)
      }
      if !hasAsked {
        hasAsked = true
        for process in orphans {
          kill(process, SIGTERM)
          kill(process, SIGCONT)
        }
      } else if waited >= grace {
        kills += 1
        for process in orphans { kill(process, SIGKILL) }
      }
      // Going on when the task is cancelled, too: an orphan must not train on. A cancelled
      // sleep returns at once, so this one is not ours to cancel.
      await Task.detached { try? await Task.sleep(for: .milliseconds(10)) }.value
    }
  }

  private static func roots(of identity: ProcessIdentity?, mark: String) -> [Int32] {
    var roots = ObjectiveLaunch.processes(marked: mark)
    if let identity, let leader = ProcessTable.entry(of: identity.processGroup),
      leader.startTicks == identity.startTicks
    {
      roots += ProcessTable.all().filter {
        ProcessTable.entry(of: $0)?.group == identity.processGroup
      }
    }
    return roots
  }

  private static func orphans(of roots: [Int32]) -> [Int32] {
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

/// The tool that started a process, as the process's environment names it: with its start, since
/// another process may have its number by now.
struct ProcessOwner: Hashable {
  let bootID: String
  let process: Int32
  let startTicks: UInt64

  /// This process.
  static let current = ProcessOwner(
    bootID: ProcessTable.bootID, process: getpid(),
    startTicks: ProcessTable.entry(of: getpid())?.startTicks ?? 0)

  var text: String { "\(bootID)/\(process)/\(startTicks)" }

  private init(bootID: String, process: Int32, startTicks: UInt64) {
    self.bootID = bootID
    self.process = process
    self.startTicks = startTicks
  }

  /// Nil when it names none.
  init?(of process: Int32) {
    guard let text = ProcessTable.variable(ObjectiveLaunch.ownerVariable, of: process) else {
      return nil
    }
    let parts = text.split(separator: "/")
    guard parts.count == 3, let number = Int32(parts[1]), let ticks = UInt64(parts[2]) else {
      return nil
    }
    self.init(bootID: String(parts[0]), process: number, startTicks: ticks)
  }

  var isAnotherThatLives: Bool {
    guard self != .current, bootID == ProcessTable.bootID,
      let entry = ProcessTable.entry(of: process)
    else { return false }
    return entry.startTicks == startTicks && !entry.isZombie
  }
}
