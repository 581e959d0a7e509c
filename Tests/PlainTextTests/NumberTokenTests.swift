import Testing

@testable import PlainText

@Suite struct NumberTokenTests {
  private func token(_ text: String) -> NumberToken? {
    let bytes = Array(("x" + text + "y").utf8)
    return NumberToken(bytes, 1..<bytes.count - 1)
  }

  @Test(arguments: [
    ("0", Int64(0)), ("7", 7), ("-12", -12), ("9223372036854775807", .max),
    ("-9223372036854775808", .min),
  ])
  func `whole numbers are those of Int64`(text: String, value: Int64) {
    #expect(token(text) == .whole(value))
  }

  @Test(arguments: [
    ("1.5", 1.5), ("-0", -0.0), ("-0.0", -0.0), ("1e-05", 1e-5), ("1E3", 1000), (".5", 0.5),
    ("2.", 2), ("+1", 1), ("9223372036854775808", 9223372036854775808), ("1e400", .infinity),
    ("-1e400", -.infinity), ("1e-400", 0), ("inf", .infinity), ("-Infinity", -.infinity),
    ("0.1000000000000000055511151231257827", 0.1),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("1e22", 1e22), ("1e23", 1e23), ("9007199254740993", 9007199254740992),
    ("1e10000000000", .infinity),
  ])
  func `other numbers are the nearest there are`(text: String, value: Double) {
    guard let token = token(text) else {
      Issue.record("\(text) is none")
      return
    }
    switch token {
    case .whole(let whole): #expect(Double(whole) == value)
    case .real(let real): #expect(real == value && real.sign == value.sign, "\(real)")
    }
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e+", "1.2.3", "007", "-01", "0x10", "1_000", "1,5", "nano", "infin",
    " 1", "1 ", "--1", "٣",
  ])
  func `what is no number is none`(text: String) { #expect(token(text) == nil) }

  @Test func `NaN is a number`() {
    for text in ["nan", "NaN", "NAN"] {
      guard case .real(let value)? = token(text) else {
        Issue.record("\(text)")
        continue
      }
      #expect(value.isNaN)
    }
  }

  @Test func `every double reads back as itself`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let value = Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
      guard value.isFinite else { continue }
      #expect(token(value.description) == .real(value), "\(value)")
      let short = (value.truncatingRemainder(dividingBy: 1e6) * 1000).rounded() / 1000
      if case .real(let back)? = token(short.description) { #expect(back == short, "\(short)") }
    }
  }
}
