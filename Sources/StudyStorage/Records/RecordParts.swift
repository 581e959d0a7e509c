// The parts that records are made of, each declared once for both directions, as records are
// (RecordFields.swift).

import PlainText
import StudyModel

extension TrialCreation {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var raw = id.rawValue
    try coder.varint("id", &raw)
    id = TrialID(rawValue: raw)
    try coder.time(&time)
    var entries = assignment.entries
    try coder.list(&entries, Blank.entry, leastBytes: 10) { (coder, entry) throws(ByteError) in
      try entry.code(&coder)
    }
    if coder.isReading {
      var names = Set<NameKey>(minimumCapacity: entries.count)
      for entry in entries where !names.insert(NameKey(entry.name)).inserted {
        throw .badValue("two values of \(entry.name.jsonQuoted)")
      }
      assignment = Assignment(entries)
    }
    try coder.string("proposer", &proposer)
    try coder.optional("memory", &memory, Blank.memory) { (coder, memory) throws(ByteError) in
      try memory.code(&coder)
    }
    try coder.optional("", &retryOf, 0) { (coder, number) throws(ByteError) in
      try coder.number("retry of", &number)
    }
  }
}

extension SamplerMemory {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var (sampler, bytes) = (self.sampler, self.bytes)
    try coder.string("sampler", &sampler)
    try coder.blob("bytes", &bytes)
    self = SamplerMemory(sampler: sampler, bytes: bytes)
  }
}

extension TrialClaim {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.claim(&claim)
    try coder.choice(&lease)
    try coder.string("host", &host)
    try coder.string("worker", &worker)
    try coder.time(&time)
    if case .detached(let deadline?) = lease { try codeEnd(of: deadline, &coder) }
    try coder.later(if: memory != nil) { (coder) throws(ByteError) in
      try coder.optional("memory", &memory, Blank.memory) { (coder, memory) throws(ByteError) in
        try memory.code(&coder)
      }
    }
  }

  private mutating func codeEnd<Coder: FieldCoder>(
    of deadline: LeaseDeadline, _ coder: inout Coder
  ) throws(ByteError) {
    // Without these, of an older version: at the latest the lease began with the machine, and
    // then it lasts as long as its deadline says.
    var (bootID, wall) = (deadline.bootID, deadline.wall)
    if coder.isReading {
      let length = Int64(clamping: deadline.bootMicroseconds)
      wall = Timestamp(rawValue: time.rawValue.addingReportingOverflow(length).partialValue)
      if wall < time { wall = Timestamp(rawValue: .max) }
    }
    // What comes behind can be told from these only where they are there.
    try coder.later(if: !bootID.isEmpty || memory != nil) { (coder) throws(ByteError) in
      try coder.string("lease's boot id", &bootID)
      try coder.time(&wall, "lease's end")
    }
    lease = .detached(
      deadline: LeaseDeadline(
        bootMicroseconds: deadline.bootMicroseconds, bootID: bootID, wall: wall))
  }
}

extension Lease: TaggedFields {
  static var name: StaticString { "lease" }
  static var cases: [(text: StaticString, blank: Lease)] {
    [
      ("held", .held), ("detached", .detached(deadline: nil)),
      ("detached until", .detached(deadline: Blank.deadline)),
    ]
  }

  var tag: UInt8 {
    switch self {
    case .held: 0
    case .detached(nil): 1
    case .detached: 2
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    guard case .detached(let deadline?) = self else { return }
    var microseconds = deadline.bootMicroseconds
    try coder.varint("µs of the boot-time clock", &microseconds)
    self = .detached(
      deadline: LeaseDeadline(
        bootMicroseconds: microseconds, bootID: deadline.bootID, wall: deadline.wall))
  }
}

extension ProcessIdentity {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var (host, bootID, group, ticks) = (self.host, self.bootID, processGroup, startTicks)
    try coder.string("host", &host)
    try coder.string("boot id", &bootID)
    try coder.int32("process group", &group)
    try coder.varint("start ticks", &ticks)
    self = ProcessIdentity(host: host, bootID: bootID, processGroup: group, startTicks: ticks)
  }
}

