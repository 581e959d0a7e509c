import ArgumentParser
import Foundation
import PlainText
import StudyModel

/// Where the studies are. Every command that touches a store has this group.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's directory.",
      discussion: "Default: $CAIRN_STORE, else the nearest .cairn upwards from here.",
      valueName: "path"),
    completion: .directory)
  var store: String?

  /// - Throws: ``Diagnostic``, as ``StoreLocation`` resolves it.
  func locate(for access: StoreLocation.Access) throws(Diagnostic) -> StoreLocation {
    try Self.locate(store, for: access)
  }

  /// The same where the option's value is `store`.
  static func locate(
    _ store: String?, for access: StoreLocation.Access
  ) throws(Diagnostic) -> StoreLocation {
    try StoreLocation.resolve(
      option: store, environment: ProcessInfo.processInfo.environment,
      workingDirectory: FileManager.default.currentDirectoryPath, access: access
    ) { path in
      let attributes = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
      return attributes?.isDirectory
    }
  }
}

/// For commands that read: the store as it is, or as it was.
struct ReadingStoreOptions: ParsableArguments {
  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp(
      "The store as it was then: '2026-11-27 05:00', 2026-11-27T06:00+01:00, or 2h ago as 2h.",
      discussion: """
        In UTC, unless it has a zone. Also today, yesterday, and how long ago: 90s, 30min, 2h, \
        3d. Trials that were made later are not there, those that ended later are running, with \
        what they had reported; definitions and notes, which have no time, are as they are now.
        """, valueName: "time"),
    transform: PastTime.init)
  var asOf: PastTime?
}

/// A point in time that has passed, as people say it.
struct PastTime: Equatable {
  let time: Timestamp

  init(_ text: String) throws {
    let now = Int64((Date().timeIntervalSince1970 * 1e6).rounded())
    guard let time = Self.microseconds(text.lowercased(), now: now) else {
      throw ValidationError("it is neither a time nor how long ago, such as 2h")
    }
    self.time = Timestamp(rawValue: time)
  }

  /// - Parameter now: in microseconds since 1970, as the result is.
  static func microseconds(_ text: String, now: Int64) -> Int64? {
    let day: Int64 = 86_400_000_000
    switch text {
    case "now": return now
    case "today": return now / day * day
    case "yesterday": return now / day * day - day
    default: break
    }
    if let time = ClockZone.utc.microseconds(text) { return time }
    let words = text.hasSuffix(" ago") ? text.dropLast(4) : text[...]
    let digits = words.prefix { $0.isNumber || $0 == "." }
    guard let count = digits.decimalNumber, count >= 0, count < 1e6 else { return nil }
    let unit: Double
    switch words.dropFirst(digits.count).drop(while: { $0 == " " }) {
    case "s", "sec", "seconds", "second": unit = 1e6
    case "m", "min", "minutes", "minute": unit = 60e6
    case "h", "hours", "hour": unit = 3600e6
    case "d", "days", "day": unit = 86_400e6
    case "w", "weeks", "week": unit = 604_800e6
    default: return nil
    }
    return now - Int64(count * unit)
  }
}
