import StudyEngine
import StudyModel
import StudySQL
import Testing

@testable import TableReading

/// What an export wrote comes back: exported again, it is the same to the byte.
@Suite struct RoundTripTests {
  private static let texts = [
    "adam", "", "a,b", "say \"hi\"", "two\nlines", "cr\r\nlf", "é数🙂", " blanks ", "tab\there",
    "1.10", "007", "1", "true", "NaN", "-inf", "null", "'; DROP TABLE", "\u{1}\u{7F}", "=1+1",
    "[1,2]", "{\"a\": 1}", "\\t", "\"",
  ]
  private static let numbers = [
    0.1, -0.0, 1e-308, .leastNonzeroMagnitude, 1.7976931348623157e308, 0.30000000000000004,
    123456789.123456789,
    1e16, 1e-5, -1.0, 2.0, 9007199254740993.0,
  ]
  private static let values: [Double] =
    numbers + [.infinity, -.infinity]

  /// A study at random.
  ///
  /// - Parameter isPlain: whether what its trials hold shows their domains.
  private func snapshot(_ seed: UInt64, isPlain: Bool) throws -> (Snapshot, StudyID) {
    var random = SplitMix(state: seed)
    let several = Int.random(in: 0..<4, using: &random) == 0
    let objectives =
      several
      ? [
        Objective(name: "loss", direction: .minimize),
        Objective(name: "accuracy", direction: .maximize),
      ] : [Objective(name: "value", direction: .minimize)]
    let choices = ChoiceDomain(unchecked: Self.texts.map { .string($0) })
    let hostile = try ChoiceDomain([
      .integer(.max), .integer(.min), .float(0.5), .string("x"), .string("1"), .null,
      .structure("[64,64]"), .float(.infinity),
    ])
    let typed = try ChoiceDomain(
      [.float(1.1), .float(1.9), .integer(1000)], texts: ["1.10", "1.9", "1e3"])
    var parameters = [
      Parameter(name: "lr", distribution: .float(try FloatDomain(low: -1e308, high: 1e308))),
      Parameter(name: "n", distribution: .integer(try IntegerDomain(low: -5, high: 1 << 53))),
      Parameter(name: "opt, \"x\"", distribution: .categorical(choices)),
      Parameter(name: "amp", distribution: .categorical([.bool(false), .bool(true)])),
      Parameter(name: "number", distribution: .integer(try IntegerDomain(low: 0, high: 3))),
      Parameter(name: "tags", distribution: .integer(try IntegerDomain(low: 0, high: 3))),
    ]
    if !isPlain {
      parameters += [
        Parameter(name: "mixed", distribution: .categorical(hostile)),
        Parameter(name: "typed", distribution: .categorical(typed)),
      ]
    }
    let id = StudyID(rawValue: 1)
    var snapshot = Snapshot()
    var clock: Int64 = 1_700_000_000_000_000
    func now(_ random: inout SplitMix) -> Timestamp {
      clock += Int64.random(in: 1...3_000_000, using: &random)
      return Timestamp(rawValue: clock)
    }
    snapshot.apply(
      .studyCreated(
        id: id, name: "s",
        definition: StudyDefinition(
          objectives: objectives, space: try SearchSpace(parameters), seed: 1),
        time: now(&random)))
    var number = 0
    for row in 0..<Int.random(in: 3..<90, using: &random) {
      number += Int.random(in: 0..<20, using: &random) == 0 ? 5 : row == 0 ? 0 : 1
      let entries = parameters.filter { _ in row == 0 || Bool.random(using: &random) }.map {
        parameter in
        let value: Double =
          switch parameter.distribution {
          case .float: Self.numbers.randomElement(using: &random)!
          case .integer(let domain):
            Double(Int64.random(in: domain.low...domain.high, using: &random))
          case .categorical(let choices): Double(Int.random(in: 0..<choices.count, using: &random))
          }
        return Assignment.Entry(
          name: parameter.name, distribution: parameter.distribution, internalValue: value)
      }
      snapshot.apply(
        .trialCreated(
          id,
          TrialCreation(
            id: snapshot.nextTrialID, number: number, time: now(&random),
            assignment: Assignment(entries), proposer: ["tpe", ""].randomElement(using: &random)!,
            retryOf: row > 2 && Bool.random(using: &random) ? 0 : nil)))
      try finish(number, of: id, in: &snapshot, objectives.count, &random, now)
      try mark(number, of: id, in: &snapshot, &random, now)
    }
    return (snapshot, id)
  }

