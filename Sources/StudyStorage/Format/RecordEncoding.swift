import FoundationEssentials
import StudyModel

/// Appends records to a payload.
struct RecordEncoder {
  /// Room for a frame's header, then the payload.
  var writer = ByteWriter()
  private let context: RecordContext

  init(_ context: RecordContext) {
    self.context = context
    writer.reserve(128)
    writer.zeros(FrameHeader.byteCount)
  }

  var payloadBytes: Int { writer.bytes.count - FrameHeader.byteCount }

  mutating func append(_ record: LogRecord) throws {
    switch record {
    case .hello(let identity):
      put(.hello) { writer, context in
        writer.signed(Int64(identity.process.processID))
        writer.varint(identity.process.startTicks)
        writer.string(identity.process.host)
        writer.string(identity.process.bootID)
        writer.time(identity.time, context)
      }
    case .close: put(.close, critical: false) { _, _ in }
    case .event(let event): try append(event)
    }
  }

  private mutating func put(
    _ type: RecordType, critical: Bool = true,
    _ body: (inout ByteWriter, RecordContext) -> Void
  ) {
    writer.varint(type.rawValue << 1 | (critical ? 1 : 0))
    let context = context
    writer.lengthPrefixed { body(&$0, context) }
  }

  private mutating func append(_ event: StudyEvent) throws {
    switch event {
    case .studyCreated(let id, let name, let definition, let time):
      let json = try definition.storedJSON()
      put(.studyCreated) { writer, context in
        writer.varint(id.rawValue)
        writer.string(name)
        writer.time(time, context)
        writer.blob(json)
      }
    case .studyEdited(let id, let definition, let time):
      let json = try definition.storedJSON()
      put(.studyEdited) { writer, context in
        writer.varint(id.rawValue)
        writer.time(time, context)
        writer.blob(json)
      }
    case .studyDeleted(let id, let time):
      put(.studyDeleted) { writer, context in
        writer.varint(id.rawValue)
        writer.time(time, context)
      }
    case .studyAttributeSet(let id, let scope, let key, let value, let time):
      put(.studyAttributeSet) { writer, context in
        writer.varint(id.rawValue)
        writer.byte(scope.rawValue)
        writer.string(key)
        writer.optional(value) { $0.string($1) }
        writer.time(time, context)
      }
    case .stopRequested(let id, let trial, let time):
      put(.stopRequested) { writer, context in
        writer.varint(id.rawValue)
        writer.optional(trial) { $0.number($1) }
        writer.time(time, context)
      }
    default: append(ofTrial: event)
    }
  }

  private mutating func append(ofTrial event: StudyEvent) {
    switch event {
    case .trialCreated(let study, let creation):
      put(.trialCreated) { writer, context in
        writer.trial(study, creation.number)
        writer.creation(creation, context)
      }
    case .trialClaimed(let study, let number, let claim):
      put(.trialClaimed) { writer, context in
        writer.trial(study, number)
        writer.claim(claim.claim, context)
        writer.lease(claim.lease)
        writer.string(claim.host)
        writer.string(claim.worker)
        writer.time(claim.time, context)
        writer.optional(claim.memory) { $0.memory($1) }
      }
    case .processStarted(let study, let number, let claim, let process):
      put(.processStarted) { writer, context in
        writer.trial(study, number)
        writer.claim(claim, context)
        writer.string(process.host)
        writer.string(process.bootID)
        writer.signed(Int64(process.processGroup))
        writer.varint(process.startTicks)
      }
    case .parameterSet(let study, let number, let name, let distribution, let internalValue):
      put(.parameterSet) { writer, _ in
        writer.trial(study, number)
        writer.entry(
          .init(name: name, distribution: distribution, internalValue: internalValue))
      }
    case .metricsReported(let study, let number, let report):
      put(.metricsReported) { writer, context in
        writer.trial(study, number)
        writer.claim(report.claim, context)
        writer.signed(report.step)
        writer.time(report.time, context)
        writer.varint(UInt64(report.entries.count))
        for entry in report.entries {
          writer.string(entry.metric)
          writer.double(entry.value)
        }
      }
    case .trialAttributeSet(let study, let number, let scope, let key, let value):
      put(.trialAttributeSet) { writer, _ in
        writer.trial(study, number)
        writer.byte(scope.rawValue)
        writer.string(key)
        writer.optional(value) { $0.string($1) }
      }
    case .attemptEnded(let study, let number, let claim, let end, let time):
      put(.attemptEnded) { writer, context in
        writer.trial(study, number)
        writer.claim(claim, context)
        writer.attemptEnd(end)
        writer.time(time, context)
      }
    case .trialFinished(let study, let number, let result):
      put(.trialFinished) { writer, context in
        writer.trial(study, number)
        writer.claim(result.claim, context)
        writer.byte(result.state.rawValue)
        writer.doubles(result.values)
        writer.doubles(result.violations)
        writer.optional(result.end) { $0.attemptEnd($1) }
        writer.time(result.time, context)
      }
    case .studyCreated, .studyEdited, .studyDeleted, .studyAttributeSet, .stopRequested:
      preconditionFailure("an event of a study, not of a trial")
    }
  }
}

