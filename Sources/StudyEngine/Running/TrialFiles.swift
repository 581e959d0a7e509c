// Where a trial keeps its files: `trials/STUDY/NUMBER/` in the store, by the study's identity
// and not its name, since names may hold anything. An interrupted trial finds its directory as
// it left it.

package import StudyModel
internal import Foundation

package struct TrialFiles: Hashable, Sendable {
  /// The trial's own directory: its working files, checkpoints, and what it printed.
  package let directory: String

  package init(store: String, study: StudyID, trial: Int) {
    directory = "\(Self.directory(store: store, study: study))/\(trial)"
  }

  /// Where all of a study's trials keep their files.
  package static func directory(store: String, study: StudyID) -> String {
    "\(store)/trials/\(study.rawValue)"
  }

  /// What one attempt printed, on both its outputs as it came.
  package func log(attempt: Int) -> String { "\(directory)/attempt-\(attempt).log" }

  /// Where an objective may append reports as JSON lines.
  package func reports(attempt: Int) -> String { "\(directory)/attempt-\(attempt).reports.jsonl" }

  package var parameters: String { "\(directory)/params.json" }

  package func create() throws {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
  }
}

extension TrialFiles {
  /// The log of an attempt, empty and open for writing.
  func openLog(attempt: Int) throws -> FileHandle {
    let path = log(attempt: attempt)
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }
}
