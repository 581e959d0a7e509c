// Where things lie in a store's directory.

struct StorePaths: Sendable {
  let directory: String

  var format: String { directory + "/FORMAT" }
  var lock: String { directory + "/LOCK" }
  var logs: String { directory + "/log" }

  func log(_ number: UInt32) -> String { logs + "/" + Self.logFile(number) }

  func temporaryLog(_ number: UInt32) -> String { log(number) + ".tmp" }

  private static func logFile(_ number: UInt32) -> String {
    padded(number, 8) + ".log"
  }

  /// The number of the log with this file name; nil when it is no log's. Each has one spelling.
  static func logNumber(ofFile name: String) -> UInt32? {
    guard name.hasSuffix(".log"), name.utf8.count <= 14, let number = UInt32(name.dropLast(4)),
      number > 0, name.isSameFile(as: logFile(number))
    else { return nil }
    return number
  }

  var checkpoints: String { directory + "/checkpoints" }

  func checkpoint(_ position: LogPosition) -> String {
    checkpoints + "/" + Self.checkpointFile(position)
  }

  private static func checkpointFile(_ position: LogPosition) -> String {
    padded(position.log, 8) + "-" + padded(position.offset, 12) + ".ckp"
  }

  /// Up to where the checkpoint with this file name goes; nil when it is no checkpoint's.
  static func checkpointPosition(ofFile name: String) -> LogPosition? {
    let parts = name.split(separator: "-", maxSplits: 1)
    guard name.hasSuffix(".ckp"), name.utf8.count <= 40, parts.count == 2,
      let log = UInt32(parts[0]), let offset = UInt64(parts[1].dropLast(4)),
      case let position = LogPosition(log: log, offset: offset),
      name.isSameFile(as: checkpointFile(position))
    else { return nil }
    return position
  }

  private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
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
