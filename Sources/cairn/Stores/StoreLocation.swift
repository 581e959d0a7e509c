// Which store a command means.

import Foundation

struct StoreLocation: Equatable {
  enum Origin: Equatable {
    case option
    case environment
    /// A `.cairn` in the working directory or so many directories above.
    case found(above: Int)
    /// None was there: a new one in the working directory.
    case new
  }

  enum Access: Equatable {
    /// Never creates a store.
    case reading
    /// Creates the store where there is none.
    case writing
  }

  static let directoryName = ".cairn"
  static let environmentVariable = "CAIRN_STORE"

  /// Absolute, or as it was given.
  let path: String
  let origin: Origin

  /// How the path came about, for the first line of a run and for errors.
  var explanation: String {
    switch origin {
    case .option: "\(path) (--store)"
    case .environment: "\(path) ($\(Self.environmentVariable))"
    case .found(above: 0): Self.directoryName
    case .found: path
    case .new: "\(Self.directoryName) (new)"
    }
  }

  /// Resolves by the option, the environment, the directories upwards.
  ///
  /// - Parameter isDirectory: whether a path is a directory; nil when there is nothing.
  /// - Throws: ``Diagnostic`` when something else than a directory stands there, or nothing
  ///   does and the command only reads.
  static func resolve(
    option: String?, environment: [String: String], workingDirectory: String, access: Access,
    isDirectory: (String) -> Bool?
  ) throws(Diagnostic) -> StoreLocation {
    let variable = environment[environmentVariable].flatMap { $0.isEmpty ? nil : $0 }
    let location =
      if let option {
        StoreLocation(path: option, origin: .option)
      } else if let variable {
        StoreLocation(path: variable, origin: .environment)
      } else {
        nearest(to: workingDirectory, isDirectory)
          ?? StoreLocation(path: join(workingDirectory, directoryName), origin: .new)
      }
    try check(location, workingDirectory, access, isDirectory)
    return location
  }

  private static func nearest(
    to workingDirectory: String, _ isDirectory: (String) -> Bool?
  ) -> StoreLocation? {
    var directory = workingDirectory
    var levels = 0
    while true {
      let candidate = join(directory, directoryName)
      if isDirectory(candidate) == true {
        return StoreLocation(path: candidate, origin: .found(above: levels))
      }
      let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
      if parent == directory || directory == "/" || directory.isEmpty { return nil }
      directory = parent.isEmpty ? "/" : parent
      levels += 1
    }
  }

  private static func check(
    _ location: StoreLocation, _ workingDirectory: String, _ access: Access,
    _ isDirectory: (String) -> Bool?
  ) throws(Diagnostic) {
    if location.path.isEmpty { throw Diagnostic("--store names no directory", status: .usage) }
    let absolute =
      location.path.hasPrefix("/") ? location.path : join(workingDirectory, location.path)
    switch isDirectory(absolute) {
    case true?: return
    case false?:
      throw Diagnostic(
        "\(location.path) is a file; a store is a directory",
        evidence: ["named by \(location.explanation)"], status: .usage)
    case nil:
      guard access == .reading else { return }
      if location.origin == .new {
        throw Diagnostic(
          "there is no store: no .cairn in \(workingDirectory) or above it",
          try: ["cairn run STUDY … creates one", "--store PATH", "CAIRN_STORE=PATH"])
      }
      throw Diagnostic(
        "there is no store at \(location.path)", evidence: ["named by \(location.explanation)"],
        try: ["cairn run STUDY … creates one"])
    }
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }
}
