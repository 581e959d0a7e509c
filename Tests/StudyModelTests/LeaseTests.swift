import StudyModel
import Testing

@Suite struct LeaseTests {
  private func reading(_ boot: UInt64, _ bootID: String, wall: Int64) -> ClockReading {
    ClockReading(bootMicroseconds: boot, bootID: bootID, wall: Timestamp(rawValue: wall))
  }

  @Test func `a lease lapses by its own boot's clock, whatever the wall says`() {
    let deadline = LeaseDeadline(60, after: reading(1_000_000, "a", wall: 5_000_000_000))
    #expect(deadline.bootMicroseconds == 61_000_000)
    #expect(!deadline.hasPassed(at: reading(61_000_000, "a", wall: .max)))
    #expect(deadline.hasPassed(at: reading(61_000_001, "a", wall: 0)))
  }

  @Test func `after a reboot, or on another machine, it lapses by the wall clock`() {
    let deadline = LeaseDeadline(60, after: reading(1_000_000, "a", wall: 5_000_000_000))
    // The other boot's clock may have passed the number long ago, or be far from it.
    #expect(!deadline.hasPassed(at: reading(.max, "b", wall: 5_060_000_000)))
    #expect(deadline.hasPassed(at: reading(0, "b", wall: 5_060_000_001)))
  }

  @Test func `one whose boot was not recorded lapses by whichever clock is first`() {
    let deadline = LeaseDeadline(
      bootMicroseconds: 100, bootID: "", wall: Timestamp(rawValue: 1_000))
    #expect(!deadline.hasPassed(at: reading(100, "b", wall: 1_000)))
    #expect(deadline.hasPassed(at: reading(101, "b", wall: 0)))
    #expect(deadline.hasPassed(at: reading(0, "b", wall: 1_001)))
  }

  @Test(arguments: [-1, 0, 1e9, 1e300, .infinity])
  func `no duration is too long or too short`(seconds: Double) {
    let now = reading(.max / 2, "a", wall: .max / 2)
    let deadline = LeaseDeadline(seconds, after: now)
    #expect(deadline.bootMicroseconds >= now.bootMicroseconds)
    #expect(deadline.wall >= now.wall)
  }
}
