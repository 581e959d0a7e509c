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
      try view.show(state)
      if state.isAccomplished { break }
      try await Task.sleep(for: .milliseconds(200))
      let now = try opened.store.position()
      if now == position { continue }
      position = now
      state = try database.state(of: state.study.id)
    }
    try view.end(state)
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

  init(_ state: StudyRecord) {
    openRows = state.openRows
    seenRows = state.trialCount
    if !Terminal.error.isTerminal {
      StandardError.writeLine(Self.summary(state))
      firstSummary = Self.summary(state)
    }
  }

  mutating func show(_ state: StudyRecord) throws {
    if Terminal.error.isTerminal {
      screen.draw(try source.panel(of: state, at: .now))
      return
    }
    let candidates = openRows + Array(seenRows..<max(seenRows, state.trialCount))
    for row in candidates where state.openTrial(row) == nil {
      try TrialLine.lines(state, row: row).forEach(StandardError.writeLine)
    }
    openRows = state.openRows
    seenRows = state.trialCount
  }

  func end(_ state: StudyRecord) throws {
    if Terminal.error.isTerminal { screen.erase() }
    if Self.summary(state) != firstSummary { StandardError.writeLine(Self.summary(state)) }
    if let best = try state.bestSummary { StandardError.writeLine("best: \(best)") }
  }

  private static func summary(_ state: StudyRecord) -> String {
    "\(state.study.name): \(state.progressSummary)"
  }
}

extension StudyRecord {
  /// Whether it has the trials it shall have, and none is under way.
  fileprivate var isAccomplished: Bool {
    guard let target = study.definition.targetTrials else { return false }
    return accomplishedCount >= target && count(.running) == 0
  }
}
