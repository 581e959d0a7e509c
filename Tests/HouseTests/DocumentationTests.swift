// What the library offers says what it is.

import Testing

@Suite struct DocumentationTests {
  let sources: [SwiftSource]

  init() throws { sources = try Repository.sources.get() }

  @Test func `public declarations of the library are documented`() {
    for source in sources where House.libraries.contains(source.target) {
      for line in Self.undocumented(in: source) {
        violation(source, line, "public, and nothing says what it is")
      }
    }
  }

  @Test func `attributes may stand between a declaration and its documentation`() {
    let source = SwiftSource(
      path: "Sources/X/A.swift",
      text: """
        /// Documented.
        @inlinable
        public struct A {
          public let bare: Int
          public static func == (a: A, b: A) -> Bool { true }
          public var description: String { "" }
          /// Also documented.
          @discardableResult public func b() -> Int { 0 }
          // A remark is no documentation.
          public private(set) var remarked = 0
          let ours = "public let quoted: Int"
        }
        """)
    #expect(Self.undocumented(in: source).map(\.number) == [4, 10])
  }

  /// The lines that declare something public without a documentation comment above. What a
  /// protocol of the standard library asks for is documented there.
  static func undocumented(in source: SwiftSource) -> [SwiftSource.Line] {
    source.lines.indices.compactMap { index in
      let line = source.lines[index]
      guard line.says("public"), line.code.contains(declaration), !line.code.contains(witness)
      else { return nil }
      var above = index - 1
      while above >= 0, source.lines[above].code.wholeMatch(of: attributes) != nil { above -= 1 }
      return above >= 0 && source.lines[above].isDocumentation ? nil : line
    }
  }

  private static var declaration: Regex<Substring> {
    #/
      ^ \s* (?: @\w+ (?: \([^\)]*\) )? \s+ )* (?: \w+ (?: \(set\) )? \s+ )* (?: \w+ \s+ )*
      (?: struct|enum|class|actor|protocol|func|var|let|init|subscript|typealias|case ) \b .*
    /#
  }

  private static var witness: Regex<Substring> {
    #/
      func \s (?: == | < | hash\(into | encode\(to ) .* | init\(from \s decoder .*
      | var \s (?: description|explanation|startIndex|endIndex ) \b .*
    /#
  }

  private static var attributes: Regex<Substring> { /\s*(?:@\w+(?:\([^)]*\))?\s*)+/ }
}