extension MetricReport {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.claim(&claim)
    try coder.signed("step", &step)
    try coder.time(&time)
    try coder.list(&entries, Entry("", 0), leastBytes: 9) { (coder, entry) throws(ByteError) in
      var (metric, value) = (entry.metric, entry.value)
      try coder.string("metric", &metric)
      try coder.double("value", &value)
      entry = Entry(metric, value)
    }
  }
}

extension AttemptEnd {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.part("end", "") { (coder) throws(ByteError) in
      try coder.raw("outcome", &outcome)
      try coder.string("reason", &reason)
      try coder.string("last lines", &lastLines)
      try coder.optional("", &exitStatus, 0) { (coder, status) throws(ByteError) in
        try coder.int32("exit status", &status)
      }
      try coder.optional("usage", &usage, Blank.usage) { (coder, usage) throws(ByteError) in
        try coder.double("wall seconds", &usage.wallSeconds)
        try coder.double("processor seconds", &usage.cpuSeconds)
        try coder.signed("peak bytes", &usage.peakResidentBytes)
      }
    }
  }
}

extension TrialResult {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.claim(&claim)
    try coder.raw("state", &state)
    try coder.list(&values, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
      try coder.double("value", &value)
    }
    try coder.list(&violations, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
      try coder.double("violation", &value)
    }
    try coder.optional("", &end, Blank.end) { (coder, end) throws(ByteError) in
      try end.code(&coder)
    }
    try coder.time(&time)
  }
}

extension Assignment.Entry {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var (name, value, distribution) = (self.name, internalValue, StoredDistribution(distribution))
    try coder.part("entry", "") { (coder) throws(ByteError) in
      try coder.string("name", &name)
      try coder.choice(&distribution)
      try coder.double("value", &value)
    }
    if coder.isReading {
      self = Assignment.Entry(
        name: name, distribution: try distribution.checked(), internalValue: value)
    }
  }
}

extension FieldCoder {
  mutating func distribution(_ distribution: inout Distribution) throws(ByteError) {
    var stored = StoredDistribution(distribution)
    try choice(&stored)
    if isReading { distribution = try stored.checked() }
  }
}

/// A distribution as it is stored, before anybody has looked whether it keeps its rules. The plain
/// forms, 0 to 5, stand wherever they say it all: they are short, and older.
private enum StoredDistribution: TaggedFields {
  case float(low: Double, high: Double)
  case logarithmicFloat(low: Double, high: Double)
  case steppedFloat(low: Double, high: Double, step: Double)
  case integer(low: Int64, high: Int64, step: Int64)
  case logarithmicInteger(low: Int64, high: Int64)
  case choices([ParameterValue])
  case anyFloat(
    isLogarithmic: Bool, low: Double, high: Double, step: Double?, prior: StoredPrior?)
  case anyInteger(
    isLogarithmic: Bool, low: Int64, high: Int64, step: Int64, prior: StoredPrior?)
  /// How each was typed, or nothing.
  case anyChoices(isOrdered: Bool, [ParameterValue], texts: [String])

  init(_ distribution: Distribution) {
    switch distribution {
    case .float(let domain):
      let (low, high) = (domain.low, domain.high)
      switch (domain.isLogarithmic, domain.step, domain.prior) {
      case (false, nil, nil): self = .float(low: low, high: high)
      case (true, nil, nil): self = .logarithmicFloat(low: low, high: high)
      case (false, let step?, nil): self = .steppedFloat(low: low, high: high, step: step)
      case (let isLogarithmic, let step, let prior):
        self = .anyFloat(
          isLogarithmic: isLogarithmic, low: low, high: high, step: step,
          prior: prior.map(StoredPrior.init))
      }
    case .integer(let domain):
      let (low, high) = (domain.low, domain.high)
      switch (domain.isLogarithmic, domain.step, domain.prior) {
      case (false, let step, nil): self = .integer(low: low, high: high, step: step)
      case (true, 1, nil): self = .logarithmicInteger(low: low, high: high)
      case (let isLogarithmic, let step, let prior):
        self = .anyInteger(
          isLogarithmic: isLogarithmic, low: low, high: high, step: step,
          prior: prior.map(StoredPrior.init))
      }
    case .categorical(let choices):
      let texts = choices.typedTexts
      self =
        !choices.isOrdered && texts == nil
        ? .choices(choices.values)
        : .anyChoices(isOrdered: choices.isOrdered, choices.values, texts: texts ?? [])
    }
  }

