import Testing

@testable import cairn

struct PanelScreenTests {
  @Test func `what is drawn over is what stands there, in a narrower window too`() {
    #expect(PanelScreen.erasing([], columns: 80).isEmpty)
    #expect(PanelScreen.erasing([79, 0, 10], columns: 80) == "\u{1B}[3F\u{1B}[J")
    #expect(PanelScreen.erasing([79, 0, 10], columns: 40) == "\u{1B}[4F\u{1B}[J")
  }
}
