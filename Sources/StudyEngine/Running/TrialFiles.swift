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

  /// Makes the trial's directory for an attempt, the first of which begins with an empty one:
  /// what stands there belongs to a trial that was lost with a part of the store, and its
  /// checkpoints would be taken for this one's. It is moved aside.
  ///
  /// - Throws: ``TrialFileError``.
  package func create(attempt: Int) throws {
    do {
      if attempt == 1 { try moveAside() }
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw TrialFileError(error, path: directory)
    }
  }

  private func moveAside() throws {
    let files = FileManager.default
    guard files.fileExists(atPath: directory),
      try !files.contentsOfDirectory(atPath: directory).isEmpty
    else { return }
    var number = 1
    while files.fileExists(atPath: "\(directory).lost-\(number)") { number += 1 }
    try files.moveItem(atPath: directory, toPath: "\(directory).lost-\(number)")
  }

  /// - Throws: ``TrialFileError``.
  static func write(_ text: String, to path: String) throws {
    let bytes = Data(text.utf8)
    do {
      try bytes.write(to: URL(filePath: path))
    } catch {
      throw TrialFileError(error, path: path, bytesNeeded: bytes.count)
    }
  }
}

extension TrialFiles {
  /// So many bytes from the end of a log the last line is looked for in.
  private static let lineReach: UInt64 = 4096

  /// The last line that an attempt printed that is not empty; nil where nothing is kept of it.
  package func lastLine(ofAttempt attempt: Int) -> String? {
    guard let handle = FileHandle(forReadingAtPath: log(attempt: attempt)) else { return nil }
    defer { try? handle.close() }
    guard let end = try? handle.seekToEnd(), end > 0,
      (try? handle.seek(toOffset: end - min(end, Self.lineReach))) != nil,
      let bytes = try? handle.readToEnd()
    else { return nil }
    // Progress bars end their lines with a carriage return.
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
  }

  /// The log of an attempt, empty and open for writing.
  func openLog(attempt: Int) throws -> AttemptLog { try AttemptLog(log(attempt: attempt)) }
}

/// What one attempt prints, on its way into a file.
struct AttemptLog {
  private let path: String
  private let handle: FileHandle

  /// - Throws: ``TrialFileError``, as all of its calls.
  init(_ path: String) throws {
    self.path = path
    do {
      try Data().write(to: URL(filePath: path))
      handle = try FileHandle(forWritingTo: URL(filePath: path))
    } catch {
      throw TrialFileError(error, path: path)
    }
  }

  func append(_ bytes: [UInt8]) throws {
    do {
      try handle.write(contentsOf: bytes)
    } catch {
      throw TrialFileError(error, path: path, bytesNeeded: bytes.count)
    }
  }

  func close() throws {
    do { try handle.close() } catch { throw TrialFileError(error, path: path) }
  }
}