  func checked() throws(ByteError) -> Distribution {
    do throws(DomainError) {
      switch self {
      case .float(let low, let high): return .float(try FloatDomain(low: low, high: high))
      case .logarithmicFloat(let low, let high):
        return .float(try FloatDomain(low: low, high: high, isLogarithmic: true))
      case .steppedFloat(let low, let high, let step):
        return .float(try FloatDomain(low: low, high: high, step: step))
      case .integer(let low, let high, let step):
        return .integer(try IntegerDomain(low: low, high: high, step: step))
      case .logarithmicInteger(let low, let high):
        return .integer(try IntegerDomain(low: low, high: high, isLogarithmic: true))
      // No choice at all harms nobody, and was recorded once.
      case .choices(let choices): return .categorical(try ChoiceDomain(stored: choices))
      case .anyFloat(let isLogarithmic, let low, let high, let step, let prior):
        return .float(
          try FloatDomain(
            low: low, high: high, isLogarithmic: isLogarithmic, step: step,
            prior: try prior?.checked()))
      case .anyInteger(let isLogarithmic, let low, let high, let step, let prior):
        return .integer(
          try IntegerDomain(
            low: low, high: high, isLogarithmic: isLogarithmic, step: step,
            prior: try prior?.checked()))
      case .anyChoices(let isOrdered, let choices, let texts):
        return .categorical(
          try ChoiceDomain(stored: choices, texts: texts, isOrdered: isOrdered))
      }
    } catch {
      throw .badValue("a distribution: \(error.explanation.fact)")
    }
  }

  static var name: StaticString { "distribution" }
  static let cases: [(text: StaticString, blank: StoredDistribution)] = [
    ("float", .float(low: 0, high: 0)),
    ("logarithmic float", .logarithmicFloat(low: 0, high: 0)),
    ("stepped float", .steppedFloat(low: 0, high: 0, step: 0)),
    ("integer", .integer(low: 0, high: 0, step: 0)),
    ("logarithmic integer", .logarithmicInteger(low: 0, high: 0)),
    ("choices", .choices([])),
    ("any float", .anyFloat(isLogarithmic: false, low: 0, high: 0, step: nil, prior: nil)),
    ("any integer", .anyInteger(isLogarithmic: false, low: 0, high: 0, step: 0, prior: nil)),
    ("any choices", .anyChoices(isOrdered: false, [], texts: [])),
  ]

  var tag: UInt8 {
    switch self {
    case .float: 0
    case .logarithmicFloat: 1
    case .steppedFloat: 2
    case .integer: 3
    case .logarithmicInteger: 4
    case .choices: 5
    case .anyFloat: 6
    case .anyInteger: 7
    case .anyChoices: 8
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    switch self {
    case .float(var low, var high):
      try coder.bounds(&low, &high)
      self = .float(low: low, high: high)
    case .logarithmicFloat(var low, var high):
      try coder.bounds(&low, &high)
      self = .logarithmicFloat(low: low, high: high)
    case .steppedFloat(var low, var high, var step):
      try coder.bounds(&low, &high)
      try coder.double("step", &step)
      self = .steppedFloat(low: low, high: high, step: step)
    case .integer(var low, var high, var step):
      try coder.bounds(&low, &high)
      try coder.signed("step", &step)
      self = .integer(low: low, high: high, step: step)
    case .logarithmicInteger(var low, var high):
      try coder.bounds(&low, &high)
      self = .logarithmicInteger(low: low, high: high)
    case .choices(var choices):
      try coder.choices(&choices)
      self = .choices(choices)
    case .anyFloat(var isLogarithmic, var low, var high, var step, var prior):
      try coder.truth("logarithmic", &isLogarithmic)
      try coder.bounds(&low, &high)
      try coder.optional("", &step, 0) { (coder, step) throws(ByteError) in
        try coder.double("step", &step)
      }
      try coder.prior(&prior)
      self = .anyFloat(
        isLogarithmic: isLogarithmic, low: low, high: high, step: step, prior: prior)
    case .anyInteger(var isLogarithmic, var low, var high, var step, var prior):
      try coder.truth("logarithmic", &isLogarithmic)
      try coder.bounds(&low, &high)
      try coder.signed("step", &step)
      try coder.prior(&prior)
      self = .anyInteger(
        isLogarithmic: isLogarithmic, low: low, high: high, step: step, prior: prior)
    case .anyChoices(var isOrdered, var choices, var texts):
      try coder.truth("ordered", &isOrdered)
      try coder.choices(&choices)
      try coder.list(&texts, "", leastBytes: 1) { (coder, text) throws(ByteError) in
        try coder.string("typed", &text)
      }
      self = .anyChoices(isOrdered: isOrdered, choices, texts: texts)
    }
  }
}

/// A ``NormalPrior`` before anybody has looked whether it keeps its rules.
private struct StoredPrior {
  var mean = 0.0
  var deviation = 0.0

