// Who asks.

internal import Foundation

/// Names the one who works at trials, for people to read.
public struct Worker: Hashable, Sendable {
  /// The machine it runs on.
  public let host: String
  /// What it is called among the workers of that machine.
  public let name: String

  /// Names are for people; claims, not names, say whose a trial is.
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
