// What a run tells on standard error: a panel on a terminal, lines elsewhere.

import PlainText
import Foundation
import StudyEngine
import StudyModel
import StudySQL
import Synchronization

final class RunReporter: Sendable {
  enum Style {
    case quiet
    case lines
    case panel
  }

  private let database: StudyDatabase
  private let study: StudyID
  private let style: Style
  private let screen = PanelScreen()
  private let started = Timestamp.now
  private let failed = Mutex<[FailedTrial]>([])
  private let drawing = Mutex<Task<Void, Never>?>(nil)

  init(_ database: StudyDatabase, _ study: StudyID, style: Style) {
    self.database = database
    self.study = study
    self.style = style
  }

  /// The trials that failed in this run, in order.
  var failures: [FailedTrial] { failed.withLock { $0 } }

  /// Says a line that stays.
  func say(_ line: String) {
    if style != .quiet { screen.printAbove(line.neutralized + "\n") }
  }

  func warn(_ explanation: Explanation) {
    screen.printAbove(
      Diagnostic(explanation).text(as: .warning, colored: Terminal.error.usesColor))
  }

  func observe(_ event: RunEvent) {
    switch event {
    case .started, .reported: break
    case .attemptEnded(let trial, let attempt, let end, let retried):
      guard style == .lines else { break }
      TrialLine.lines(attempt: attempt, of: trial, end, retried: retried).forEach(say)
    case .finished(let trial, let state, _, let end):
      if state == .failed { failed.withLock { $0.append(FailedTrial(trial: trial, end: end)) } }
      if style == .lines { sayFinished(trial) }
    case .released(let trial, let worker):
      if style != .quiet {
        say("trial \(trial) was left by its worker (\(worker)); it runs again")
      }
    case .warning(let explanation): warn(explanation)
    }
  }

  private func sayFinished(_ trial: Int) {
    do {
      let state = try database.state(of: study)
      guard let row = state.trials.row(ofNumber: trial) else { return }
      TrialLine.lines(state, row: row).forEach(say)
    } catch { warn(Explanation(describing: error)) }
  }

  /// Begins to draw the panel, if there is one.
  func begin() {
    guard style == .panel else { return }
    let task = Task { [self] in
      var source = PanelSource(since: started)
      while !Task.isCancelled {
        // A store that cannot be read stops the run, which tells of it.
        if let state = try? database.state(of: study) {
          screen.draw(source.panel(of: state, at: .now))
        }
        do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
      }
    }
    drawing.withLock { $0 = task }
  }

  /// Takes the panel away.
  func end() async {
    let task = drawing.withLock { $0.take() }
    task?.cancel()
    await task?.value
    screen.erase()
  }
}
