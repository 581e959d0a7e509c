// A file that is there wholly or not at all.

import Foundation
import StudyModel

/// Collects what is written beside the file that it shall become, and takes its place at the
/// end. Devices and pipes are written to directly.
final class ReplacingFile {
  private let path: String
  /// Nil when `path` itself is written to.
  private let temporary: String?
  private let handle: FileHandle
  private var isCommitted = false

  /// - Throws: ``Diagnostic`` when the file cannot be made.
  init(at name: String) throws(Diagnostic) {
    let resolved = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
    let type = Self.attributes(of: resolved)?[.type] as? FileAttributeType
    path = resolved
    if type == .typeDirectory {
      throw Diagnostic(
        "\(name) is a directory", try: ["\(name)\(name.hasSuffix("/") ? "" : "/")study.csv"],
        status: .usage)
    }
    let directory = URL(fileURLWithPath: resolved).deletingLastPathComponent()
    guard Self.attributes(of: directory.path) != nil else {
      throw Diagnostic(
        "\(name) cannot be written", evidence: ["there is no directory \(directory.path)"])
    }
    do {
      if let type, type != .typeRegular {
        temporary = nil
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: resolved))
      } else {
        let name = ".\(URL(fileURLWithPath: resolved).lastPathComponent).\(getpid()).tmp"
        let place = directory.appendingPathComponent(name)
        try Data().write(to: place)
        temporary = place.path
        handle = try FileHandle(forWritingTo: place)
      }
    } catch {
      throw Self.failure(name, error)
    }
  }

  deinit {
    // What was not committed is of no use; the error that led here has been told.
    if let temporary, !isCommitted { try? FileManager.default.removeItem(atPath: temporary) }
  }

  /// Where what it shall hold may be written by others, until it is committed; nil of a device or
  /// pipe.
  var temporaryPath: String? { temporary }

  func write(_ text: String) throws {
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      throw Self.failure(path, error)
    }
  }

  /// Lets the file appear; it has the permissions of the one it replaces.
  func commit() throws {
    guard let temporary else { return try handle.close() }
    do {
      try handle.synchronize()
      try handle.close()
      if let permissions = Self.attributes(of: path)?[.posixPermissions] {
        try FileManager.default.setAttributes(
          [.posixPermissions: permissions], ofItemAtPath: temporary)
      }
    } catch {
      throw Self.failure(path, error)
    }
    guard unsafe rename(temporary, path) == 0 else {
      throw Diagnostic("\(path) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
    isCommitted = true
  }

  private static func attributes(of path: String) -> [FileAttributeKey: Any]? {
    try? FileManager.default.attributesOfItem(atPath: path)
  }

  private static func failure(_ path: String, _ error: any Error) -> Diagnostic {
    let error = error as NSError
    let cause = (error.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? error
    let reason = cause.localizedDescription
      .replacing("The operation could not be completed. ", with: "")
    return Diagnostic("\(path) cannot be written: \(reason)")
  }
}
