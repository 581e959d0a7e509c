// Points in time as text that sorts by time: `YYYY-MM-DD HH:MM:SS.ffffff`.

internal import Glibc
package import StudyModel

/// Whose clock the times are told by.
public enum ClockZone: Sendable {
  case utc
  /// This machine's time zone.
  case local
}

extension ClockZone {
  /// `time` by this clock, to the microsecond.
  package func text(_ time: Timestamp) -> String {
    let microseconds = time.rawValue
    var seconds = microseconds.dividedFloor(by: 1_000_000)
    // Wrapping: near the ends of time only the difference is in range.
    let fraction = microseconds &- seconds &* 1_000_000
    if self == .local { seconds += Self.localOffset(at: seconds) }
    let days = seconds.dividedFloor(by: 86_400)
    let second = seconds - days * 86_400
    let (year, month, day) = Self.date(ofDay: days)
    var text: [UInt8] = []
    text.reserveCapacity(26)
    text.append(year, digits: 4)
    text.append("-", month, digits: 2)
    text.append("-", day, digits: 2)
    text.append(" ", second / 3600, digits: 2)
    text.append(":", second / 60 % 60, digits: 2)
    text.append(":", second % 60, digits: 2)
    text.append(".", fraction, digits: 6)
    return String(decoding: text, as: UTF8.self)
  }

  /// The Gregorian date `days` after 1970-01-01.
  ///
  /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
  private static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.dividedFloor(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Seconds that this machine's clocks are ahead of UTC at a point in time.
  private static func localOffset(at seconds: Int64) -> Int64 {
    var moment = time_t(seconds)
    var broken = unsafe tm()
    guard unsafe localtime_r(&moment, &broken) != nil else { return 0 }
    return Int64(unsafe broken.tm_gmtoff)
  }
}

/// A length of time in seconds, `0 days 00:01:02.345678`, as pandas writes it.
func durationText(microseconds: Int64) -> String {
  let days = microseconds.dividedFloor(by: 86_400_000_000)
  let rest = microseconds &- days &* 86_400_000_000
  var text: [UInt8] = []
  text.append(rest / 3_600_000_000, digits: 2)
  text.append(":", rest / 60_000_000 % 60, digits: 2)
  text.append(":", rest / 1_000_000 % 60, digits: 2)
  text.append(".", rest % 1_000_000, digits: 6)
  return "\(days) days " + String(decoding: text, as: UTF8.self)
}

extension Int64 {
  fileprivate func dividedFloor(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ mark: Unicode.Scalar, _ value: Int64, digits: Int) {
    append(UInt8(ascii: mark))
    append(value, digits: digits)
  }

  /// Appends `value` in decimal, filled with zeros to at least `digits`.
  fileprivate mutating func append(_ value: Int64, digits: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    var divisor: UInt64 = 1
    for _ in 1..<digits { divisor *= 10 }
    while magnitude / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(magnitude / divisor % 10))
      divisor /= 10
    }
  }
}
