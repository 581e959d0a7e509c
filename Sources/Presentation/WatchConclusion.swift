// What is said when a study that was watched has come to rest.

import PlainText
import StudyEngine
package import StudyModel

package struct WatchConclusion {
  let state: StudyRecord
  /// Whether somebody worked on it while it was watched.
  let sawWork: Bool
  /// The command that goes on with it.
  let resume: String

  /// - Parameter state: with what is lost given back.
  package init(state: StudyRecord, sawWork: Bool, resume: String) {
    self.state = state
    self.sawWork = sawWork
    self.resume = resume
  }

  /// Whether nothing is left to do: it has its trials, reached its target, or had no number of
  /// trials to reach and leaves none behind.
  package var isComplete: Bool {
    if state.isAccomplished || state.hasReachedTarget { return true }
    return state.study.definition.targetTrials == nil && state.openRows.isEmpty
  }

  /// `digits: stopped, 37 of 100 done`, the best trial, and how to go on.
  ///
  /// - Throws: when the best trial cannot be read.
  package func lines() throws -> [String] {
    var lines = ["\(state.study.name): \(reason)\(state.progressSummary)".neutralized]
    if let best = try state.bestSummary { lines.append("best: \(best)") }
    if !isComplete { lines.append("to go on: \(resume)") }
    return lines
  }

  private var reason: String {
    if state.isAccomplished { return "" }
    if state.hasReachedTarget { return "the target is reached, " }
    if !sawWork { return "nobody runs it, " }
    return state.leftCount > 0 ? "its worker is gone, " : "stopped, "
  }
}

extension StudyRecord {
  /// Whether it has the trials it shall have, and none is under way.
  package var isAccomplished: Bool {
    guard let target = study.definition.targetTrials else { return false }
    return accomplishedCount >= target && count(.running) == 0
  }
}
