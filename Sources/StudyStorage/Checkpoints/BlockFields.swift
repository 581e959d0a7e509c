// What attempts and series are as columns: the one place that says which fields they have, for
// writing and reading alike.

import StudyModel

/// The columns of attempts, all attempts of a block by trial and attempt.
enum AttemptField: Int, CaseIterable {
  /// How many attempts each place of the block has.
  case counts = 0
  case epoch, sequence, flags, started, ended, leaseDeadline, leaseWall, processGroup
  case startTicks, outcome, exitStatus, peakBytes
  case wallSeconds, cpuSeconds
  case host, worker, leaseBoot, processHost, processBoot, reason, lastLines

  var key: PartKey { PartKey(kind: .attempt, number: rawValue) }
}

/// The columns of the series of one metric, one a trial that reported it.
enum SeriesField: Int, CaseIterable {
  case place = 0
  case count, nanCount, stride, firstStep, lastStep, firstTime, lastTime
  case minimum, maximum, sum, firstValue, lastValue

  func key(_ metric: Int) -> PartKey {
    PartKey(kind: .series, number: rawValue << 32 | metric)
  }
}

extension PartKey {
  /// The metric of a series column.
  var metric: Int { number & 0xFFFF_FFFF }
}

/// The attempts of a block by columns; a field that an attempt lacks has a filler.
struct AttemptColumns {
  struct Flags: OptionSet {
    let rawValue: Int64
    static let isDetached = Flags(rawValue: 1)
    static let lapses = Flags(rawValue: 2)
    static let hasProcess = Flags(rawValue: 4)
    static let hasEnded = Flags(rawValue: 8)
    static let hasEnd = Flags(rawValue: 16)
    static let hasStatus = Flags(rawValue: 32)
    static let hasUsage = Flags(rawValue: 64)
  }

  /// Columns by their fields.
  struct Columns<Value> {
    private var all = [[Value]](repeating: [], count: AttemptField.allCases.count)

    subscript(field: AttemptField) -> [Value] {
      get { all[field.rawValue] }
      _modify { yield &all[field.rawValue] }
    }
  }

  var integers = Columns<Int64>()
  var floats = Columns<Double>()
  var texts = Columns<String>()

  static let integerFields: [AttemptField] = [
    .epoch, .sequence, .flags, .started, .ended, .leaseDeadline, .leaseWall, .processGroup,
    .startTicks, .outcome, .exitStatus, .peakBytes,
  ]
  static let floatFields: [AttemptField] = [.wallSeconds, .cpuSeconds]
  static let textFields: [AttemptField] = [
    .host, .worker, .leaseBoot, .processHost, .processBoot, .reason, .lastLines,
  ]

  init() {}

  mutating func append(_ attempt: Attempt) {
    var flags: Flags = []
    func put(_ field: AttemptField, _ value: Int64) { integers[field].append(value) }
    func put(_ field: AttemptField, _ value: Double) { floats[field].append(value) }
    func put(_ field: AttemptField, _ value: String) { texts[field].append(value) }

    put(.epoch, Int64(attempt.claim.epoch))
    put(.sequence, Int64(attempt.claim.sequence))
    put(.started, attempt.started.rawValue)
    put(.host, attempt.host)
    put(.worker, attempt.worker)
    var deadline: LeaseDeadline?
    if case .detached(let known) = attempt.lease {
      flags.insert(.isDetached)
      if known != nil { flags.insert(.lapses) }
      deadline = known
    }
    put(.leaseDeadline, Int64(bitPattern: deadline?.bootMicroseconds ?? 0))
    put(.leaseWall, deadline?.wall.rawValue ?? 0)
    put(.leaseBoot, deadline?.bootID ?? "")
    let process = attempt.process
    if process != nil { flags.insert(.hasProcess) }
    put(.processHost, process?.host ?? "")
    put(.processBoot, process?.bootID ?? "")
    put(.processGroup, Int64(process?.processGroup ?? 0))
    put(.startTicks, Int64(bitPattern: process?.startTicks ?? 0))
    if attempt.ended != nil { flags.insert(.hasEnded) }
    put(.ended, attempt.ended?.rawValue ?? 0)
    let end = attempt.end
    if end != nil { flags.insert(.hasEnd) }
    put(.outcome, Int64(end?.outcome.rawValue ?? 0))
    put(.reason, end?.reason ?? "")
    put(.lastLines, end?.lastLines ?? "")
    if end?.exitStatus != nil { flags.insert(.hasStatus) }
    put(.exitStatus, Int64(end?.exitStatus ?? 0))
    let usage = end?.usage
    if usage != nil { flags.insert(.hasUsage) }
    put(.wallSeconds, usage?.wallSeconds ?? 0)
    put(.cpuSeconds, usage?.cpuSeconds ?? 0)
    put(.peakBytes, usage?.peakResidentBytes ?? 0)
    put(.flags, flags.rawValue)
  }