  private func mark(
    _ number: Int, of id: StudyID, in snapshot: inout Snapshot, _ random: inout SplitMix,
    _ now: (inout SplitMix) -> Timestamp
  ) throws {
    let texts = Self.texts.filter { !$0.isEmpty }
    let study = try #require(snapshot[id])
    let hasEnded = try study.trial(try #require(study.row(ofNumber: number))).state.isFinished
    var marks: [TrialMark] = []
    if Int.random(in: 0..<3, using: &random) == 0 {
      marks.append(.note(texts.randomElement(using: &random)!))
    }
    for tag in ["1", "a b", "say \"hi\""] where Int.random(in: 0..<4, using: &random) == 0 {
      marks.append(.tag(tag))
    }
    if Int.random(in: 0..<9, using: &random) == 0 { marks.append(.rerun(of: 0, ended: nil)) }
    if hasEnded, Int.random(in: 0..<4, using: &random) == 0 {
      marks.append(.dropped(.complete, reason: texts.randomElement(using: &random)!))
    }
    let entries = marks.map { TrialMarking.Entry(number, $0) }
    snapshot.apply(.trialsMarked(id, try study.marking(entries, time: now(&random))))
  }

  private func finish(
    _ number: Int, of id: StudyID, in snapshot: inout Snapshot, _ objectives: Int,
    _ random: inout SplitMix, _ now: (inout SplitMix) -> Timestamp
  ) throws {
    for key in ["note", "n"] where Bool.random(using: &random) {
      let json = [
        "\"\(key) 1\"", "12", "0.5", "\"007\"", "[1,2]", "{\"a\":null}", "\"\"", "-9e999",
      ].randomElement(using: &random)!
      snapshot.apply(.trialAttributeSet(id, trial: number, .user, key: key, value: json))
    }
    if Int.random(in: 0..<8, using: &random) == 0 { return }  // it waits
    var claim: ClaimID?
    if Int.random(in: 0..<5, using: &random) > 0 {
      claim = ClaimID(epoch: 1, sequence: UInt32(number))
      snapshot.apply(
        .trialClaimed(
          id, trial: number,
          TrialClaim(
            claim: claim!, lease: .held, host: "host", worker: "pid 1, \"x\"", time: now(&random))))
    }
    for step in 0..<Int64.random(in: 0..<6, using: &random) {
      for metric in ["loss", "val/acc, \"x\""] {
        snapshot.apply(
          .metricsReported(
            id, trial: number,
            MetricReport(
              claim: claim, step: step * 3 - 5,
              entries: [
                .init(metric, (Self.values + [.nan]).randomElement(using: &random)!)
              ], time: now(&random))))
      }
    }
    let usage = ResourceUsage(
      wallSeconds: Double.random(in: 0..<9, using: &random), cpuSeconds: 1.25,
      peakResidentBytes: 1 << 20)
    let isMeasured = Bool.random(using: &random)
    let state = [TrialState.complete, .pruned, .failed].randomElement(using: &random)!
    let hasValues = state == .complete || (state == .pruned && Bool.random(using: &random))
    let end = AttemptEnd(
      outcome: state == .failed ? .timedOut : .finished,
      reason: state == .failed ? Self.texts.randomElement(using: &random)! : "",
      exitStatus: Bool.random(using: &random) ? -9 : nil, usage: isMeasured ? usage : nil)
    if claim != nil, Int.random(in: 0..<8, using: &random) == 0 {
      snapshot.apply(
        .attemptEnded(
          id, trial: number, claim: claim!,
          AttemptEnd(outcome: .interrupted, reason: "stopped by Ctrl-C", usage: usage),
          time: now(&random)))
      return
    }
    snapshot.apply(
      .trialFinished(
        id, trial: number,
        TrialResult(
          claim: claim, state: state,
          values: hasValues
            ? (0..<objectives).map { _ in Self.values.randomElement(using: &random)! } : [],
          end: end, time: now(&random))))
  }

  /// Where two texts part; nil when they are the same.
  private func difference(_ one: String, _ other: String) -> String? {
    if Array(one.utf8) == Array(other.utf8) { return nil }
    let same = zip(one.unicodeScalars, other.unicodeScalars).prefix { $0 == $1 }.count
    func part(_ text: String) -> String {
      String(
        String.UnicodeScalarView(text.unicodeScalars.dropFirst(max(0, same - 200)).prefix(230)))
    }
    return "\(part(one).debugDescription) <> \(part(other).debugDescription)"
  }

  @Test(arguments: [RowFormat.csv, .jsonl])
  func `a whole export comes back to the byte`(format: RowFormat) async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    for seed in UInt64(0)..<10 {
      let (snapshot, id) = try snapshot(seed, isPlain: false)
      let study = try #require(snapshot[id])
      let whole = { () -> TrialExport in
        var export = TrialExport()
        export.isWhole = true
        return export
      }()
      let text = try study.exported(format, in: snapshot, whole)
      let metrics = try study.exportedMetrics(format, in: snapshot)
      let again = try await fixture.imported(
        text, format == .csv ? .csv : .jsonl, metrics: metrics, as: "s\(seed)",
        study.study.definition, in: database)
      let now = try database.snapshot()
      let back = try again.exported(format, in: now, whole)
      let metricsBack = try again.exportedMetrics(format, in: now)
      #expect(difference(back, text) == nil, "seed \(seed)")
      #expect(difference(metricsBack, metrics) == nil, "seed \(seed)")
      #expect(again.bestTrials == study.bestTrials, "seed \(seed)")
      #expect(again.accomplishedCount == study.accomplishedCount, "seed \(seed)")
      #expect(again.markedRows.map(\.marks) == study.markedRows.map(\.marks), "seed \(seed)")
      #expect(Array(again.finishedRows).sorted() == Array(study.finishedRows).sorted())
    }
  }

