// Where things lie in a store's directory.

struct StorePaths: Sendable {
  let directory: String

  var format: String { directory + "/FORMAT" }
  var lock: String { directory + "/LOCK" }
  var logs: String { directory + "/log" }

  func log(_ number: UInt32) -> String { logs + "/" + Self.logFile(number) }

  func temporaryLog(_ number: UInt32) -> String { log(number) + ".tmp" }

  private static func logFile(_ number: UInt32) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
  }

  /// The number of the log with this file name; nil when it is no log's. Each has one spelling.
  static func logNumber(ofFile name: String) -> UInt32? {
    guard name.hasSuffix(".log"), name.utf8.count <= 14, let number = UInt32(name.dropLast(4)),
      number > 0, name.isSameFile(as: logFile(number))
    else { return nil }
    return number
  }

  /// The directory that `path` is in.
  static func parent(of path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    while parts.last?.isEmpty == true && parts.count > 1 { parts.removeLast() }
    guard parts.count > 1 else { return "." }
    let parent = parts.dropLast().joined(separator: "/")
    return parent.isEmpty ? "/" : parent
  }
}

extension String {
  fileprivate func isSameFile(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
