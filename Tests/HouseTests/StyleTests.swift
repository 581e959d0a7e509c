// What a file may look like.

import Testing

@Suite struct StyleTests {
  static let lineLimit = 600
  static let columnLimit = 100

  let sources: [SwiftSource]
  let tests: [SwiftSource]

  init() throws {
    sources = try Repository.sources.get()
    tests = try Repository.tests.get()
  }

  var libraries: [SwiftSource] { sources.filter { House.libraries.contains($0.target) } }

  @Test func `unsafe code stays where it is fenced in`() {
    for source in sources where !House.unsafeCode.contains(where: { $0.covers(source.path) }) {
      let lines = source.lines.filter { $0.says("unsafe") }
      guard let first = lines.first else { continue }
      violation(
        source, first,
        "\(lines.count) lines of unsafe code; the places for it are listed in Floors.swift")
    }
  }

  @Test func `files are short`() {
    for source in sources + tests where source.lines.count > Self.lineLimit {
      guard !House.longFiles.contains(where: { $0.covers(source.path) }) else { continue }
      Issue.record("\(source.path): \(source.lines.count) lines; more than \(Self.lineLimit)")
    }
  }

  @Test func `exemptions are still needed`() {
    for source in sources + tests {
      if let exemption = House.longFiles.first(where: { $0.path == source.path }) {
        #expect(source.lines.count > Self.lineLimit, "\(exemption.path) is no longer long")
      }
      if let exemption = House.unsafeCode.first(where: { $0.path == source.path }) {
        #expect(
          source.lines.contains { $0.says("unsafe") },
          "\(exemption.path) holds no unsafe code any more")
      }
    }
  }

  @Test func `lines fit into 100 columns`() {
    for source in sources {
      for line in source.lines where line.text.count > Self.columnLimit {
        violation(source, line, "\(line.text.count) columns")
      }
    }
  }

  @Test func `nothing is called by a name that says nothing`() throws {
    for path in try Repository.paths(in: "Sources") + Repository.paths(in: "Tests") {
      let names = path.split(separator: "/").flatMap { $0.split { "+.".contains($0) } }
      for name in names where House.vagueNames.contains(String(name)) {
        Issue.record("\(path): \"\(name)\" does not say what is in it")
      }
    }
    for source in sources + tests {
      for line in source.lines
      where House.vagueNames.contains(where: {
        line.says("struct \($0)") || line.says("enum \($0)")
      }) {
        violation(source, line, "a type whose name does not say what it is")
      }
    }
  }

  @Test func `a library neither stops the process nor talks to the terminal`() {
    for source in libraries {
      for line in source.lines {
        if line.says("try!") || line.says("as!") || line.says("fatalError") {
          violation(source, line, "an error that ends the process")
        }
        if line.calls("print") || line.calls("debugPrint") || line.calls("dump") {
          violation(source, line, "printing is for the command line")
        }
      }
    }
  }

  @Test func `nothing is left for later`() {
    for source in sources + tests {
      for line in source.lines
      where ["TODO", "FIXME", "HACK"].contains(where: line.comment.contains) {
        violation(source, line, "unfinished work: \(line.comment)")
      }
    }
  }

  @Test func `unchecked sendability has a written reason`() {
    for source in sources + tests {
      for (index, line) in source.lines.enumerated()
      where line.says("@unchecked") || line.says("nonisolated(unsafe)") {
        let above = index > 0 ? source.lines[index - 1] : nil
        let isExplained = !line.comment.isEmpty || above?.comment.isEmpty == false
        if !isExplained { violation(source, line, "why is this safe? Say it on the line above") }
      }
    }
  }

  /// Types and functions that stand on their own. What a member means its type often says; a
  /// file's opening comment speaks for the first declaration in it.
  @Test func `what other rooms use is documented`() {
    let declaration =
      #/
      (public|package)\s+ ((final|indirect|nonisolated)\s+)*
      (struct|enum|class|actor|protocol|func|typealias) \b .*
    /#
    for source in libraries {
      var isFirst = source.lines.first?.comment.isEmpty == false
      for (index, line) in source.lines.enumerated() {
        let isDeclaration = !line.code.isBlank && line.code.first?.isLetter == true
        guard isDeclaration || line.code.first == "@" else { continue }
        let code = line.code.replacing(/^(@\w+(\([^)]*\))?\s+)+/, with: "")
        if code.wholeMatch(of: declaration) != nil && !isFirst
          && !Self.isDocumented(index, in: source)
        {
          violation(source, line, "no documentation comment")
        }
        if !code.contains(/\bimport\b/) && !code.isBlank { isFirst = false }
      }
    }
  }

  /// Whether a documentation comment stands in front of line `index` and its attributes.
  private static func isDocumented(_ index: Int, in source: SwiftSource) -> Bool {
    let above = source.lines[..<index].last { !$0.code.hasPrefix("@") }
    return above?.isDocumentation ?? false
  }
}
