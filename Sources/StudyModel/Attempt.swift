// One run of a trial's objective. A trial that was interrupted or retried has several.

/// How an attempt ended.
public enum AttemptOutcome: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// It produced the trial's result, or was pruned.
  case finished = 0
  /// Stopped on purpose (Ctrl-C, `cairn stop`) or with its worker; the trial waits again.
  case interrupted = 1
  /// Its worker died without a word; the trial waits again.
  case lost = 2
  /// It exited with an error, by a signal, or without a value.
  case failed = 3
  case timedOut = 4
  case outOfMemory = 5

  /// As tables and JSON have it.
  public var name: String {
    switch self {
    case .finished: "finished"
    case .interrupted: "interrupted"
    case .lost: "lost"
    case .failed: "failed"
    case .timedOut: "timed out"
    case .outOfMemory: "out of memory"
    }
  }
}

/// What an attempt cost, as the operating system accounts for its whole process tree.
public struct ResourceUsage: Hashable, Sendable, Codable {
  /// Seconds from its start to its end.
  public var wallSeconds: Double
  /// Seconds of all processors together, user and system, children included; NaN when nobody
  /// measured them.
  public var cpuSeconds: Double
  /// The largest resident size seen of the whole tree, in bytes; 0 when the tree was gone
  /// before it could be measured.
  public var peakResidentBytes: Int64

  /// ``cpuSeconds`` where they were measured.
  public var measuredCPUSeconds: Double? { cpuSeconds.isNaN ? nil : cpuSeconds }

  /// ``peakResidentBytes`` where it was measured.
  public var measuredPeakBytes: Int64? { peakResidentBytes > 0 ? peakResidentBytes : nil }

  /// What an attempt used, its whole process tree together.
  public init(wallSeconds: Double, cpuSeconds: Double, peakResidentBytes: Int64) {
    self.wallSeconds = wallSeconds
    self.cpuSeconds = cpuSeconds
    self.peakResidentBytes = peakResidentBytes
  }
}

/// The process that runs an attempt, precise enough to end it after its tool was killed
/// without ever hitting another that has its number by now.
public struct ProcessIdentity: Hashable, Sendable, Codable {
  /// The machine's name.
  public let host: String
  /// The kernel's identity of this boot: numbers of processes mean nothing in another.
  public let bootID: String
  /// The number of its process group, which is that of its first process.
  public let processGroup: Int32
  /// Clock ticks after boot, field 22 of /proc/PID/stat.
  public let startTicks: UInt64

  /// All four together name one process tree, however numbers are used again.
  public init(host: String, bootID: String, processGroup: Int32, startTicks: UInt64) {
    self.host = host
    self.bootID = bootID
    self.processGroup = processGroup
    self.startTicks = startTicks
  }
}

/// How and why an attempt ended.
public struct AttemptEnd: Hashable, Sendable, Codable {
  /// How it ended.
  public var outcome: AttemptOutcome
  /// One line for people: "exit status 3", "killed by signal 9", "stopped by Ctrl-C".
  public var reason: String
  /// The last lines it printed, when it failed.
  public var lastLines: String
  /// Exit status, or −signal; nil when it was never known.
  public var exitStatus: Int32?
  /// What it used; nil where nobody measured.
  public var usage: ResourceUsage?

  /// An end; what nobody knows is left out.
  public init(
    outcome: AttemptOutcome, reason: String = "", lastLines: String = "",
    exitStatus: Int32? = nil, usage: ResourceUsage? = nil
  ) {
    self.outcome = outcome
    self.reason = reason
    self.lastLines = lastLines
    self.exitStatus = exitStatus
    self.usage = usage
  }
}

