// How a supervised objective ends.
//
// By itself: what it leaves in the background may finish for half a second (the far end of a
// pipeline), gets SIGTERM, and after five seconds (or the grace, if that is shorter) SIGKILL.
// On order, and out of time: SIGTERM to its process group, after the grace SIGKILL to the
// whole tree. Out of memory: SIGKILL to the whole tree.
//
// The whole tree is every descendant of the supervisor, whatever group or session it is in,
// and every process that carries the mark in its environment. Killing goes on in passes, since
// a process may fork while we look, until there are no children and a pass finds no mark.

import Machine
import Glibc
import StudyModel

struct Ending {
  /// Seconds in which background processes may finish after the main process.
  static let leftoverQuiet = 0.5
  /// Seconds at most between their SIGTERM and SIGKILL.
  static let leftoverGrace = 5.0
  /// Seconds at most between SIGTERM and SIGKILL when the tool is gone.
  static let abandonedGrace = 5.0
  static let passInterval = 0.01
  /// Seconds of killing after which what still stands is left standing.
  static let patience = 20.0

  /// Set by whatever ends it first, if it did not end by itself.
  var cause: ObjectiveEnd.Cause?
  var timeoutAt = Double.infinity
  /// When background processes get SIGTERM.
  var leftoverAt = Double.infinity
  /// When SIGTERM has not helped.
  var killAt = Double.infinity
  var nextPassAt = Double.infinity
  var giveUpAt = Double.infinity
  var hasChildren = true
  var isTreeGone = false
  var leftBehind = 0
  var survivors = 0

  var isKilling: Bool { giveUpAt < .infinity }
}

extension Supervisor {
  /// Ends the objective for `cause`, unless it is ending for another; a shorter grace counts in
  /// any case.
  func end(_ cause: ObjectiveEnd.Cause, grace: Double) {
    guard launch != nil, !ending.isTreeGone else { return }
    if mainStatus == nil, ending.cause == nil {
      ending.cause = cause
      ending.timeoutAt = .infinity
      if grace > 0 {
        kill(-mainProcess, SIGTERM)
        kill(-mainProcess, SIGCONT)  // a stopped process only acts once it goes on
      }
    }
    let now = MonotonicClock.now
    ending.killAt = min(ending.killAt, grace > 0 ? now + grace : now)
  }

  /// The main process is reaped; the rest of its tree should follow.
  func mainHasEnded(at now: Double) {
    ending.timeoutAt = .infinity
    ending.leftoverAt = now + Ending.leftoverQuiet
  }

  /// Does what is due.
  func advance() {
    guard mainProcess > 0, !ending.isTreeGone else { return }
    let now = MonotonicClock.now
    if now >= ending.timeoutAt, let launch {
      end(.timedOut(afterSeconds: launch.timeoutSeconds ?? 0), grace: launch.graceSeconds)
    }
    sampleMemory(at: now)
    if now >= ending.leftoverAt { dismissLeftovers(at: now) }
    if now >= ending.killAt { beginKilling(at: now) }
    if ending.isKilling {
      if now >= ending.nextPassAt || !ending.hasChildren { killingPass(at: now) }
    } else if mainStatus != nil, !ending.hasChildren {
      // Adopted or reaped: without children there can be no descendants.
      ending.isTreeGone = true
    }
  }

  private func dismissLeftovers(at now: Double) {
    ending.leftoverAt = .infinity
    let leftovers = ProcessTable.descendants(of: getpid())
    ending.leftBehind = leftovers.count
    for process in leftovers {
      kill(process, SIGTERM)
      kill(process, SIGCONT)
    }
    let grace = min(launch?.graceSeconds ?? 0, Ending.leftoverGrace)
    ending.killAt = min(ending.killAt, now + grace)
  }

  private func beginKilling(at now: Double) {
    ending.killAt = .infinity
    guard !ending.isKilling else { return }
    ending.leftoverAt = .infinity
    ending.nextPassAt = now
    ending.giveUpAt = now + Ending.patience
    if mainStatus == nil { kill(-mainProcess, SIGKILL) }
  }

  private func killingPass(at now: Double) {
    let descendants = ProcessTable.descendants(of: getpid())
    for process in descendants { kill(process, SIGKILL) }
    let marked = launch.map { ObjectiveLaunch.processes(marked: $0.mark) } ?? []
    for process in marked { kill(process, SIGKILL) }
    if !ending.hasChildren, marked.isEmpty {
      ending.isTreeGone = true
    } else if now >= ending.giveUpAt {
      ending.survivors = Set(descendants + marked).count
      ending.isTreeGone = true
    }
    ending.nextPassAt = now + Ending.passInterval
  }

  /// The next moment at which ``advance()`` has something to do, memory aside.
  var nextDeadline: Double {
    guard mainProcess > 0, !ending.isTreeGone else { return .infinity }
    return min(
      ending.timeoutAt, ending.leftoverAt, ending.killAt, ending.nextPassAt, ending.giveUpAt)
  }

  /// What the tool is told in the end.
  var summary: ObjectiveEnd {
    let status = mainStatus ?? 0
    let own: ObjectiveEnd.Cause = status < 0 ? .signalled(-status) : .exited(status: status)
    var end = ObjectiveEnd(
      cause: ending.cause ?? own, exitStatus: mainStatus,
      usage: ResourceUsage(
        wallSeconds: max(0, (ended > 0 ? ended : MonotonicClock.now) - started),
        cpuSeconds: cpuSeconds, peakResidentBytes: memory.peak))
    end.leftBehind = ending.leftBehind
    end.survivors = ending.survivors
    return end
  }
}
