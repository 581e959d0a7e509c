// At least one event of every kind, with every optional part present and absent, and with the
// numbers that codecs like to lose.

import StudyModel

enum EventSamples {
  static let time = Timestamp(rawValue: 1_700_000_123_456_789)
  static let early = Timestamp(rawValue: -5)
  static let study = StudyID(rawValue: 1)
  static let claim = ClaimID(epoch: 3, sequence: 200)
  static let otherClaim = ClaimID(epoch: .max, sequence: 0)

  static var definition: StudyDefinition {
    get throws {
      var run = RunConfiguration(
        command: ["python", "train.py", "--lr={lr}"], workingDirectory: ".")
      run.memoryLimit = 1 << 33
      run.trialTimeoutSeconds = 0.1
      let space = try SearchSpace(
        [
          Parameter(
            name: "lr",
            distribution: .float(try FloatDomain(low: 1e-5, high: 0.1, isLogarithmic: true))),
          Parameter(name: "opt", distribution: try .choice([.string("sgd"), .float(1), .null])),
          Parameter(
            name: "momentum", distribution: .float(try FloatDomain(low: 0, high: 0.9, step: 0.1)),
            conditions: [ParameterCondition(parent: "opt", values: [.string("sgd")])]),
        ], constraints: ["lr < momentum"])
      return StudyDefinition(
        objectives: [
          Objective(name: "loss", direction: .minimize, aggregate: .mean(count: 3)),
          Objective(name: "größe \"x\"", direction: .maximize),
        ], space: space,
        bounds: [MetricBound(metric: "ms", relation: .atMost, limit: .infinity)],
        sampler: .init("tpe", options: ["candidates": 24]), seed: .max, targetTrials: 30, run: run)
    }
  }

  static var distributions: [Distribution] {
    get throws {
      [
        .float(try FloatDomain(low: -0.0, high: 1)),
        .float(try FloatDomain(low: .leastNonzeroMagnitude, high: 1e308, isLogarithmic: true)),
        .float(try FloatDomain(low: 0, high: 1, step: 0.1)),
        .integer(try IntegerDomain(low: -(1 << 53), high: 1 << 53)),
        .integer(try IntegerDomain(low: 1, high: 1024, isLogarithmic: true)),
        .integer(try IntegerDomain(low: 0, high: 10, step: 5)),
        .categorical([
          .null, .bool(true), .bool(false), .integer(.min), .float(.nan), .float(-0.0),
          .string(""), .string("a\u{0}b"),
        ]),
        .categorical(ChoiceDomain(unchecked: [])),
      ]
    }
  }

  /// What came after the golden store of version 1.
  static var laterDistributions: [Distribution] {
    get throws {
      [
        .float(try FloatDomain(low: 8, high: 256, isLogarithmic: true, step: 8)),
        .float(
          try .normal(NormalPrior(mean: 0.5, deviation: 2), isLogarithmic: true, high: 9)),
        .integer(try IntegerDomain(low: 8, high: 64, isLogarithmic: true, step: 8)),
        .integer(try .normal(NormalPrior(mean: 30, deviation: 10), low: 1, step: 2)),
        .categorical(
          try ChoiceDomain(
            [.float(1.9), .float(1.10), .structure("[64,64]"), .null],
            texts: ["1.9", "1.10", "[64,64]", "null"], isOrdered: true)),
        .categorical(try ChoiceDomain([.integer(1), .integer(2)], isOrdered: true)),
      ]
    }
  }

  static var batch: TrialBatch {
    get throws {
      var batch = TrialBatch(
        firstID: TrialID(rawValue: .max - 9), claim: otherClaim, objectives: 2, bounds: 1)
      batch.numbers = [0, 7, 1 << 30]
      batch.states = [.complete, .pruned, .failed]
      batch.created = [time, early, time]
      batch.ended = [early, time, time]
      batch.values = [
        BatchCells(values: [.nan, -0.0, .infinity]),
        BatchCells(places: [1], values: [.leastNonzeroMagnitude]),
      ]
      batch.violations = [BatchCells(places: [0, 2], values: [-.infinity, 1])]
      batch.parameters = try distributions.enumerated().map { index, distribution in
        TrialBatch.Parameter(
          name: "p\(index)\u{0}", distribution: distribution,
          cells: BatchCells(places: [0, 1], values: [0, Double(index)]))
      }
      batch.attributes = [
        .init(scope: .system, key: "", cells: BatchCells(values: ["1", "", "{}"])),
        .init(scope: .user, key: "k", cells: BatchCells(places: [2], values: ["é"])),
      ]
      batch.proposers = BatchCells(places: [0], values: ["tpe"])
      batch.retryOf = BatchCells(places: [2], values: [7])
      batch.runs = BatchCells(
        places: [1, 2],
        values: ends.map {
          ImportedTrial.Run(started: early, ended: time, end: $0, host: "h", worker: "")
        })
      return batch
    }
  }