/// One run of a trial, from claim to end.
public struct Attempt: Hashable, Sendable {
  /// 1 for the first attempt of a trial.
  public let index: Int
  /// Whose it was: what it reports must show this.
  public let claim: ClaimID
  /// How long the claim holds without a word.
  public let lease: Lease
  /// The machine it ran on.
  public let host: String
  /// What ran it, by the name it gave itself.
  public let worker: String
  /// When it was claimed.
  public let started: Timestamp
  /// Nil until its process runs, or when no process of ours runs it.
  public package(set) var process: ProcessIdentity?
  /// Nil while it runs.
  public package(set) var ended: Timestamp?
  /// How it ended; nil while it runs.
  public package(set) var end: AttemptEnd?

  /// An attempt under way.
  package init(
    index: Int, claim: ClaimID, lease: Lease, host: String, worker: String, started: Timestamp
  ) {
    self.index = index
    self.claim = claim
    self.lease = lease
    self.host = host
    self.worker = worker
    self.started = started
  }
}

extension Sequence<Attempt> {
  /// Seconds spent in attempts that have ended: as their supervisors measured them, else from
  /// claim to end. When a lost attempt ended nobody knows: it counts as far as it was measured.
  /// Nil when no attempt's time is known.
  package var secondsSpent: Double? {
    let parts = compactMap { attempt -> Double? in
      if let usage = attempt.end?.usage { return usage.wallSeconds }
      guard let ended = attempt.ended, attempt.end?.outcome != .lost else { return nil }
      return Swift.max(0, ended.seconds(since: attempt.started))
    }
    return parts.isEmpty ? nil : parts.reduce(0, +)
  }
}

/// What ends a claim on its own.
public enum Lease: Hashable, Sendable {
  /// The claim ends with the writer that took it (`run`, `coprocess`).
  case held
  /// The claim outlives its writer (one-shot `ask`, remote clients). It lapses at `deadline`, or
  /// never.
  case detached(deadline: LeaseDeadline?)
}

/// When a lease lapses. Clocks of the wall are set back and forth, so the machine's boot-time
/// clock counts; and since that begins anew with every start, and is another on every machine,
/// the lease knows whose clock it is.
public struct LeaseDeadline: Hashable, Sendable {
  /// Microseconds of the boot-time clock.
  public let bootMicroseconds: UInt64
  /// Which start of which machine that clock counts from; empty in what versions recorded that
  /// did not know.
  public let bootID: String
  /// The same moment by the wall clock, for those who have another boot-time clock.
  public let wall: Timestamp

  /// One moment by both clocks.
  public init(bootMicroseconds: UInt64, bootID: String, wall: Timestamp) {
    self.bootMicroseconds = bootMicroseconds
    self.bootID = bootID
    self.wall = wall
  }

  /// The moment `seconds` after `moment`.
  public init(_ seconds: Double, after moment: ClockReading) {
    let microseconds = (seconds * 1e6).rounded()
    // A century is for ever, and no clock overflows.
    let bounded = UInt64(min(max(microseconds, 0), 3.2e15))
    self.init(
      bootMicroseconds: moment.bootMicroseconds &+ bounded, bootID: moment.bootID,
      wall: Timestamp(rawValue: moment.wall.rawValue &+ Int64(bounded)))
  }

  /// Whether it is over at `moment`.
  public func hasPassed(at moment: ClockReading) -> Bool {
    if bootID == moment.bootID { return bootMicroseconds < moment.bootMicroseconds }
    if wall < moment.wall { return true }
    return bootID.isEmpty && bootMicroseconds < moment.bootMicroseconds
  }
}

/// What this machine's clocks say.
public struct ClockReading: Hashable, Sendable {
  /// Microseconds since the machine was started.
  public let bootMicroseconds: UInt64
  /// Which start of which machine that was.
  public let bootID: String
  /// The wall clock, at the same moment.
  public let wall: Timestamp

  /// All three at one moment.
  public init(bootMicroseconds: UInt64, bootID: String, wall: Timestamp) {
    self.bootMicroseconds = bootMicroseconds
    self.bootID = bootID
    self.wall = wall
  }
}
