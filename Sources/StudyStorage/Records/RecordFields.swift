// Which fields every record has, declared once for both directions. A test
// (RecordDescriptionTests) holds schema/store-format.md to these declarations: change both in
// one commit. A field that comes later stands at the end, in `later`.

import StudyModel

extension LogRecord {
  var type: RecordType {
    let event: StudyEvent
    switch self {
    case .hello: return .hello
    case .close: return .close
    case .seal: return .seal
    case .event(let known): event = known
    }
    switch event {
    case .studyCreated: return .studyCreated
    case .studyEdited: return .studyEdited
    case .studyDeleted: return .studyDeleted
    case .studyAttributeSet: return .studyAttribute
    case .stopRequested: return .stopRequested
    case .trialCreated: return .trialCreated
    case .trialClaimed: return .trialClaimed
    case .processStarted: return .processStarted
    case .parameterSet: return .parameterSet
    case .metricsReported: return .metricsReported
    case .trialAttributeSet: return .trialAttribute
    case .attemptEnded: return .attemptEnded
    case .trialFinished: return .trialFinished
    case .trialsImported: return .trialsImported
    case .trialsMarked: return .trialsMarked
    }
  }

  /// A record of `type` to begin reading with.
  static func blank(_ type: RecordType) -> LogRecord {
    let study = StudyID(rawValue: 0)
    switch type {
    case .hello: return .hello(Blank.writer)
    case .close: return .close
    case .seal: return .seal
    case .studyCreated:
      return .event(
        .studyCreated(id: study, name: "", definition: Blank.definition, time: Blank.time))
    case .studyEdited:
      return .event(.studyEdited(study, definition: Blank.definition, time: Blank.time))
    case .studyDeleted: return .event(.studyDeleted(study, time: Blank.time))
    case .studyAttribute:
      return .event(.studyAttributeSet(study, .user, key: "", value: nil, time: Blank.time))
    case .stopRequested: return .event(.stopRequested(study, trial: nil, time: Blank.time))
    case .trialCreated: return .event(.trialCreated(study, Blank.creation))
    case .trialClaimed: return .event(.trialClaimed(study, trial: 0, Blank.taking))
    case .processStarted:
      return .event(.processStarted(study, trial: 0, claim: Blank.claim, Blank.process))
    case .parameterSet:
      return .event(
        .parameterSet(study, trial: 0, name: "", Blank.distribution, internalValue: 0))
    case .metricsReported: return .event(.metricsReported(study, trial: 0, Blank.report))
    case .trialAttribute:
      return .event(.trialAttributeSet(study, trial: 0, .user, key: "", value: nil))
    case .attemptEnded:
      return .event(
        .attemptEnded(study, trial: 0, claim: Blank.claim, Blank.end, time: Blank.time))
    case .trialFinished: return .event(.trialFinished(study, trial: 0, Blank.result))
    case .trialsImported: return .event(.trialsImported(study, Blank.batch))
    case .trialsMarked: return .event(.trialsMarked(study, Blank.marking))
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    switch self {
    case .hello(var writer):
      try coder.int32("pid", &writer.process.processID)
      try coder.varint("start ticks", &writer.process.startTicks)
      try coder.string("host", &writer.process.host)
      try coder.string("boot id", &writer.process.bootID)
      try coder.time(&writer.time)
      self = .hello(writer)
    case .close, .seal: break
    case .event(var event):
      try event.codeOfStudy(&coder)
      self = .event(event)
    }
  }
}

extension StudyEvent {
  fileprivate mutating func codeOfStudy<Coder: FieldCoder>(
    _ coder: inout Coder
  ) throws(ByteError) {
    switch self {
    case .studyCreated(var id, var name, var definition, var time):
      try coder.study(&id)
      try coder.string("name", &name)
      try coder.time(&time)
      try coder.definition(&definition)
      self = .studyCreated(id: id, name: name, definition: definition, time: time)
    case .studyEdited(var id, var definition, var time):
      try coder.study(&id)
      try coder.time(&time)
      try coder.definition(&definition)
      self = .studyEdited(id, definition: definition, time: time)
    case .studyDeleted(var id, var time):
      try coder.study(&id)
      try coder.time(&time)
      self = .studyDeleted(id, time: time)
    case .studyAttributeSet(var id, var scope, var key, var value, var time):
      try coder.study(&id)
      try coder.attribute(&scope, &key, &value)
      try coder.time(&time)
      self = .studyAttributeSet(id, scope, key: key, value: value, time: time)
    case .stopRequested(var id, var trial, var time):
      try coder.study(&id)
      try coder.optional("", &trial, 0) { (coder, trial) throws(ByteError) in
        try coder.number("number", &trial)
      }
      try coder.time(&time)
      self = .stopRequested(id, trial: trial, time: time)
    default: try codeOfTrial(&coder)
    }
  }

