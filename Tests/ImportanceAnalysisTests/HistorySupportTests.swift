import Numerics
import PlainText
import StudyModel
import Testing

@testable import ImportanceAnalysis

/// Histories that support no conclusion, or try to break the one there is.
@Suite struct HistorySupportTests {
  private func error(
    _ history: HistoryFixture, _ method: ImportanceMethod = .fanova
  ) -> ImportanceError? {
    #expect(throws: ImportanceError.self) { try history.importance(method) }
  }

  @Test(arguments: ImportanceMethod.allCases)
  func `few trials tell nothing`(method: ImportanceMethod) {
    var history = HistoryFixture.uniform(["x"], count: 9) { $0[0] }
    history.add([("x", .unit, 0.5)], [], .failed)
    #expect(
      error(history, method)
        == .tooFewTrials(9, least: 10, target: "value", omissions: ["left out: 1 failed"]))
    #expect(
      error(HistoryFixture(), method)
        == .tooFewTrials(0, least: 10, target: "value", omissions: []))
  }

  @Test(arguments: ImportanceMethod.allCases)
  func `a constant target has no cause, and a constant parameter is none`(
    method: ImportanceMethod
  ) {
    let flat = HistoryFixture.uniform(["x"], count: 30) { _ in 2.5 }
    #expect(error(flat, method) == .constantTarget("value", trials: 30))
    var fixed = HistoryFixture()
    for value in 0..<30 { fixed.add([("x", .unit, 0.5)], [Double(value)]) }
    #expect(error(fixed, method) == .nothingVaried(trials: 30))
  }

  /// By chance, one in twenty histories of noise may look like more.
  @Test(arguments: ImportanceMethod.allCases, [40])
  func `noise is no conclusion`(method: ImportanceMethod, count: Int) throws {
    var random = RandomStream(seed: 11, trial: 0)
    var conclusions = 0
    for seed in UInt64(0)..<12 {
      let history = HistoryFixture.uniform(["x", "y", "z"], count: count, seed: seed) { _ in
        random.uniform()
      }
      do {
        _ = try history.importance(method, seeds: 1)
        conclusions += 1
      } catch ImportanceError.poorFit, ImportanceError.nothingStandsOut {}
    }
    #expect(conclusions <= 2)
  }

  @Test func `a weak forest says so`() throws {
    var random = RandomStream(seed: 12, trial: 0)
    let history = HistoryFixture.uniform(["x", "y"], count: 300) { $0[0] + random.uniform() * 1.4 }
    let report = try history.importance()
    #expect((0.1..<0.5).contains(report.fit ?? 1))
    #expect(report.caveats.count == 1)
    #expect(report.caveats[0].fact.contains("a weak basis"))
  }

  @Test func `what never varied has no figure, and comes last`() throws {
    var history = HistoryFixture(["x": .unit, "never": .unit])
    var random = RandomStream(seed: 1, trial: 0)
    for _ in 0..<60 {
      let x = random.uniform()
      history.add([("x", .unit, x), ("fixed", .int(1, 8), 3)], [x])
    }
    let report = try history.importance()
    #expect(report.entries.map(\.parameters) == [["x"], ["fixed"], ["never"]])
    #expect(report.entries[1].importance == nil && report.entries[2].importance == nil)
    #expect((report["x"] ?? 0) > 0.99)
  }

  @Test func `only complete trials with a finite target count`() throws {
    var history = HistoryFixture.uniform(["x"], count: 60) { $0[0] }
    history.add([("x", .unit, 0.1)], [], .failed)
    history.add([("x", .unit, 0.1)], [], .pruned, metrics: ["value": 1e9])
    for value in [Double.nan, .infinity, -.infinity] { history.add([("x", .unit, 0.2)], [value]) }
    let report = try history.importance()
    #expect(report.trialCount == 60)
    #expect(report.omissions == ["1 pruned", "1 failed", "3 not finite"])
  }

  @Test func `a trial that was dropped has no say`() throws {
    var history = HistoryFixture.uniform(["x"], count: 60) { $0[0] }
    let before = try history.importance()
    history.add([("x", .unit, 0.1)], [1e9])
    // It drowns what all others say.
    #expect(throws: ImportanceError.self) { try history.importance() }
    try history.dropLast()
    let report = try history.importance()
    #expect(report.entries == before.entries && report.trialCount == 60)
    #expect(report.omissions == ["1 dropped or reruns"])
  }

  @Test func `trials that break a bound are never among the best`() throws {
    var history = HistoryFixture(
      bounds: [MetricBound(metric: "m", relation: .atMost, limit: 0)])
    var random = RandomStream(seed: 6, trial: 0)
    for _ in 0..<300 {
      let (x, y) = (random.uniform(), random.uniform())
      // Small x is best, but forbidden where y is small.
      history.add([("x", .unit, x), ("y", .unit, y)], [x], violations: [0.7 - y])
    }
    let report = try history.importance(.pedANOVA)
    #expect((report["y"] ?? 0) > 0.1)
  }

  @Test func `targets are values, metrics and durations`() throws {
    var history = HistoryFixture(objectives: [
      Objective(name: "loss", direction: .minimize), Objective(name: "size", direction: .maximize),
    ])
    var random = RandomStream(seed: 7, trial: 0)
    for _ in 0..<120 {
      let point = (0..<4).map { _ in random.uniform() }
      history.add(
        zip(["a", "b", "c", "d"], point).map { ($0, .unit, $1) }, [point[0], point[1]],
        metrics: ["memory": point[2]], seconds: 10 * point[3])
    }
    for (target, parameter) in [
      ("loss", "a"), ("size", "b"), ("memory", "c"), ("duration_s", "d"),
    ] {
      let question = ImportanceQuestion(try ImportanceTarget(named: target, in: history.record))
      #expect(try history.record.importance(question).entries[0].parameters == [parameter])
    }
    #expect(throws: ImportanceError.severalObjectives(study: "s", ["loss", "size"])) {
      try ImportanceTarget(named: nil, in: history.record)
    }
    #expect(throws: ImportanceError.self) {
      try ImportanceTarget(named: "memry", in: history.record)
    }
  }

  @Test(arguments: ImportanceMethod.allCases)
  func `the same question has the same answer, and chosen trials another`(
    method: ImportanceMethod
  ) throws {
    let history = HistoryFixture.uniform(["x", "y"], count: 120) { $0[0] + $0[1] * 0.3 }
    let report = try history.importance(method)
    #expect(try history.importance(method).entries == report.entries)
    var question = ImportanceQuestion(.objective(0))
    question.method = method
    question.seeds = 16
    let chosen = try history.record.importance(question, among: Set(0..<80))
    #expect(chosen.trialCount == 80)
    #expect(chosen.entries != report.entries)
  }

  @Test(arguments: [1e-300, 1e300])
  func `the scale of the target is nothing to it`(scale: Double) throws {
    let plain = HistoryFixture.uniform(["x", "y"], count: 80) { $0[0] + $0[1] * 0.3 }
    let scaled = HistoryFixture.uniform(["x", "y"], count: 80) { scale * ($0[0] + $0[1] * 0.3) }
    let (first, second) = (try plain.importance(), try scaled.importance())
    for name in ["x", "y"] { #expect(abs(first[name]! - second[name]!) < 0.02) }
  }

  @Test(arguments: ImportanceMethod.allCases)
  func `hostile parameters are borne`(method: ImportanceMethod) throws {
    var history = HistoryFixture()
    var random = RandomStream(seed: 8, trial: 0)
    let wide = Distribution.float(-1e308, 1e308)
    let choice = Distribution.strings(["a", "b"])
    let many = Distribution.strings((0..<500).map { "c\($0)" })
    for number in 0..<100 {
      let x = random.uniform()
      let odd = [Double.nan, .infinity, -.infinity, 1e300, 7][number % 5]
      history.add(
        [
          ("x", .float(0, 1 + Double(number)), x), ("wide", wide, (2 * x - 1) * 1e308),
          ("odd", .unit, odd), ("choice", choice, odd), ("many", many, Double(number * 3)),
          ("int", .int(0, 1 << 53), x * 9e15),
        ], [x])
    }
    let report = try history.importance(method, seeds: 16)
    #expect(report.entries.allSatisfy { $0.importance?.isFinite ?? true })
  }

  @Test(arguments: ImportanceMethod.allCases)
  func `600 parameters are borne`(method: ImportanceMethod) throws {
    let names = (0..<600).map { "p\($0)" }
    let history = HistoryFixture.uniform(names, count: 80) { $0[17] > 0.5 ? 1 : 0 }
    do {
      let report = try history.importance(method, seeds: 1, pairs: method == .fanova)
      #expect(report.entries[0].parameters == ["p17"])
    } catch ImportanceError.nothingStandsOut where method == .pedANOVA {
      // Among so many, one stands out no more.
    }
  }

  @Test func `a long history is drawn from`() throws {
    let history = HistoryFixture.uniform(["x", "y"], count: 70_000) { $0[0] > 0.5 ? 1 : 0 }
    let report = try history.importance(seeds: 1)
    #expect(report.usableCount == 70_000)
    #expect(report.trialCount == 65_536)
    #expect((report["x"] ?? 0) > 0.99)
  }
}
