import StudyModel
import Testing

@testable import Samplers

@Suite struct `Pruners` {
  /// Complete trials whose only report, at step 3, is one of `values`; then one running with
  /// `own` there.
  private func study(
    _ values: [Double], own: Double, direction: StudyDirection = .minimize
  ) -> (history: History, row: Int) {
    var study = StudyFixture(directions: [direction])
    for value in values {
      let number = study.start(Assignment())
      study.report(number, step: 3, value)
      study.finish(number, .complete, [0])
    }
    let row = study.start(Assignment())
    study.report(row, step: 3, own)
    return (study.history, row)
  }

  @Test func `the median rule compares with trials that are complete`() throws {
    let pruner = try Judge("percentile:50,startup=3")
    for (own, stops) in [(2.0, false), (2.1, true), (1.0, false), (.infinity, true), (.nan, true)] {
      let (history, row) = study([1, 2, 3], own: own)
      #expect(try pruner.stops(row: row, at: 3, given: history) == stops)
    }
    let (history, row) = study([1, 2], own: 9)
    #expect(try !pruner.stops(row: row, at: 3, given: history))
    let (upward, upwardRow) = study([1, 2, 3], own: 1.9, direction: .maximize)
    #expect(try pruner.stops(row: upwardRow, at: 3, given: upward))
  }

  @Test func `equal values stop nobody`() throws {
    for percentile in [0.0, 25, 50, 100] {
      let (history, row) = study([1, 1, 1, 1, 1], own: 1)
      let pruner = try Judge("percentile:\(percentile),startup=0")
      #expect(try !pruner.stops(row: row, at: 3, given: history))
    }
  }

  @Test func `infinities among the others are values, NaN are none`() throws {
    let pruner = try Judge("percentile:50,startup=0")
    let (history, row) = study([.infinity, .infinity, .infinity], own: 5)
    #expect(try !pruner.stops(row: row, at: 3, given: history))
    let (nothing, other) = study([.nan, .nan], own: 5)
    #expect(try !pruner.stops(row: other, at: 3, given: nothing))
  }

  @Test func `without a report, or with several objectives, nobody is stopped`() throws {
    let pruners = try ["none", "percentile:0,startup=0", "asha:min=1"].map { try Judge($0) }
    var silent = StudyFixture()
    silent.start(Assignment())
    var two = StudyFixture(directions: [.minimize, .minimize])
    two.start(Assignment())
    two.report(0, step: 5, .nan)
    for pruner in pruners {
      #expect(try !pruner.stops(row: 0, at: 5, given: silent.history))
      #expect(try !pruner.stops(row: 0, at: 5, given: two.history))
    }
  }

  @Test func `ASHA lets the best of each rung go on`() throws {
    let pruner = try Judge("asha:min=1,factor=2")
    var study = StudyFixture()
    // The first always goes on; then a worse one, a better one, and one in between.
    for (value, stops) in [(5.0, false), (6, true), (4, false), (4.5, false), (5.5, true)] {
      let number = study.start(Assignment())
      study.report(number, step: 1, value)
      #expect(try pruner.stops(row: number, at: 1, given: study.history) == stops)
      if stops { study.finish(number, .pruned) }
    }
  }

  @Test func `ASHA's first rung is a hundredth of the longest trial`() throws {
    let pruner = try Judge("asha")
    var study = StudyFixture()
    let first = study.start(Assignment())
    study.report(first, step: 1000, 1)
    #expect(try !pruner.stops(row: first, at: 1000, given: study.history))
    study.finish(first, .complete, [1])
    let second = study.start(Assignment())
    study.report(second, step: 9, 2)
    #expect(try !pruner.stops(row: second, at: 9, given: study.history))
    study.report(second, step: 10, 2)
    #expect(try pruner.stops(row: second, at: 10, given: study.history))
  }

  @Test func `each finished trial is looked at once a step, however many judgements there are`()
    throws
  {
    var median = PercentileSession(.init(percentile: 50, rule: StepRule()))
    var options = SuccessiveHalvingPruner.Options()
    options.min = 1
    var asha = SuccessiveHalvingSession(options)
    var study = StudyFixture()
    for number in 0..<200 {
      study.start(Assignment())
      for step in Int64(1)...3 {
        study.report(number, step: step, Double(number * 7919 % 101))
        let request = JudgementRequest(row: number, at: step, given: study.history)
        _ = try median.judge(request)
        _ = try asha.judge(request)
      }
      study.finish(number, .complete, [0])
    }
    #expect(median.trialsRead <= 3 * 200)
    #expect(asha.trialsRead <= 2 * 200)
  }

  /// What sessions keep changes nothing of what they say.
  @Test(arguments: ["median:startup=2", "percentile:30,startup=1", "asha:min=1,factor=3", "asha"])
  func `a session that goes on judges as one that begins anew`(name: String) throws {
    let lasting = try Judge(name)
    var study = StudyFixture()
    var running: [Int] = []
    var stops = 0
    for turn in 0..<400 {
      if running.count < 3 { running.append(study.start(Assignment())) }
      let trial = running[turn % running.count]
      let step = Int64((turn * 31) % 17 + 1)
      study.report(trial, step: step, turn % 23 == 0 ? .nan : Double(turn * 7919 % 101))
      let stop = try lasting.stops(row: trial, at: step, given: study.history)
      #expect(try Judge(name).stops(row: trial, at: step, given: study.history) == stop)
      if stop { stops += 1 }
      if stop || turn % 5 == 4 {
        study.finish(trial, stop ? .pruned : turn % 3 == 0 ? .failed : .complete, stop ? [] : [1])
        running.removeAll { $0 == trial }
      }
    }
    #expect(stops > 5)
  }

  @Test func `a huge step or factor does not overflow`() throws {
    let pruner = try Judge("asha:min=\(1 << 40),factor=\(1 << 31),rate=64")
    var study = StudyFixture()
    study.start(Assignment())
    study.report(0, step: .max, 1)
    #expect(try !pruner.stops(row: 0, at: .max, given: study.history))
  }
}

/// A session in a test's hands.
private final class Judge {
  private var session: any PrunerSession

  /// As on the command line: `percentile:25`. It is asked as one that compares by one objective,
  /// whatever the study has.
  init(_ name: String) throws {
    session = try makePruner(
      ComponentChoice(parsing: name, as: .pruner), objectives: [.standard]
    ).session()
  }

  func stops(row: Int, at step: Int64, given history: History) throws -> Bool {
    try session.judge(JudgementRequest(row: row, at: step, given: history)) == .stop
  }
}
