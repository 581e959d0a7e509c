import StudyModel

/// Reads the records of one payload.
struct RecordDecoder {
  /// Trials are counted by rows of 32 bits.
  static let maximumTrialNumber = Int(Int32.max) - 1

  enum Failure: Error, Equatable {
    case bytes(ByteError)
    /// A critical record of a type that this version does not know.
    case unknown(type: UInt64)
  }

  static func records(
    _ bytes: [UInt8], _ range: Range<Int>, _ context: RecordContext
  ) throws(Failure) -> [LogRecord] {
    var reader = ByteReader(bytes, range)
    var records: [LogRecord] = []
    do {
      while !reader.isAtEnd {
        let tag = try reader.varint()
        var body = try reader.lengthPrefixed()
        guard let type = RecordType(rawValue: tag >> 1) else {
          if tag & 1 == 0 { continue }
          throw Failure.unknown(type: tag >> 1)
        }
        records.append(try body.record(type, context))
      }
    } catch let failure as Failure {
      throw failure
    } catch let error as ByteError {
      throw .bytes(error)
    } catch {
      throw .bytes(.badValue("study definition (\(error))"))
    }
    return records
  }
}

extension ByteReader {
  fileprivate mutating func record(
    _ type: RecordType, _ context: RecordContext
  ) throws -> LogRecord {
    switch type {
    case .hello:
      let process = ProcessSignature(
        processID: try int32("process"), startTicks: try varint(), host: try string(),
        bootID: try string())
      return .hello(WriterIdentity(process: process, time: try time(context)))
    case .close: return .close
    case .studyCreated, .studyEdited, .studyDeleted, .studyAttributeSet, .stopRequested:
      return .event(try studyEvent(type, StudyID(rawValue: try varint()), context))
    default:
      return .event(
        try trialEvent(type, StudyID(rawValue: try varint()), try number(), context))
    }
  }

  private mutating func studyEvent(
    _ type: RecordType, _ id: StudyID, _ context: RecordContext
  ) throws -> StudyEvent {
    switch type {
    case .studyCreated:
      let name = try string()
      let time = try time(context)
      return .studyCreated(id: id, name: name, definition: try definition(), time: time)
    case .studyEdited:
      let time = try time(context)
      return .studyEdited(id, definition: try definition(), time: time)
    case .studyDeleted: return .studyDeleted(id, time: try time(context))
    case .studyAttributeSet:
      return .studyAttributeSet(
        id, try scope(), key: try string(),
        value: try optional { reader throws(ByteError) in try reader.string() },
        time: try time(context))
    case .stopRequested:
      return .stopRequested(
        id, trial: try optional { reader throws(ByteError) in try reader.number() },
        time: try time(context))
    default: throw ByteError.badValue("record type \(type.rawValue)")
    }
  }

  private mutating func trialEvent(
    _ type: RecordType, _ study: StudyID, _ trial: Int, _ context: RecordContext
  ) throws(ByteError) -> StudyEvent {
    switch type {
    case .trialCreated: return .trialCreated(study, try creation(trial, context))
    case .trialClaimed:
      return .trialClaimed(
        study, trial: trial,
        TrialClaim(
          claim: try requiredClaim(context), lease: try lease(), host: try string(),
          worker: try string(), time: try time(context),
          // Claims had none before a sampler's memory was kept with enqueued trials.
          memory: isAtEnd ? nil : try memory()))
    case .processStarted:
      let claim = try requiredClaim(context)
      let host = try string()
      let bootID = try string()
      let process = ProcessIdentity(
        host: host, bootID: bootID, processGroup: try int32("process group"),
        startTicks: try varint())
      return .processStarted(study, trial: trial, claim: claim, process)
    case .parameterSet:
      let entry = try entry()
      return .parameterSet(
        study, trial: trial, name: entry.name, entry.distribution,
        internalValue: entry.internalValue)
    case .metricsReported: return .metricsReported(study, trial: trial, try report(context))
    case .trialAttributeSet:
      return .trialAttributeSet(
        study, trial: trial, try scope(), key: try string(),
        value: try optional { reader throws(ByteError) in try reader.string() })
    case .attemptEnded:
      let claim = try requiredClaim(context)
      let end = try attemptEnd()
      return .attemptEnded(study, trial: trial, claim: claim, end, time: try time(context))
    case .trialFinished: return .trialFinished(study, trial: trial, try result(context))
    default: throw .badValue("record type \(type.rawValue)")
    }
  }

  // MARK: Fields

  private mutating func time(_ context: RecordContext) throws(ByteError) -> Timestamp {
    Timestamp(rawValue: context.timeBase.rawValue &+ (try signed()))
  }

  mutating func optional<Value>(
    _ get: (inout ByteReader) throws(ByteError) -> Value
  ) throws(ByteError) -> Value? {
    switch try byte() {
    case 0: return nil
    case 1: return try get(&self)
    case let other: throw .badValue("presence \(other)")
    }
  }

