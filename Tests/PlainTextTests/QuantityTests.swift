import Testing

@testable import PlainText

struct QuantityTests {
  @Test(
    arguments: [
      ("4G", 4 << 30), ("512M", 512 << 20), ("1.5GiB", 3 << 29), ("2 GB", 2_000_000_000),
      ("1048576", 1 << 20), ("64k", 64 << 10),
    ] as [(String, Int64)])
  func `sizes are in powers of 1024 unless a B says otherwise`(text: String, bytes: Int64) throws {
    #expect(try Quantity.bytes(text) == bytes)
  }

  @Test(arguments: ["", "G", "4X", "-1G", "0", "1e30G", "4G5", "99999999T"])
  func `what is no size is refused`(text: String) {
    #expect(throws: QuantityError.self) { try Quantity.bytes(text) }
  }

  @Test(arguments: [
    ("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400), ("90", 90), ("0.5", 0.5),
    ("1h30m", 5400), ("500ms", 0.5), ("1.5h", 5400), ("0", 0),
  ])
  func `durations are in the unit they name`(text: String, seconds: Double) throws {
    #expect(try Quantity.seconds(text) == seconds)
    #expect(try Quantity.seconds(Quantity.duration(seconds: seconds)) == seconds)
  }

  @Test(arguments: ["", "s", "5y", "-3s", "-3", "1h30", "inf", "nan", "1e400"])
  func `what is no duration is refused`(text: String) {
    #expect(throws: QuantityError.self) { try Quantity.seconds(text) }
  }
}
