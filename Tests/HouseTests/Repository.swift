// The files that the house rules are about.

import Foundation

enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every Swift file of the targets, read once.
  static let sources = Result { try swiftFiles(in: "Sources") }
  /// Every Swift file of the tests, read once.
  static let tests = Result { try swiftFiles(in: "Tests") }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Every Swift file below `folder`, by path.
  static func swiftFiles(in folder: String) throws -> [SwiftSource] {
    try paths(in: folder).filter { $0.hasSuffix(".swift") }
      .map { SwiftSource(path: $0, text: try text($0)) }
  }

  /// Every file below `folder`, from the root, sorted.
  static func paths(in folder: String) throws -> [String] {
    let top = root.appending(path: folder)
    return try FileManager.default.subpathsOfDirectory(atPath: top.path)
      .filter { path in
        let values = try top.appending(path: path).resourceValues(forKeys: [.isRegularFileKey])
        return values.isRegularFile == true
      }
      .map { "\(folder)/\($0)" }
      .sorted()
  }
}