extension ByteWriter {
  fileprivate mutating func time(_ time: Timestamp, _ context: RecordContext) {
    signed(time.rawValue &- context.timeBase.rawValue)
  }

  mutating func optional<Value>(
    _ value: Value?, _ put: (inout ByteWriter, Value) -> Void
  ) {
    byte(value == nil ? 0 : 1)
    if let value { put(&self, value) }
  }

  /// A trial's number.
  fileprivate mutating func number(_ number: Int) {
    precondition((0...RecordDecoder.maximumTrialNumber).contains(number))
    varint(UInt64(number))
  }

  fileprivate mutating func trial(_ study: StudyID, _ number: Int) {
    varint(study.rawValue)
    self.number(number)
  }

  /// 0: none; 1 and the sequence: of the frame's own writer; 2, epoch and sequence: of another.
  fileprivate mutating func claim(_ claim: ClaimID?, _ context: RecordContext) {
    guard let claim else { return byte(0) }
    if claim.epoch == context.epoch {
      byte(1)
    } else {
      byte(2)
      varint(UInt64(claim.epoch))
    }
    varint(UInt64(claim.sequence))
  }

  fileprivate mutating func lease(_ lease: Lease) {
    switch lease {
    case .held: byte(0)
    case .detached(nil): byte(1)
    case .detached(let deadline?):
      byte(2)
      varint(deadline)
    }
  }

  fileprivate mutating func doubles(_ values: [Double]) {
    varint(UInt64(values.count))
    for value in values { double(value) }
  }

  fileprivate mutating func attemptEnd(_ end: AttemptEnd) {
    byte(end.outcome.rawValue)
    string(end.reason)
    string(end.lastLines)
    optional(end.exitStatus) { $0.signed(Int64($1)) }
    optional(end.usage) {
      $0.double($1.wallSeconds)
      $0.double($1.cpuSeconds)
      $0.signed($1.peakResidentBytes)
    }
  }

  fileprivate mutating func creation(_ creation: TrialCreation, _ context: RecordContext) {
    varint(creation.id.rawValue)
    time(creation.time, context)
    varint(UInt64(creation.assignment.entries.count))
    for entry in creation.assignment.entries { self.entry(entry) }
    string(creation.proposer)
    optional(creation.memory) { $0.memory($1) }
    optional(creation.retryOf) { $0.number($1) }
  }

  fileprivate mutating func memory(_ memory: SamplerMemory) {
    string(memory.sampler)
    blob(memory.bytes)
  }

  fileprivate mutating func entry(_ entry: Assignment.Entry) {
    string(entry.name)
    distribution(entry.distribution)
    double(entry.internalValue)
  }
}

extension StudyDefinition {
  /// As a record keeps it: JSON, its keys in order so that equal definitions are equal bytes.
  func storedJSON() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return [UInt8](try encoder.encode(self))
  }

  init(storedJSON json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    self = try decoder.decode(StudyDefinition.self, from: Data(json))
  }
}