  /// How many attempts there are; nil when columns differ in length.
  var count: Int? {
    let counts =
      Self.integerFields.map { integers[$0].count }
      + Self.floatFields.map { floats[$0].count }
      + Self.textFields.map { texts[$0].count }
    return counts.allSatisfy { $0 == counts[0] } ? counts[0] : nil
  }

  /// The attempts, `counts` at a time.
  func attempts(_ counts: [Int]) throws(ByteError) -> [Attempt] {
    guard let count, counts.allSatisfy({ $0 >= 0 && $0 <= count }),
      counts.reduce(0, +) == count
    else { throw .badValue("attempts of columns that do not fit") }
    func integer(_ field: AttemptField) -> [Int64] { integers[field] }
    func text(_ field: AttemptField) -> [String] { texts[field] }
    let (epochs, sequences, flags) = (integer(.epoch), integer(.sequence), integer(.flags))
    let (starts, ends, outcomes) = (integer(.started), integer(.ended), integer(.outcome))
    let (deadlines, walls) = (integer(.leaseDeadline), integer(.leaseWall))
    let (groups, ticks) = (integer(.processGroup), integer(.startTicks))
    let (statuses, peaks) = (integer(.exitStatus), integer(.peakBytes))
    let (wall, cpu) = (floats[.wallSeconds], floats[.cpuSeconds])
    let (hosts, workers, boots) = (text(.host), text(.worker), text(.leaseBoot))
    let (processHosts, processBoots) = (text(.processHost), text(.processBoot))
    let (reasons, lastLines) = (text(.reason), text(.lastLines))
    var attempts: [Attempt] = []
    attempts.reserveCapacity(count)
    var row = 0
    for length in counts {
      for index in 0..<length {
        defer { row += 1 }
        let has = Flags(rawValue: flags[row])
        guard let epoch = UInt32(exactly: epochs[row]),
          let sequence = UInt32(exactly: sequences[row]),
          let outcome = UInt8(exactly: outcomes[row]).flatMap(AttemptOutcome.init(rawValue:)),
          let status = Int32(exactly: statuses[row]), let group = Int32(exactly: groups[row])
        else { throw .badValue("an attempt") }
        let deadline = LeaseDeadline(
          bootMicroseconds: UInt64(bitPattern: deadlines[row]), bootID: boots[row],
          wall: Timestamp(rawValue: walls[row]))
        var attempt = Attempt(
          index: index + 1, claim: ClaimID(epoch: epoch, sequence: sequence),
          lease: has.contains(.isDetached)
            ? .detached(deadline: has.contains(.lapses) ? deadline : nil) : .held,
          host: hosts[row], worker: workers[row], started: Timestamp(rawValue: starts[row]))
        if has.contains(.hasProcess) {
          attempt.process = ProcessIdentity(
            host: processHosts[row], bootID: processBoots[row], processGroup: group,
            startTicks: UInt64(bitPattern: ticks[row]))
        }
        if has.contains(.hasEnded) { attempt.ended = Timestamp(rawValue: ends[row]) }
        if has.contains(.hasEnd) {
          attempt.end = AttemptEnd(
            outcome: outcome, reason: reasons[row], lastLines: lastLines[row],
            exitStatus: has.contains(.hasStatus) ? status : nil,
            usage: has.contains(.hasUsage)
              ? ResourceUsage(
                wallSeconds: wall[row], cpuSeconds: cpu[row], peakResidentBytes: peaks[row])
              : nil)
        }
        attempts.append(attempt)
      }
    }
    return attempts
  }
}