  static let marking = TrialMarking(
    [
      .init(0, .note("")), .init(1 << 30, .note(nil)), .init(5, .tag("é,")), .init(5, .untag("")),
      .init(5, .dropped(.failed, reason: "r")), .init(5, .dropped(.pruned, reason: nil)),
      .init(7, .rerun(of: 5, ended: nil)), .init(8, .rerun(of: 5, ended: .complete)),
    ],
    best: [BestTrial(row: 0, number: 3, values: [-0.0, .infinity])], time: early)

  static let ends = [
    AttemptEnd(outcome: .finished),
    AttemptEnd(
      outcome: .outOfMemory, reason: "killed", lastLines: "a\nb\u{1F600}", exitStatus: -9,
      usage: ResourceUsage(wallSeconds: 1.5, cpuSeconds: 0, peakResidentBytes: 1 << 40)),
  ]

  /// As versions recorded it that did not know of which boot it is.
  static let oldDeadline = LeaseDeadline(
    bootMicroseconds: 1 << 50, bootID: "", wall: Timestamp(rawValue: time.rawValue + 1 << 50))

  /// What came after the golden store was written.
  static var later: [StudyEvent] {
    get throws { laterClaims + [.trialsImported(study, try batch), .trialsMarked(study, marking)] }
  }

  private static var laterClaims: [StudyEvent] {
    let deadline = LeaseDeadline(
      bootMicroseconds: 1 << 50, bootID: "boot", wall: Timestamp(rawValue: .max))
    // Of a machine that does not say which boot it is.
    let nameless = LeaseDeadline(bootMicroseconds: 1, bootID: "", wall: time)
    let memory = SamplerMemory(sampler: "gp", bytes: [1])
    return [
      (Lease.detached(deadline: deadline), nil), (.detached(deadline: deadline), memory),
      (.detached(deadline: nameless), memory), (.held, memory),
    ]
    .map { lease, memory in
      .trialClaimed(
        study, trial: 5,
        TrialClaim(
          claim: claim, lease: lease, host: "h", worker: "w", time: time, memory: memory))
    }
  }

  static var all: [StudyEvent] {
    get throws { try ofStudies + ofTrials }
  }

  private static var ofStudies: [StudyEvent] {
    get throws {
      [
        .studyCreated(id: study, name: "digits", definition: try definition, time: time),
        .studyCreated(id: .init(rawValue: .max), name: "", definition: .plain, time: early),
        .studyEdited(study, definition: .plain, time: time),
        .studyDeleted(study, time: time),
        .studyAttributeSet(study, .user, key: "a", value: "[1, 2]", time: time),
        .studyAttributeSet(study, .system, key: "", value: nil, time: time),
        .stopRequested(study, trial: nil, time: time),
        .stopRequested(study, trial: 12, time: time),
      ]
    }
  }

  private static var ofTrials: [StudyEvent] {
    get throws {
      let entries = try distributions.enumerated().map { index, distribution in
        Assignment.Entry(
          name: "p\(index)", distribution: distribution, internalValue: Double(index) / 3)
      }
      var events: [StudyEvent] = [
        .trialCreated(study, TrialCreation(id: .init(rawValue: 1), number: 0, time: time)),
        .trialCreated(
          study,
          TrialCreation(
            id: .init(rawValue: 1 << 40), number: 1 << 30, time: time,
            assignment: Assignment(entries), proposer: "tpe",
            memory: SamplerMemory(sampler: "gp", bytes: [0, 255, 7]), retryOf: 3)),
      ]
      for lease in [Lease.held, .detached(deadline: nil), .detached(deadline: oldDeadline)] {
        events.append(
          .trialClaimed(
            study, trial: 5,
            TrialClaim(
              claim: claim, lease: lease, host: "h", worker: "", time: time)))
      }
      events.append(
        .processStarted(
          study, trial: 5, claim: otherClaim,
          ProcessIdentity(host: "h", bootID: "b", processGroup: -1, startTicks: .max)))
      for distribution in try distributions {
        events.append(
          .parameterSet(study, trial: 5, name: "x", distribution, internalValue: -0.0))
      }
      events += [
        .metricsReported(
          study, trial: 5,
          MetricReport(claim: nil, step: .min, entries: [], time: early)),
        .metricsReported(
          study, trial: 5,
          MetricReport(
            claim: claim, step: .max,
            entries: [
              .init("loss", .infinity), .init("", -Double.leastNonzeroMagnitude),
              .init("payload", Double(bitPattern: 0x7FF8_0000_DEAD_BEEF)),
            ], time: time)),
        .trialAttributeSet(study, trial: 5, .system, key: "k", value: "\"v\""),
        .trialAttributeSet(study, trial: 5, .user, key: "k", value: nil),
      ]
      for end in ends {
        events.append(.attemptEnded(study, trial: 5, claim: claim, end, time: time))
      }
      events += [
        .trialFinished(study, trial: 5, TrialResult(claim: nil, state: .failed, time: time)),
        .trialFinished(
          study, trial: 5,
          TrialResult(
            claim: claim, state: .complete, values: [0.1, -.infinity], violations: [0, 1],
            end: ends[1], time: time)),
      ]
      return events
    }
  }
}
