// Where things lie in a store's directory.

struct StorePaths: Sendable {
  let directory: String

  var format: String { directory + "/FORMAT" }
  var lock: String { directory + "/LOCK" }
  var logs: String { directory + "/log" }

  func log(_ number: UInt32) -> String {
    let digits = String(number)
    return logs + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
  }

  func temporaryLog(_ number: UInt32) -> String { log(number) + ".tmp" }

  /// The number of the log with this file name; nil when it is no log's.
  static func logNumber(ofFile name: String) -> UInt32? {
    guard name.hasSuffix(".log"), name.utf8.count >= 12 else { return nil }
    return UInt32(name.dropLast(4))
  }
}
