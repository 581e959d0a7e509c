// The floors: who imports whom.

import Foundation
import Testing

@Suite struct FloorTests {
  let sources: [SwiftSource]

  init() throws { sources = try Repository.sources.get() }

  @Test func `a room may import lower floors only`() {
    for (floor, rooms) in House.floors.enumerated() {
      for room in rooms where floor > 0 {
        for other in room.rooms {
          guard let below = House.floor(of: other) else {
            Issue.record("\(room.name) may import \(other), which is no room of the house")
            continue
          }
          #expect(below < floor, "\(room.name) may import \(other), which is not below it")
        }
      }
    }
  }

  @Test func `every folder of Sources is a room`() {
    for target in Set(sources.map(\.target)).subtracting(House.names).sorted() {
      Issue.record("Sources/\(target) stands on no floor: add it to Floors.swift")
    }
  }

  @Test func `a file imports only what its room may`() {
    for source in sources {
      guard let room = House.room(source.target) else { continue }
      let allowed = room.rooms.union(room.outside).union(House.openToAll)
      for (module, line) in source.imports where !allowed.contains(module) {
        let what = House.names.contains(module) ? "the room" : "the module"
        violation(source, line, "\(room.name) may not import \(what) \(module)")
      }
    }
  }

  @Test func `each C module has one importer`() {
    for module in House.systemRooms {
      let importers = Set(
        sources.filter { $0.imports.contains { $0.module == module } }.map(\.target))
      #expect(importers.count <= 1, "\(module) is imported by \(importers.sorted())")
    }
  }

  @Test func `the store's log knows nothing of studies`() {
    let folders = ["Log", "Format", "Disk"].map { "Sources/StudyStorage/\($0)/" }
    let files = sources.filter { source in folders.contains { source.path.hasPrefix($0) } }
    #expect(files.count > 10)
    for source in files {
      for (module, line) in source.imports where module == "StudyModel" {
        violation(source, line, "frames are read and written without \(module)")
      }
    }
  }

  @Test func `Package.swift declares the same rooms and dependencies`() throws {
    let declared = try Self.declaredRooms(in: Repository.text("Package.swift"))
    #expect(Set(declared.keys) == House.names)
    for room in House.rooms {
      guard let dependencies = declared[room.name] else { continue }
      #expect(
        dependencies == room.rooms,
        "Package.swift and Floors.swift disagree about what \(room.name) may import")
    }
  }

  /// Rooms and their dependencies within the package, as the manifest's text has them.
  static func declaredRooms(in manifest: String) -> [String: Set<String>] {
    var rooms: [String: Set<String>] = [:]
    let opening =
      /(?:library|\.target|\.executableTarget|\.systemLibrary)\(\s*(?:name:\s*)?"(?<name>[\w-]+)"/
    for match in manifest.matches(of: opening) {
      let name = String(match.name)
      // `.target(name:)` also names what a test target depends on: the first one declares.
      guard House.names.contains(name), rooms[name] == nil else { continue }
      let arguments = upToClosingParenthesis(manifest[match.range.upperBound...])
      let quoted = arguments.matches(of: /"(\w+)"/).map { String($0.1) }
      rooms[name] = Set(quoted).intersection(House.names).subtracting([name])
    }
    return rooms
  }

  /// The text in front of the parenthesis that closes the one open before it.
  private static func upToClosingParenthesis(_ text: Substring) -> Substring {
    var depth = 1
    let end = text.firstIndex { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth == 0
    }
    return text[..<(end ?? text.endIndex)]
  }
}

/// Records that `line` breaks a rule.
func violation(
  _ source: SwiftSource, _ line: SwiftSource.Line, _ message: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  Issue.record("\(source.path):\(line.number): \(message)", sourceLocation: sourceLocation)
}
