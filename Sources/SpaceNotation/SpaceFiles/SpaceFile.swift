// Space files: a search space as YAML or JSON. Their grammar as JSON Schema:
// schema/search-space.json. Change both in one commit.
//
//     parameters:
//       lr: {type: float, low: 1e-5, high: 1e-1, log: true}
//       layers: 1..4                          # or the notation of the command line
//       opt: {type: choice, choices: [adam, sgd, null, 16]}
//       momentum: {type: float, low: 0, high: 1, when: {opt: sgd}}
//       decay: {type: lognormal, mean: -7, deviation: 2, when: "opt = 'sgd' or layers > 2"}
//       epochs: 10                            # always the same
//     constraints: ["layers * units <= 4096"]
//     start: [{lr: 1e-3, opt: adam}]          # what to try first

import Foundation
package import StudyModel

/// What a space file says.
package struct SpaceFile: Hashable, Sendable {
  package let space: SearchSpace
  /// What to try first, in order: the defaults where parameters have them, then the list under
  /// `start`. Each may leave parameters open, and hold some that will not exist beside the others.
  package let start: [Assignment]

  package enum Format: Hashable, Sendable {
    case yaml
    case json

    /// By the suffix: `.json` is JSON to the letter, anything else YAML.
    package init(path: String) {
      self = path.lowercased().hasSuffix(".json") ? .json : .yaml
    }
  }

  /// Reads the file at `path`.
  package static func read(path: String) throws(SpaceFileError) -> SpaceFile {
    let data: Data
    do {
      data = try contents(of: path)
    } catch {
      throw failure(.unreadable(reason(error)), file: path)
    }
    guard data.count <= DocumentLimits.bytes else {
      throw failure(.tooLarge(bytes: data.count, limit: DocumentLimits.bytes), file: path)
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw failure(.notText, file: path)
    }
    return try parse(text, file: path, format: Format(path: path))
  }

  /// Reads `text`, which errors call `file`.
  package static func parse(
    _ text: String, file: String, format: Format
  ) throws(SpaceFileError) -> SpaceFile {
    // A byte order mark is no part of the text.
    let text =
      text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    guard text.utf8.count <= DocumentLimits.bytes else {
      throw failure(.tooLarge(bytes: text.utf8.count, limit: DocumentLimits.bytes), file: file)
    }
    let root: DocumentNode?
    do {
      switch format {
      case .yaml: root = try YAMLReader.read(text)
      case .json: root = try JSONReader.read(text)
      }
    } catch {
      throw SpaceFileError(
        problem: .syntax(error.reason), file: file, position: error.position, field: "",
        line: error.position.flatMap { line($0.line, of: text) })
    }
    guard let root else { throw failure(.empty, file: file) }
    return try SpaceFileDecoder(file: file, text: text).contents(root)
  }

  /// Line `number`, counted from 1.
  static func line(_ number: Int, of text: String) -> String? {
    let lines = text.split(separator: "\n", maxSplits: number, omittingEmptySubsequences: false)
    return number >= 1 && number <= lines.count ? String(lines[number - 1].prefix(200)) : nil
  }

  /// One byte more than is allowed tells that there are too many, also of a pipe or device.
  private static func contents(of path: String) throws -> Data {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    var data = Data()
    while data.count <= DocumentLimits.bytes,
      let part = try handle.read(upToCount: DocumentLimits.bytes + 1 - data.count), !part.isEmpty
    {
      data.append(part)
    }
    return data
  }

  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    return cause.localizedDescription
      .replacing("The operation could not be completed. ", with: "")
  }

  private static func failure(_ problem: SpaceFileError.Problem, file: String) -> SpaceFileError {
    SpaceFileError(problem: problem, file: file, position: nil, field: "", line: nil)
  }
}
