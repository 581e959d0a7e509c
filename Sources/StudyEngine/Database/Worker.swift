// Who asks.

internal import Foundation

/// Names the one who works at trials, for people to read.
public struct Worker: Hashable, Sendable {
  public let host: String
  public let name: String

  public init(host: String, name: String) {
    self.host = host
    self.name = name
  }

  /// This process on this machine: `HOST`, `pid 4711`.
  public static var current: Worker {
    let process = ProcessInfo.processInfo
    return Worker(host: process.hostName, name: "pid \(process.processIdentifier)")
  }
}
