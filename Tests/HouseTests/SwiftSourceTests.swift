// The rules are only as good as the reader of sources.

import Testing

@Suite struct SwiftSourceTests {
  private func lines(_ text: String) -> [SwiftSource.Line] {
    SwiftSource(path: "Sources/Room/File.swift", text: text).lines
  }

  @Test func `comments are no code`() {
    let lines = lines("let a = 1  // unsafe\n/* try! /* b */ still */ let c\n/// print(")
    #expect(lines.map(\.code) == ["let a = 1  ", " let c", ""])
    #expect(lines[0].comment == "// unsafe")
    #expect(lines[2].isDocumentation)
  }

  @Test func `a block comment goes on over lines`() {
    let lines = lines("/* one\n two */ three")
    #expect(lines.map(\.code) == ["", " three"])
    #expect(lines[1].comment == " two */")
  }

  @Test func `the contents of strings are no code, what is interpolated is`() {
    #expect(lines(#"f("unsafe // \" no", b)"#)[0].code == #"f("", b)"#)
    #expect(lines(##"f(#"a " \( b"#)"##)[0].code == ##"f(#""#)"##)
    #expect(lines(#"f("a \(try! g("x", (1))) b") // c"#)[0].code == #"f("try! g("", (1)))")"# + " ")
  }

  @Test func `a multi-line string goes on over lines`() {
    let lines = lines("let a = \"\"\"\n  unsafe \"quoted\" //\n  \"\"\"; b")
    #expect(lines.map(\.code) == ["let a = \"\"\"", "", "\"\"\"; b"])
  }

  @Test func `an unclosed string ends with its line`() {
    #expect(lines("let a = \"b\nunsafe c")[1].code == "unsafe c")
  }

  @Test(arguments: [
    ("import A", "A"), ("public import A", "A"), ("@testable import A", "A"),
    ("package import struct A.B", "A"), ("@_spi(X) import A", "A"),
  ])
  func `imports are found`(text: String, module: String) {
    let source = SwiftSource(path: "Sources/Room/File.swift", text: text + "  // why")
    #expect(source.imports.map(\.module) == [module])
  }

  @Test func `what only looks like an import is none`() {
    let source = SwiftSource(
      path: "Sources/Room/File.swift", text: "// import A\nlet important = 1\nimporter()")
    #expect(source.imports.isEmpty)
  }

  @Test func `a path tells the room`() {
    let source = SwiftSource(path: "Sources/Room/Folder/File.swift", text: "")
    #expect(source.target == "Room")
    #expect(source.name == "File.swift")
  }
}
