// The names by which the store knows its things. Studies and trials are numbered once for
// the whole store and never again after a deletion, so an old frame cannot speak of a new
// trial.

package import PlainText

/// A study's identity within a store; never reused.
public struct StudyID: RawRepresentable, Hashable, Comparable, Sendable, Codable {
  /// Unique in its store, and never used again.
  public let rawValue: UInt64
  /// The identity that the number stands for.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A trial's identity within a store; never reused, ascending in the order of creation.
public struct TrialID: RawRepresentable, Hashable, Comparable, Sendable, Codable {
  /// Unique in its store, and never used again.
  public let rawValue: UInt64
  /// The identity that the number stands for.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One worker's hold on one trial: which writer took it, and its how-manieth append that was.
///
/// Reports and results name the claim they belong to. What arrives under a claim that has
/// ended (a worker believed dead that was only slow) is ignored by every reader alike.
public struct ClaimID: Hashable, Comparable, Sendable, Codable {
  /// The writer: one open store in one process, numbered for ever.
  public let epoch: UInt32
  /// Which append of that writer.
  public let sequence: UInt32

  /// `sequence` counts the claims of one writer, which `epoch` names.
  public init(epoch: UInt32, sequence: UInt32) {
    self.epoch = epoch
    self.sequence = sequence
  }

  public static func < (a: Self, b: Self) -> Bool {
    (a.epoch, a.sequence) < (b.epoch, b.sequence)
  }
}

/// A point in time: microseconds since 1970-01-01 UTC, as the wall clock told it. Data only;
/// nothing is ordered by it.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, Codable {
  /// Microseconds since 1970-01-01 00:00 UTC, leap seconds not counted.
  public let rawValue: Int64
  /// So many microseconds since 1970.
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// Seconds from `start` to this.
  public func seconds(since start: Timestamp) -> Double {
    Double(rawValue &- start.rawValue) / 1e6
  }
}

extension ClockZone {
  /// `time` by this clock, to the microsecond.
  package func text(_ time: Timestamp) -> String { text(microseconds: time.rawValue) }
}
