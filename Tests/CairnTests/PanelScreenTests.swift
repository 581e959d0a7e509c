import Testing

@testable import cairn

struct PanelScreenTests {
  @Test func `what is drawn over is what stands there, in a narrower window too`() {
    let lines = [String(repeating: "x", count: 79), "", "ten of it."]
    #expect(PanelScreen.erasing([], columns: 80).isEmpty)
    #expect(PanelScreen.erasing(lines, columns: 80) == "\u{1B}[3F\u{1B}[J")
    #expect(PanelScreen.erasing(lines, columns: 40) == "\u{1B}[4F\u{1B}[J")
  }
}
