// What Cairn tells people to try exists.

import ArgumentParser
import Foundation
import Testing

@testable import cairn

@Suite struct SuggestionTests {
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  @Test func `every command that a message names is one`() throws {
    // What the supervisor signs its own complaint with is no command for people.
    let commands = Set(
      Cairn.configuration.subcommands.map { $0._commandName } + ["help", "supervise"])
    var seen = Set<String>()
    for path in try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path) {
      // The magic words of the store's files are no commands.
      guard path.hasSuffix(".swift"), !path.contains("/Format/") else { continue }
      let url = Self.sources.appending(path: path)
      let named = Self.commands(in: try String(contentsOf: url, encoding: .utf8))
      for name in named.subtracting(commands) { Issue.record("\(path): cairn \(name)") }
      seen.formUnion(named)
    }
    #expect(seen.isSuperset(of: ["run", "resume", "edit", "logs", "studies", "show"]))
  }

  /// The words behind `cairn` outside of comments, as in `cairn run`, or by words as in
  /// `["cairn", "run"]`; not those behind the directory `.cairn`.
  private static func commands(in text: String) -> Set<String> {
    let code = text.split(separator: "\n").filter { line in
      !line.drop { $0 == " " }.hasPrefix("//")
    }
    var names = Set<String>()
    for line in code {
      var rest = line
      while let place = rest.firstRange(of: "cairn") {
        let before = rest[..<place.lowerBound].last
        rest = rest[place.upperBound...]
        guard before != ".", before != "/", before?.isLetter != true else { continue }
        let separator = [" ", "\", \""].first { rest.hasPrefix($0) }
        guard let separator else { continue }
        let name = rest.dropFirst(separator.count).prefix { $0.isLetter }
        if !name.isEmpty { names.insert(String(name)) }
      }
    }
    return names
  }
}
