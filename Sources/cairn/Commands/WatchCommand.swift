import Presentation
import ArgumentParser
import PlainText
import StudyEngine
import StudyModel
import StudyStorage

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Look at a study while it runs elsewhere.",
    discussion: """
      The panel of `cairn run`, from another terminal; a line for each trial that ends when \
      standard error is no terminal. Ends when nobody runs the study any more, with 0 when it has \
      come to its end, and with 1 when trials are left to do: cairn watch digits && mail me.
      """)

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions

  /// For so long nobody must have worked on the study before it is said to have stopped: a run
  /// may be between two trials, and another about to take its place.
  private static let patience: Duration = .seconds(1)

  func run() async throws {
    let opened = try ReadableStore(location)
    let id = try opened.study(named: study).study.id
    var state = try opened.study(named: study)
    var view = WatchView(state)
    var lastWork: ContinuousClock.Instant?
    while true {
      let snapshot = try opened.store.snapshot()
      guard let recorded = snapshot[id] else {
        throw Diagnostic("the study \(study.jsonQuoted) has been deleted")
      }
      state = opened.store.releasingLost(in: recorded)
      let isWorkedOn = opened.store.isWorkedOn(state, of: snapshot)
      if isWorkedOn { lastWork = .now }
      guard let lastWork else { break }
      try view.show(state)
      if state.isAccomplished { break }
      if !isWorkedOn, lastWork.duration(to: .now) >= Self.patience { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    let conclusion = WatchConclusion(
      state: state, sawWork: lastWork != nil,
      resume: ShellText.line(["cairn", "resume", study] + opened.location.option))
    try view.end(conclusion)
    if !conclusion.isComplete { throw ExitStatus.failure }
  }
}

/// What `watch` shows of a study as it goes on.
private struct WatchView {
  private let screen = PanelScreen()
  private var source = PanelSource(since: nil)
  private var openRows: [Int]
  private var seenRows: Int
  private var hasBegun = false

  init(_ state: StudyRecord) {
    openRows = state.openRows
    seenRows = state.trialCount
  }

  mutating func show(_ state: StudyRecord) throws {
    if Terminal.error.canRedraw {
      screen.draw(try source.panel(of: state, at: .now))
      return
    }
    if !hasBegun {
      StandardError.writeLine("\(state.study.name.neutralized): \(state.progressSummary)")
      hasBegun = true
    }
    let candidates = openRows + Array(seenRows..<max(seenRows, state.trialCount))
    for row in candidates where state.openTrial(row) == nil {
      try TrialLine.lines(state, row: row).forEach(StandardError.writeLine)
    }
    openRows = state.openRows
    seenRows = state.trialCount
  }

  func end(_ conclusion: WatchConclusion) throws {
    screen.erase()
    try conclusion.lines().forEach(StandardError.writeLine)
  }
}