  init() {}

  init(_ prior: NormalPrior) {
    mean = prior.mean
    deviation = prior.deviation
  }

  func checked() throws(DomainError) -> NormalPrior {
    try NormalPrior(mean: mean, deviation: deviation)
  }
}

extension FieldCoder {
  fileprivate mutating func bounds(
    _ low: inout Double, _ high: inout Double
  ) throws(ByteError) {
    try double("low", &low)
    try double("high", &high)
  }

  fileprivate mutating func bounds(_ low: inout Int64, _ high: inout Int64) throws(ByteError) {
    try signed("low", &low)
    try signed("high", &high)
  }

  fileprivate mutating func choices(_ choices: inout [ParameterValue]) throws(ByteError) {
    try list(&choices, .null, leastBytes: 1) { (coder, choice) throws(ByteError) in
      try coder.choice(&choice)
    }
  }

  /// Of the logarithm where the domain is logarithmic.
  fileprivate mutating func prior(_ prior: inout StoredPrior?) throws(ByteError) {
    try optional("", &prior, StoredPrior()) { (coder, prior) throws(ByteError) in
      try coder.part("prior", "") { (coder) throws(ByteError) in
        try coder.double("mean", &prior.mean)
        try coder.double("deviation", &prior.deviation)
      }
    }
  }

  /// A byte, 0 or 1.
  fileprivate mutating func truth(
    _ name: StaticString, _ value: inout Bool
  ) throws(ByteError) {
    var raw: UInt8 = value ? 1 : 0
    try byte(name, &raw)
    guard raw <= 1 else { throw .badValue("\(name) \(raw)") }
    value = raw == 1
  }
}

extension ParameterValue: TaggedFields {
  static var name: StaticString { "choice" }
  static let cases: [(text: StaticString, blank: ParameterValue)] = [
    ("null", .null), ("false", .bool(false)), ("true", .bool(true)), ("integer", .integer(0)),
    ("float", .float(0)), ("string", .string("")), ("list or mapping", .structure("")),
  ]

  var tag: UInt8 {
    switch self {
    case .null: 0
    case .bool(false): 1
    case .bool(true): 2
    case .integer: 3
    case .float: 4
    case .string: 5
    case .structure: 6
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    switch self {
    case .null, .bool: break
    case .integer(var value):
      try coder.signed("value", &value)
      self = .integer(value)
    case .float(var value):
      try coder.double("value", &value)
      self = .float(value)
    case .string(var value):
      try coder.string("value", &value)
      self = .string(value)
    case .structure(var value):
      try coder.string("JSON", &value)
      self = .structure(value)
    }
  }
}

/// A claim by who made it: most frames speak of their own writer's.
private enum ClaimReference: TaggedFields {
  case none
  case own(sequence: UInt32)
  case other(epoch: UInt32, sequence: UInt32)

  init(_ claim: ClaimID?, _ context: RecordContext) {
    guard let claim else {
      self = .none
      return
    }
    self =
      claim.epoch == context.epoch
      ? .own(sequence: claim.sequence) : .other(epoch: claim.epoch, sequence: claim.sequence)
  }