  fileprivate mutating func number() throws(ByteError) -> Int {
    try count(upTo: RecordDecoder.maximumTrialNumber, "trial number")
  }

  private mutating func int32(_ what: String) throws(ByteError) -> Int32 {
    let value = try signed()
    guard let narrow = Int32(exactly: value) else { throw .badValue("\(what) \(value)") }
    return narrow
  }

  private mutating func uint32(_ what: String) throws(ByteError) -> UInt32 {
    UInt32(try count(upTo: Int(UInt32.max), what))
  }

  private mutating func scope() throws(ByteError) -> AttributeScope {
    let value = try byte()
    guard let scope = AttributeScope(rawValue: value) else { throw .badValue("scope \(value)") }
    return scope
  }

  private mutating func claim(_ context: RecordContext) throws(ByteError) -> ClaimID? {
    switch try byte() {
    case 0: return nil
    case 1: return ClaimID(epoch: context.epoch, sequence: try uint32("claim"))
    case 2: return ClaimID(epoch: try uint32("epoch"), sequence: try uint32("claim"))
    case let other: throw .badValue("claim \(other)")
    }
  }

  private mutating func requiredClaim(_ context: RecordContext) throws(ByteError) -> ClaimID {
    guard let claim = try claim(context) else { throw .badValue("no claim") }
    return claim
  }

  private mutating func lease() throws(ByteError) -> Lease {
    switch try byte() {
    case 0: return .held
    case 1: return .detached(deadline: nil)
    case 2: return .detached(deadline: try varint())
    case let other: throw .badValue("lease \(other)")
    }
  }

  private mutating func doubles() throws(ByteError) -> [Double] {
    let count = try count(upTo: remaining / 8, "count")
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try double()) }
    return values
  }

  private mutating func report(_ context: RecordContext) throws(ByteError) -> MetricReport {
    let claim = try claim(context)
    let step = try signed()
    let time = try time(context)
    let count = try count(upTo: remaining / 9, "count")
    var entries: [MetricReport.Entry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(.init(try string(), try double())) }
    return MetricReport(claim: claim, step: step, entries: entries, time: time)
  }

  private mutating func attemptEnd() throws(ByteError) -> AttemptEnd {
    let outcome = try byte()
    guard let outcome = AttemptOutcome(rawValue: outcome) else {
      throw .badValue("outcome \(outcome)")
    }
    return AttemptEnd(
      outcome: outcome, reason: try string(), lastLines: try string(),
      exitStatus: try optional { reader throws(ByteError) in try reader.int32("exit status") },
      usage: try optional { reader throws(ByteError) in
        ResourceUsage(
          wallSeconds: try reader.double(), cpuSeconds: try reader.double(),
          peakResidentBytes: try reader.signed())
      })
  }

  private mutating func result(_ context: RecordContext) throws(ByteError) -> TrialResult {
    let claim = try claim(context)
    let raw = try byte()
    guard let state = TrialState(rawValue: raw) else { throw .badValue("state \(raw)") }
    return TrialResult(
      claim: claim, state: state, values: try doubles(), violations: try doubles(),
      end: try optional { reader throws(ByteError) in try reader.attemptEnd() },
      time: try time(context))
  }

  private mutating func creation(
    _ number: Int, _ context: RecordContext
  ) throws(ByteError) -> TrialCreation {
    let id = TrialID(rawValue: try varint())
    let time = try time(context)
    let count = try count(upTo: remaining / 10, "count")
    var entries: [Assignment.Entry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try entry()) }
    return TrialCreation(
      id: id, number: number, time: time, assignment: Assignment(entries),
      proposer: try string(),
      memory: try memory(),
      retryOf: try optional { reader throws(ByteError) in try reader.number() })
  }

  private mutating func memory() throws(ByteError) -> SamplerMemory? {
    try optional { reader throws(ByteError) in
      SamplerMemory(sampler: try reader.string(), bytes: try reader.blob())
    }
  }

  private mutating func entry() throws(ByteError) -> Assignment.Entry {
    .init(name: try string(), distribution: try distribution(), internalValue: try double())
  }

  private mutating func definition() throws -> StudyDefinition {
    let definition = try StudyDefinition(storedJSON: try blob())
    guard !definition.objectives.isEmpty else { throw ByteError.badValue("no objectives") }
    for parameter in definition.space.parameters { try parameter.distribution.revalidate() }
    return definition
  }
}

extension Distribution {
  /// JSON does not ask the initializers; this does.
  fileprivate func revalidate() throws {
    switch self {
    case .float(let domain):
      _ = try FloatDomain(
        low: domain.low, high: domain.high, isLogarithmic: domain.isLogarithmic,
        step: domain.step)
    case .integer(let domain):
      _ = try IntegerDomain(
        low: domain.low, high: domain.high, isLogarithmic: domain.isLogarithmic,
        step: domain.step)
    case .categorical: break
    }
  }
}
