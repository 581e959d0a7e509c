import PlainText
import Testing

struct ExplanationTests {
  private struct Explained: ExplainedError {
    let explanation: Explanation
  }
  private struct Foreign: Error, CustomStringConvertible {
    let description: String
  }

  @Test func `a description is the parts, each in its place`() {
    let error = Explained(
      explanation: Explanation("it broke", evidence: ["a", "  b"], try: ["this", "that"]))
    #expect("\(error)" == "it broke\n  a\n    b\n  try: this\n   or: that")
  }

  @Test func `errors of others are a failure with their words`() {
    #expect(Explanation(describing: Foreign(description: "oh")) == Explanation("oh"))
    let own = Explanation("f", evidence: ["e"], try: ["s"], kind: .wrongUsage)
    #expect(Explanation(describing: Explained(explanation: own)) == own)
  }
}