  func resolved(_ context: RecordContext) -> ClaimID? {
    switch self {
    case .none: nil
    case .own(let sequence): ClaimID(epoch: context.epoch, sequence: sequence)
    case .other(let epoch, let sequence): ClaimID(epoch: epoch, sequence: sequence)
    }
  }

  static var name: StaticString { "claim" }
  static let cases: [(text: StaticString, blank: ClaimReference)] = [
    ("none", .none), ("of the frame's own writer", .own(sequence: 0)),
    ("of another", .other(epoch: 0, sequence: 0)),
  ]

  var tag: UInt8 {
    switch self {
    case .none: 0
    case .own: 1
    case .other: 2
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    switch self {
    case .none: break
    case .own(var sequence):
      try coder.uint32("sequence", &sequence)
      self = .own(sequence: sequence)
    case .other(var epoch, var sequence):
      try coder.uint32("epoch", &epoch)
      try coder.uint32("sequence", &sequence)
      self = .other(epoch: epoch, sequence: sequence)
    }
  }
}

// MARK: - Fields of many records

/// Trials are counted by rows of 32 bits.
let maximumTrialNumber = Int(Int32.max) - 1

extension FieldCoder {
  mutating func time(_ time: inout Timestamp, _ name: StaticString = "") throws(ByteError) {
    try part("time", name) { (coder) throws(ByteError) in
      var distance = time.rawValue &- coder.context.timeBase
      try coder.signed("µs since the log's time base", &distance)
      if coder.isReading { time = Timestamp(rawValue: coder.context.timeBase &+ distance) }
    }
  }

  mutating func study(_ id: inout StudyID) throws(ByteError) {
    var raw = id.rawValue
    try varint("id", &raw)
    id = StudyID(rawValue: raw)
  }

  /// A trial's number.
  mutating func number(
    _ name: StaticString, _ number: inout Int
  ) throws(ByteError) {
    var raw = UInt64(bitPattern: Int64(number))
    try varint(name, &raw)
    guard raw <= UInt64(maximumTrialNumber) else { throw .badValue("a trial's number, \(raw)") }
    number = Int(raw)
  }

  mutating func trial(
    _ study: inout StudyID, _ number: inout Int
  ) throws(ByteError) {
    try part("trial", "") { (coder) throws(ByteError) in
      var raw = study.rawValue
      try coder.varint("study", &raw)
      study = StudyID(rawValue: raw)
      try coder.number("number", &number)
    }
  }

  mutating func claim(_ claim: inout ClaimID?) throws(ByteError) {
    var reference = ClaimReference(claim, context)
    try choice(&reference)
    claim = reference.resolved(context)
  }

  /// A claim that must be one.
  mutating func claim(_ claim: inout ClaimID) throws(ByteError) {
    var some: ClaimID? = claim
    try self.claim(&some)
    if let some { claim = some } else if isReading { throw .badValue("no claim") }
  }

  mutating func attribute(
    _ scope: inout AttributeScope, _ key: inout String, _ value: inout String?
  ) throws(ByteError) {
    try raw("scope", &scope)
    try string("key", &key)
    try optional("", &value, "") { (coder, value) throws(ByteError) in
      try coder.string("JSON", &value)
    }
  }

  /// A byte that stands for one of few things.
  mutating func raw<Value: RawRepresentable<UInt8>>(
    _ name: StaticString, _ value: inout Value
  ) throws(ByteError) {
    var raw = value.rawValue
    try byte(name, &raw)
    guard let known = Value(rawValue: raw) else { throw .badValue("\(name) \(raw)") }
    value = known
  }

  /// JSON, as StoredDefinition.swift says.
  mutating func definition(
    _ definition: inout StudyDefinition
  ) throws(ByteError) {
    do {
      var json = isReading ? [] : try definition.storedJSON()
      try blob("definition", &json)
      if isReading { definition = try StudyDefinition(storedJSON: json) }
    } catch let error as ByteError {
      throw error
    } catch {
      throw .badValue("a study's definition: \(String("\(error)".prefix(300)))")
    }
  }
}
