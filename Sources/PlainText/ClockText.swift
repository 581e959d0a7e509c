// Points in time as text that sorts by time: `YYYY-MM-DD HH:MM:SS.ffffff`.

internal import Glibc

/// Whose clock the times are told by.
public enum ClockZone: Sendable {
  case utc
  /// This machine's time zone.
  case local
}

extension ClockZone {
  /// A time by this clock, given in microseconds since 1970-01-01 UTC.
  package func text(microseconds: Int64) -> String {
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

  /// The days from 1970-01-01 to a Gregorian date; nil when there is no such date.
  ///
  /// Source: as above, days_from_civil.
  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[Int(month) - 1]).contains(day) else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.dividedFloor(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Seconds that this machine's clocks are ahead of UTC at a point in time.
  private static func localOffset(at seconds: Int64) -> Int64 {
    var moment = time_t(seconds)
    var broken = unsafe tm()
    guard unsafe localtime_r(&moment, &broken) != nil else { return 0 }
    return Int64(unsafe broken.tm_gmtoff)
  }
}

extension ClockZone {
  /// What someone wrote as a time, in the form in which this clock tells times, so that both
  /// compare as texts; nil when it is no time.
  ///
  /// Understood are a date, or a date and a time of day behind a space or `T`, down to the hour,
  /// minute, second or a fraction of it, and behind that a zone: `Z`, `+01:00`, `+0100`, `+01`.
  /// Without a zone it is a time by this clock. Digits of a fraction beyond the sixth are kept.
  package func canonicalText(_ text: String) -> String? {
    var reader = TimeReader(Array(text.utf8))
    guard let written = reader.read(), let day = Self.day(written.year, written.month, written.day)
    else { return nil }
    let seconds =
      day * 86_400 + written.hour * 3600 + written.minute * 60 + written.second
      - (written.offset ?? 0)
    // A time without a zone is told as it was written: nothing is to be converted.
    let clock = written.offset == nil ? .utc : self
    return clock.text(microseconds: seconds * 1_000_000 + written.microseconds) + written.beyond
  }
}

extension ClockZone {
  /// What someone wrote as a time, in microseconds since 1970-01-01 UTC, as
  /// ``canonicalText(_:)`` understands it; nil when it is no time.
  package func microseconds(_ text: String) -> Int64? {
    var reader = TimeReader(Array(text.utf8))
    guard let written = reader.read(), let day = Self.day(written.year, written.month, written.day)
    else { return nil }
    var seconds = day * 86_400 + written.hour * 3600 + written.minute * 60 + written.second
    if let offset = written.offset {
      seconds -= offset
    } else if self == .local {
      // By the zone as it is then, which the first guess is no more than a few hours off from.
      seconds -= Self.localOffset(at: seconds - Self.localOffset(at: seconds))
    }
    return seconds * 1_000_000 + written.microseconds
  }
}

/// Reads times as people and programs write them.
private struct TimeReader {
  struct Written {
    var year: Int64 = 0
    var month: Int64 = 0
    var day: Int64 = 0
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var microseconds: Int64 = 0
    /// Digits of the fraction that are less than microseconds.
    var beyond = ""
    /// Seconds that the zone is ahead of UTC; nil when none is written.
    var offset: Int64?
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() -> Written? {
    var written = Written()
    guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2)
    else { return nil }
    (written.year, written.month, written.day) = (year, month, day)
    if isAtEnd { return written }
    guard take("T") || take("t") || take(" "), let hour = digits(2), hour < 24 else { return nil }
    written.hour = hour
    if take(":") {
      guard let minute = digits(2), minute < 60 else { return nil }
      written.minute = minute
      if take(":") {
        guard let second = digits(2), second < 60 else { return nil }
        written.second = second
        if take(".") || take(",") { guard fraction(&written) else { return nil } }
      }
    }
    _ = take(" ")
    guard isAtEnd || zone(&written) else { return nil }
    return isAtEnd && bytes.last != UInt8(ascii: " ") ? written : nil
  }

  private var isAtEnd: Bool { position == bytes.count }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard !isAtEnd, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func digits(_ count: Int) -> Int64? {
    guard bytes.count - position >= count else { return nil }
    var value: Int64 = 0
    for byte in bytes[position..<position + count] {
      guard byte &- UInt8(ascii: "0") < 10 else { return nil }
      value = value * 10 + Int64(byte &- UInt8(ascii: "0"))
    }
    position += count
    return value
  }

  private mutating func fraction(_ written: inout Written) -> Bool {
    let end = bytes[position...].firstIndex { $0 &- UInt8(ascii: "0") >= 10 } ?? bytes.count
    var digits = Array(bytes[position..<end])
    guard !digits.isEmpty else { return false }
    position = end
    while digits.count > 6, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    while digits.count < 6 { digits.append(UInt8(ascii: "0")) }
    written.microseconds = digits[..<6].reduce(0) { $0 * 10 + Int64($1 &- UInt8(ascii: "0")) }
    written.beyond = String(decoding: digits[6...], as: UTF8.self)
    return true
  }

  private mutating func zone(_ written: inout Written) -> Bool {
    if take("Z") || take("z") {
      written.offset = 0
      return true
    }
    let isBehind = take("-")
    guard isBehind || take("+"), let hours = digits(2), hours < 24 else { return false }
    var seconds = hours * 3600
    if !isAtEnd {
      _ = take(":")
      guard let minutes = digits(2), minutes < 60 else { return false }
      seconds += minutes * 60
    }
    written.offset = isBehind ? -seconds : seconds
    return true
  }
}

/// A length of time in seconds, `0 days 00:01:02.345678`, as pandas writes it.
package func durationText(microseconds: Int64) -> String {
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
