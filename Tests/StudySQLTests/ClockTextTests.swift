import Foundation
import StudyModel
import Testing

@testable import StudySQL

@Suite struct ClockTextTests {
  @Test(
    arguments: [
      (0, "1970-01-01 00:00:00.000000"), (-1, "1969-12-31 23:59:59.999999"),
      (951_782_400_000_001, "2000-02-29 00:00:00.000001"),
      (4_107_542_399_999_999, "2100-02-28 23:59:59.999999"),
      (253_402_300_800_000_000, "10000-01-01 00:00:00.000000"),
    ] as [(Int64, String)])
  func `times are told in UTC`(microseconds: Int64, text: String) {
    #expect(ClockZone.utc.text(Timestamp(rawValue: microseconds)) == text)
  }

  @Test func `they are those of another calendar`() {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = .gmt
    var generator = SeededGenerator(state: 2)
    for _ in 0..<500 {
      let seconds = Int64.random(in: -2_000_000_000...5_000_000_000, using: &generator)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(seconds)))
      let text = String(
        format: "%04d-%02d-%02d %02d:%02d:%02d.000000", parts.year!, parts.month!, parts.day!,
        parts.hour!, parts.minute!, parts.second!)
      #expect(ClockZone.utc.text(Timestamp(rawValue: seconds * 1_000_000)) == text)
    }
  }

  @Test func `the ends of time do not trap`() {
    for zone in [ClockZone.utc, .local] {
      _ = zone.text(Timestamp(rawValue: .min))
      _ = zone.text(Timestamp(rawValue: .max))
    }
  }

  @Test func `durations are those of pandas`() {
    #expect(durationText(microseconds: 62_345_678) == "0 days 00:01:02.345678")
    #expect(durationText(microseconds: -1) == "-1 days 23:59:59.999999")
    #expect(durationText(microseconds: 90_000_000_000) == "1 days 01:00:00.000000")
  }
}

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
