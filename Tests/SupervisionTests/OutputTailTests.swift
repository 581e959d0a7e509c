import Testing

@testable import Supervision

@Suite struct OutputTailTests {
  @Test func `the tail keeps the last lines as they looked`() {
    var tail = OutputTail(lines: 2, byteLimit: 64)
    tail.append(Array(String(repeating: "x", count: 1000).utf8))
    tail.append(Array("\none\n10%\r50%\r99%\nBoom: \u{fc}\n\n".utf8))
    #expect(tail.text == "99%\nBoom: ü")
  }
}
