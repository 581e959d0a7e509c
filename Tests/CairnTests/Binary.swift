// Where the program is that the tests run.

import Foundation

/// The program that was built with these tests.
enum Binary {
  static let cairn: String = {
    var directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appending(path: "cairn").path
      let attributes = try? FileManager.default.attributesOfItem(atPath: candidate)
      if attributes?[.type] as? FileAttributeType == .typeRegular { return candidate }
      directory.deleteLastPathComponent()
    }
    preconditionFailure("there is no cairn beside \(CommandLine.arguments[0])")
  }()
}
