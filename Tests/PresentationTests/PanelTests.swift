import PlainText
import StudyModel
import Testing

@testable import Presentation

struct PanelTests {
  private var panel: Panel {
    var panel = Panel(study: "digits", done: 37, target: 100)
    panel.pruned = 4
    panel.failed = 2
    panel.rate = 0.205
    panel.best = Panel.Best(
      headline: "accuracy 0.9731 (trial 23)",
      parameters: parameters("lr=0.00123 layers=3 opt=adam clip=1"),
      history: [0.5, 0.6, 0.6, 0.9731])
    panel.running = [
      .init(
        trial: 9, step: 3, metrics: [.init(name: "accuracy", value: 0.45)], seconds: 3.2,
        parameters: parameters("lr=0.1 layers=3 opt=adam clip=1")),
      .init(
        trial: 39, seconds: 62,
        parameters: parameters("lr=0.00456 layers=3 opt=sgd momentum=0.9 clip=1")),
    ]
    panel.lastFailure = .init(
      headline: "trial 12: exit status 1", lastLine: "ValueError: math domain error")
    return panel
  }

  private func parameters(_ text: String) -> [Panel.Parameter] {
    text.split(separator: " ").map { word in
      let parts = word.split(separator: "=").map(String.init)
      return Panel.Parameter(name: parts[0], value: parts[1])
    }
  }

  @Test func `a panel shows progress, best, running trials and the last failure`() {
    #expect(
      panel.lines(width: 79) == [
        "digits: 37 of 100 done (4 pruned), 2 failed, 2 running",
        "████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  12/min, 5 min 7 s left",
        "best    accuracy 0.9731 (trial 23)  ▁▂▂█",
        "        lr=0.00123 layers=3 opt=adam clip=1",
        "  trial 9   step 3  accuracy 0.45        3 s",
        "    lr=0.1      opt=adam                layers=3  clip=1",
        "  trial 39                         1 min 2 s",
        "    lr=0.00456  opt=sgd   momentum=0.9  layers=3  clip=1",
        "failed  trial 12: exit status 1: ValueError: math domain error",
      ])
  }

  @Test func `a wide window has parameters beside, a narrow one those that fit`() {
    #expect(
      panel.lines(width: 119)[4...5] == [
        "  trial 9   step 3  accuracy 0.45        3 s  lr=0.1      opt=adam                layers=3"
          + "  clip=1",
        "  trial 39                         1 min 2 s  lr=0.00456  opt=sgd   momentum=0.9  layers=3"
          + "  clip=1",
      ])
    // No room for two lines a trial.
    #expect(
      panel.lines(width: 69, height: 7)[4...5] == [
        "  trial 9   step 3  accuracy 0.45        3 s  lr=0.1      opt=adam …",
        "  trial 39                         1 min 2 s  lr=0.00456  opt=sgd  …",
      ])
    #expect(
      panel.lines(width: 39).prefix(3) == [
        "digits: 37 of 100 done (4 pruned),",
        "2 failed, 2 running",
        "█████░░░░░░░░░░  12/min, 5 min 7 s left",
      ])
  }

  @Test func `trials out of bounds and those of dead workers are counted`() {
    var bounded = panel
    bounded.breakingBounds = 4
    bounded.left = 1
    #expect(
      bounded.lines(width: 200)[0]
        == "digits: 37 of 100 done (4 pruned, 4 out of bounds), 2 failed, 2 running, "
        + "1 left by a dead worker")
  }

  @Test(arguments: [1, 7, 20, 39, 60, 79, 200])
  func `no line is wider than the window, nor are there more than its rows`(width: Int) {
    var crowded = panel
    crowded.study = "日本語のとても長い名前の研究です、本当に長い、\u{1B}[31m"
    crowded.running = (0..<50).map {
      Panel.Running(
        trial: $0, step: 12, metrics: [.init(name: "損失/日本語", value: -1.2345678e-12)], seconds: 1e6,
        parameters: parameters("学習率=0.0\($0) model.optimizer.schedule.warmup=\u{1B}[2J x=1"))
    }
    for height in [1, 5, 23, 100] {
      let lines = crowded.lines(width: width, height: height)
      #expect(lines.count <= height)
      #expect(lines.allSatisfy { $0.displayWidth <= width })
      #expect(!lines.joined().contains("\u{1B}"))
    }
    #expect(crowded.lines(width: 79, height: 10).contains("  and 46 more running"))
  }

  @Test func `a sparkline goes from the lowest to the highest, with gaps for what is no number`() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], width: 20) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([3, 3, 3], width: 20) == "▅▅▅")
    #expect(Sparkline.text(Array(stride(from: 100, through: 1, by: -1)), width: 4) == "█▆▃▁")
    #expect(
      Sparkline.text([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], width: 9) == "▁█")
    #expect(Sparkline.text([1, .nan, 2], width: 20) == "▁ █")
    #expect(Sparkline.text([.nan, 1, .infinity, 2], width: 20) == " ▁ █")
    #expect(Sparkline.text([1, 2], width: 0).isEmpty)
  }

  @Test func `a panel is made of a study's state`() throws {
    let id = StudyID(rawValue: 1)
    func time(_ seconds: Int64) -> Timestamp { Timestamp(rawValue: seconds * 1_000_000) }
    var state = StudyRecord(
      id: id, name: "s", definition: StudyDefinition(seed: 1, targetTrials: 10), time: time(0))
    for number in 0..<4 {
      let claim = ClaimID(epoch: 1, sequence: UInt32(number))
      state.apply(
        .trialCreated(
          id,
          TrialCreation(id: TrialID(rawValue: UInt64(number)), number: number, time: time(1))))
      state.apply(
        .trialClaimed(
          id, trial: number,
          TrialClaim(claim: claim, lease: .held, host: "h", worker: "w", time: time(10))))
      state.apply(
        .metricsReported(
          id, trial: number,
          MetricReport(claim: claim, step: 5, entries: [.init("value", 0.5)], time: time(11))))
      guard number < 3 else { continue }
      state.apply(
        .trialFinished(
          id, trial: number,
          TrialResult(
            claim: claim, state: number == 1 ? .failed : .complete,
            values: number == 1 ? [] : [Double(3 - number)],
            end: AttemptEnd(
              outcome: .failed, reason: "exit status 1", lastLines: "first\nlast"), time: time(14)))
      )
    }
    var source = PanelSource(since: time(10))
    let panel = try source.panel(of: state, at: time(20))
    #expect(panel.done == 2)
    #expect(panel.failed == 1)
    #expect(panel.rate == 0.2)
    #expect(panel.best?.headline == "value 1 (trial 2)")
    #expect(panel.best?.history == [3, 1])
    #expect(panel.lastFailure == .init(headline: "trial 1: exit status 1", lastLine: "last"))
    #expect(
      panel.running == [
        .init(trial: 3, step: 5, metrics: [.init(name: "value", value: 0.5)], seconds: 10)
      ])
  }

  @Test(arguments: [
    (0.0, "0 ms"), (0.00232, "2.3 ms"), (0.0123, "12 ms"), (0.0997, "0.1 s"), (0.44, "0.44 s"),
    (3, "3 s"), (9.94, "9.9 s"),
    (59.6, "1 min"), (125, "2 min 5 s"), (7800, "2 h 10 min"), (273_600, "3 d 4 h"),
    (.infinity, "∞"), (-1, "0 ms"),
  ])
  func `times are told in two units at most`(seconds: Double, text: String) {
    #expect(Measures.duration(seconds: seconds) == text)
  }
}
