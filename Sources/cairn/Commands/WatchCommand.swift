import Presentation
import ArgumentParser
import StudyEngine
import StudyModel
import StudyStorage

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Look at a study while it runs elsewhere.",
    discussion: """
      The panel of `cairn run`, from another terminal; a line for each trial that ends when \
      standard error is no terminal. Ends when the study has its trials.
      """)

  @Argument(help: "The study's name.")
  var study: String

  @OptionGroup var location: StoreOptions

  func run() async throws {
    let opened = try ReadableStore(location)
    let database = StudyDatabase(compilingConstraintsOf: opened.store)
    var state = try database.state(of: opened.study(named: study).study.id)
    var view = WatchView(state)
    var position = try opened.store.position()
    while true {
      view.show(state)
      if state.isAccomplished { break }
      try await Task.sleep(for: .milliseconds(200))
      let now = try opened.store.position()
      if now == position { continue }
      position = now
      state = try database.state(of: state.study.id)
    }
    view.end(state)
  }
}

/// What `watch` shows of a study as it goes on.
private struct WatchView {
  private let screen = PanelScreen()
  private var source = PanelSource(since: nil)
  private var openRows: [Int]
  private var seenRows: Int
  /// What was said at the beginning.
  private var firstSummary: String?

  init(_ state: StudyState) {
    openRows = state.trials.openRows
    seenRows = state.trials.count
    if !Terminal.error.isTerminal {
      StandardError.writeLine(Self.summary(state))
      firstSummary = Self.summary(state)
    }
  }

  mutating func show(_ state: StudyState) {
    if Terminal.error.isTerminal {
      screen.draw(source.panel(of: state, at: .now))
      return
    }
    let candidates = openRows + Array(seenRows..<max(seenRows, state.trials.count))
    for row in candidates where state.trials.states[row].isFinished {
      TrialLine.lines(state, row: row).forEach(StandardError.writeLine)
    }
    openRows = state.trials.openRows
    seenRows = state.trials.count
  }

  func end(_ state: StudyState) {
    if Terminal.error.isTerminal { screen.erase() }
    if Self.summary(state) != firstSummary { StandardError.writeLine(Self.summary(state)) }
    if let best = state.bestSummary { StandardError.writeLine("best: \(best)") }
  }

  private static func summary(_ state: StudyState) -> String {
    "\(state.study.name): \(state.progressSummary)"
  }
}

extension StudyState {
  /// Whether it has the trials it shall have, and none is under way.
  fileprivate var isAccomplished: Bool {
    guard let target = study.definition.targetTrials else { return false }
    return trials.accomplishedCount >= target && trials.count(.running) == 0
  }
}