  @Test(arguments: [RowFormat.csv, .jsonl])
  func `an export comes back without its space`(format: RowFormat) async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    for seed in UInt64(100)..<106 {
      let (snapshot, id) = try snapshot(seed, isPlain: true)
      let study = try #require(snapshot[id])
      // Every parameter is given somewhere, or there is nothing to infer it from.
      let text = try study.exported(format, in: snapshot)
      let definition = StudyDefinition(objectives: study.study.definition.objectives, seed: 1)
      let table = TableFormat(rawValue: format.rawValue)!
      let again = try await fixture.imported(
        text, table, as: "s\(seed)", definition, in: database)
      let back = try again.exported(format, in: try database.snapshot())
      #expect(difference(back, text) == nil, "seed \(seed)")
    }
  }

  @Test func `so does one that is called as Optuna calls it`() async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    for seed in UInt64(200)..<205 {
      let (snapshot, id) = try snapshot(seed, isPlain: false)
      let study = try #require(snapshot[id])
      let names = TrialExport(names: .optuna)
      let text = try study.exported(.csv, in: snapshot, names)
      let again = try await fixture.imported(
        text, .csv, as: "s\(seed)", study.study.definition, in: database)
      let back = try again.exported(.csv, in: try database.snapshot(), names)
      #expect(difference(back, text) == nil, "seed \(seed)")
    }
  }
}
