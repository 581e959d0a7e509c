import Foundation
import Testing

@testable import PlainText

@Suite struct ClockTextTests {
  @Test(
    arguments: [
      (0, "1970-01-01 00:00:00.000000"), (-1, "1969-12-31 23:59:59.999999"),
      (951_782_400_000_001, "2000-02-29 00:00:00.000001"),
      (4_107_542_399_999_999, "2100-02-28 23:59:59.999999"),
      (253_402_300_800_000_000, "10000-01-01 00:00:00.000000"),
    ] as [(Int64, String)])
  func `times are told in UTC`(microseconds: Int64, text: String) {
    #expect(ClockZone.utc.text(microseconds: microseconds) == text)
  }

  @Test func `they are those of another calendar`() {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = .gmt
    // A prime of seconds apart, so that hours, days and months are met at every offset.
    for seconds in stride(from: Int64(-2_000_000_000), to: 5_000_000_000, by: 13_999_981) {
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(seconds)))
      let text = String(
        format: "%04d-%02d-%02d %02d:%02d:%02d.000000", parts.year!, parts.month!, parts.day!,
        parts.hour!, parts.minute!, parts.second!)
      #expect(ClockZone.utc.text(microseconds: seconds * 1_000_000) == text)
    }
  }

  @Test func `the ends of time do not trap`() {
    for zone in [ClockZone.utc, .local] {
      _ = zone.text(microseconds: .min)
      _ = zone.text(microseconds: .max)
    }
  }

  @Test func `durations are those of pandas`() {
    #expect(durationText(microseconds: 62_345_678) == "0 days 00:01:02.345678")
    #expect(durationText(microseconds: -1) == "-1 days 23:59:59.999999")
    #expect(durationText(microseconds: 90_000_000_000) == "1 days 01:00:00.000000")
  }
}
