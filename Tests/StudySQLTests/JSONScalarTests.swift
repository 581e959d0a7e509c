import PlainText
import Testing

@testable import StudySQL

@Suite struct JSONScalarTests {
  @Test(
    arguments: [
      (#""plain""#, "plain"), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"),
      (#""\u00e9\ud83d\ude00\ud83dx""#, "é😀\u{FFFD}x"), ("1", 1), ("-2.5e3", -2500.0), ("true", 1),
      ("null", nil), ("NaN", nil), ("[1, 2]", "[1, 2]"), (#"{"a": 1}"#, #"{"a": 1}"#), ("", ""),
      (#""open"#, #""open"#), (#""bad\u12""#, #""bad\u12""#), ("99999999999999999999", 1e20),
      (#"""#, #"""#), ("-", "-"), ("1x", "1x"),
    ] as [(String, SQLValue)])
  func `attributes are shown as SQL's scalars`(json: String, value: SQLValue) {
    #expect(JSONText.scalar(json) == value)
  }
}
