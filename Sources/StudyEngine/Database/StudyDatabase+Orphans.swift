// What a killed worker may have left running.

internal import Supervision
package import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Ends what still runs of an attempt whose tool was killed, before its trial runs again.
  /// Meant for `releasing:` of ``ask(_:for:lease:keepingTarget:code:releasing:)``.
  ///
  /// - Returns: what is to be warned of; nil when nothing of it is left here.
  package func endOrphans(
    of attempt: Attempt, study: StudyID, trial number: Int
  ) async -> String? {
    // Only `cairn run` starts processes, and records them before their output.
    guard attempt.lease == .held else { return nil }
    let mark = attemptMark(study: study, trial: number, attempt: attempt.index)
    switch await OrphanSweep.endOrphans(of: attempt.process, mark: mark) {
    case .ended: return nil
    case .withstood(let count):
      return "trial \(number): \(count) processes of its last attempt do not end"
    case .elsewhere(let host):
      return "trial \(number) ran on \(host); what may be left of it there runs on"
    }
  }

  /// A text that only this attempt's processes carry, and that any worker can compute.
  func attemptMark(study: StudyID, trial: Int, attempt: Int) -> String {
    "\(store.identity)/\(study.rawValue)/\(trial)/\(attempt)"
  }
}