  private mutating func codeOfTrial<Coder: FieldCoder>(
    _ coder: inout Coder
  ) throws(ByteError) {
    switch self {
    case .trialCreated(var study, var creation):
      try coder.trial(&study, &creation.number)
      try creation.code(&coder)
      self = .trialCreated(study, creation)
    case .trialClaimed(var study, var trial, var claim):
      try coder.trial(&study, &trial)
      try claim.code(&coder)
      self = .trialClaimed(study, trial: trial, claim)
    case .processStarted(var study, var trial, var claim, var process):
      try coder.trial(&study, &trial)
      try coder.claim(&claim)
      try process.code(&coder)
      self = .processStarted(study, trial: trial, claim: claim, process)
    case .parameterSet(var study, var trial, let name, let distribution, let internalValue):
      try coder.trial(&study, &trial)
      var entry = Assignment.Entry(
        name: name, distribution: distribution, internalValue: internalValue)
      try entry.code(&coder)
      self = .parameterSet(
        study, trial: trial, name: entry.name, entry.distribution,
        internalValue: entry.internalValue)
    case .metricsReported(var study, var trial, var report):
      try coder.trial(&study, &trial)
      try report.code(&coder)
      self = .metricsReported(study, trial: trial, report)
    case .trialAttributeSet(var study, var trial, var scope, var key, var value):
      try coder.trial(&study, &trial)
      try coder.attribute(&scope, &key, &value)
      self = .trialAttributeSet(study, trial: trial, scope, key: key, value: value)
    case .attemptEnded(var study, var trial, var claim, var end, var time):
      try coder.trial(&study, &trial)
      try coder.claim(&claim)
      try end.code(&coder)
      try coder.time(&time)
      self = .attemptEnded(study, trial: trial, claim: claim, end, time: time)
    case .trialFinished(var study, var trial, var result):
      try coder.trial(&study, &trial)
      try result.code(&coder)
      self = .trialFinished(study, trial: trial, result)
    case .trialsImported(var study, var batch):
      try coder.study(&study)
      try batch.code(&coder)
      self = .trialsImported(study, batch)
    case .trialsMarked(var study, var marking):
      try coder.study(&study)
      try marking.code(&coder)
      self = .trialsMarked(study, marking)
    case .studyCreated, .studyEdited, .studyDeleted, .studyAttributeSet, .stopRequested:
      preconditionFailure("an event of a study, not of a trial")
    }
  }
}

/// What a reader begins with, and replaces field by field.
enum Blank {
  static let time = Timestamp(rawValue: 0)
  static let claim = ClaimID(epoch: 0, sequence: 0)
  static let definition = StudyDefinition(seed: 0)
  static let writer = WriterIdentity(
    process: ProcessSignature(processID: 0, startTicks: 0, host: "", bootID: ""), time: time)
  static let creation = TrialCreation(id: TrialID(rawValue: 0), number: 0, time: time)
  static let deadline = LeaseDeadline(bootMicroseconds: 0, bootID: "", wall: time)
  /// With a deadline, so that who describes the record comes by what follows one.
  static let taking = TrialClaim(
    claim: claim, lease: .detached(deadline: deadline), host: "", worker: "", time: time)
  static let process = ProcessIdentity(host: "", bootID: "", processGroup: 0, startTicks: 0)
  static let report = MetricReport(claim: nil, step: 0, entries: [], time: time)
  static let end = AttemptEnd(outcome: .finished)
  static let usage = ResourceUsage(wallSeconds: 0, cpuSeconds: 0, peakResidentBytes: 0)
  static let result = TrialResult(claim: nil, state: .complete, time: time)
  static let batch = TrialBatch(
    firstID: TrialID(rawValue: 0), claim: claim, objectives: 0, bounds: 0)
  static let marking = TrialMarking([], time: time)
  static let best = BestTrial(row: 0, number: 0, values: [])
  static let run = ImportedTrial.Run(started: time, ended: time, end: end)
  static let memory = SamplerMemory(sampler: "", bytes: [])
  static let distribution = Distribution.categorical(ChoiceDomain(unchecked: []))
  static let entry = Assignment.Entry(name: "", distribution: distribution, internalValue: 0)
}
