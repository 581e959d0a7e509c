// The attempts of a block's trials. Host names, workers and reasons are much the same in all of
// them, and are kept once a block.

/// One attempt: texts by their places among the block's.
private struct PackedAttempt: Sendable {
  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let isDetached = Flags(rawValue: 1)
    static let lapses = Flags(rawValue: 2)
    static let hasProcess = Flags(rawValue: 4)
    static let hasEnded = Flags(rawValue: 8)
    static let hasEnd = Flags(rawValue: 16)
    static let hasStatus = Flags(rawValue: 32)
    static let hasUsage = Flags(rawValue: 64)
  }

  private let claim: ClaimID
  private var deadline: UInt64 = 0
  private var deadlineWall = Timestamp(rawValue: 0)
  private var deadlineBoot: Int32 = 0
  private let started: Timestamp
  private var ended = Timestamp(rawValue: 0)
  private var startTicks: UInt64 = 0
  private var wallSeconds = 0.0
  private var cpuSeconds = 0.0
  private var peakBytes: Int64 = 0
  private let host: Int32
  private let worker: Int32
  private var processHost: Int32 = 0
  private var bootID: Int32 = 0
  private var processGroup: Int32 = 0
  private var reason: Int32 = 0
  private var lastLines: Int32 = 0
  private var exitStatus: Int32 = 0
  private var outcome = AttemptOutcome.finished
  private var flags: UInt8

  init(_ attempt: Attempt, _ texts: inout TextPool) {
    var flags: Flags = []
    claim = attempt.claim
    started = attempt.started
    host = texts.place(of: attempt.host)
    worker = texts.place(of: attempt.worker)
    if case .detached(let deadline) = attempt.lease {
      flags.insert(.isDetached)
      if let deadline {
        flags.insert(.lapses)
        self.deadline = deadline.bootMicroseconds
        deadlineWall = deadline.wall
        deadlineBoot = texts.place(of: deadline.bootID)
      }
    }
    if let process = attempt.process {
      flags.insert(.hasProcess)
      processHost = texts.place(of: process.host)
      bootID = texts.place(of: process.bootID)
      processGroup = process.processGroup
      startTicks = process.startTicks
    }
    if let ended = attempt.ended {
      flags.insert(.hasEnded)
      self.ended = ended
    }
    if let end = attempt.end {
      flags.insert(.hasEnd)
      outcome = end.outcome
      reason = texts.place(of: end.reason)
      lastLines = texts.place(of: end.lastLines)
      if let status = end.exitStatus {
        flags.insert(.hasStatus)
        exitStatus = status
      }
      if let usage = end.usage {
        flags.insert(.hasUsage)
        wallSeconds = usage.wallSeconds
        cpuSeconds = usage.cpuSeconds
        peakBytes = usage.peakResidentBytes
      }
    }
    self.flags = flags.rawValue
  }

  func attempt(index: Int, _ texts: [String]) -> Attempt {
    let flags = Flags(rawValue: flags)
    let deadline = LeaseDeadline(
      bootMicroseconds: deadline, bootID: texts[Int(deadlineBoot)], wall: deadlineWall)
    let lease: Lease =
      flags.contains(.isDetached)
      ? .detached(deadline: flags.contains(.lapses) ? deadline : nil) : .held
    var attempt = Attempt(
      index: index, claim: claim, lease: lease, host: texts[Int(host)],
      worker: texts[Int(worker)], started: started)
    if flags.contains(.hasProcess) {
      attempt.process = ProcessIdentity(
        host: texts[Int(processHost)], bootID: texts[Int(bootID)], processGroup: processGroup,
        startTicks: startTicks)
    }
    if flags.contains(.hasEnded) { attempt.ended = ended }
    if flags.contains(.hasEnd) {
      attempt.end = AttemptEnd(
        outcome: outcome, reason: texts[Int(reason)], lastLines: texts[Int(lastLines)],
        exitStatus: flags.contains(.hasStatus) ? exitStatus : nil,
        usage: flags.contains(.hasUsage)
          ? ResourceUsage(
            wallSeconds: wallSeconds, cpuSeconds: cpuSeconds, peakResidentBytes: peakBytes) : nil)
    }
    return attempt
  }
}

/// Texts, each kept once.
private struct TextPool {
  private(set) var texts: [String]
  private var places: [NameKey: Int32] = [:]

  init(_ texts: [String]) {
    self.texts = texts
    for (place, text) in texts.enumerated() { places[NameKey(text)] = Int32(place) }
  }

  mutating func place(of text: String) -> Int32 {
    if let place = places[NameKey(text)] { return place }
    let place = Int32(texts.count)
    places[NameKey(text)] = place
    texts.append(text)
    return place
  }
}

/// All attempts of a block's trials. Immutable.
package struct PackedAttempts: Sendable {
  /// For each place, where its attempts begin; one more for where they end.
  private let starts: [Int32]
  /// Each trial's first to last.
  private let attempts: [PackedAttempt]
  private let texts: [String]

  package init() {
    starts = [0]
    attempts = []
    texts = []
  }

  /// Those of each place, first to last.
  ///
  /// - Parameter counts: how many each place has; their sum is that of `attempts`.
  package init(counts: [Int], _ attempts: [Attempt]) {
    var starts: [Int32] = [0]
    starts.reserveCapacity(counts.count + 1)
    for count in counts { starts.append(starts[starts.count - 1] + Int32(count)) }
    precondition(Int(starts[counts.count]) == attempts.count)
    var pool = TextPool([])
    self.starts = starts
    self.attempts = attempts.map { PackedAttempt($0, &pool) }
    texts = pool.texts
  }

  /// Those of `old`, and those of the trials `added` at places of which `old` has none.
  init(_ old: PackedAttempts, adding added: [(place: Int, trial: OpenTrial)], count: Int) {
    var starts: [Int32] = [0]
    starts.reserveCapacity(count + 1)
    var attempts: [PackedAttempt] = []
    attempts.reserveCapacity(
      added.reduce(old.attempts.count) { $0 + $1.trial.attemptCount })
    var pool = TextPool(old.texts)
    var next = 0
    for place in 0..<count {
      if next < added.count, added[next].place == place {
        for (_, attempt) in added[next].trial.attempts.entries() {
          attempts.append(PackedAttempt(attempt, &pool))
        }
        next += 1
      } else {
        attempts += old.attempts[old.range(of: place)]
      }
      starts.append(Int32(attempts.count))
    }
    self.starts = starts
    self.attempts = attempts
    texts = pool.texts
  }

  private func range(of place: Int) -> Range<Int> {
    place + 1 < starts.count ? Int(starts[place])..<Int(starts[place + 1]) : 0..<0
  }

  func count(at place: Int) -> Int { range(of: place).count }

  /// First to last.
  package func attempts(at place: Int) -> [Attempt] {
    range(of: place).enumerated().map { attempts[$1].attempt(index: $0 + 1, texts) }
  }

  func last(at place: Int) -> Attempt? {
    let range = range(of: place)
    return range.last.map { attempts[$0].attempt(index: range.count, texts) }
  }
}
