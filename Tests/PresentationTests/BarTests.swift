import Testing

@testable import Presentation

struct BarTests {
  @Test(arguments: [
    (1.0, "████"), (0.5, "██"), (0.25, "█"), (0.28, "█▏"), (0.0, ""), (-0.3, ""), (1e-9, "▏"),
    (7, "████"),
  ])
  func `a bar is as long as its share, to an eighth`(share: Double, text: String) {
    #expect(Bar.text(share, width: 4) == text)
  }
}
