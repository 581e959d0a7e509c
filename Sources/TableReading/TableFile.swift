// The bytes of a table. It is read twice, so what comes through a pipe is kept in a file that has
// no name.

import Foundation

/// How a table is written.
public enum TableFormat: String, Sendable, CaseIterable {
  /// RFC 4180, by commas, semicolons or tabs.
  case csv
  /// By tabs, with `\t`, `\n`, `\r` and `\\` in fields, as `cairn export` writes it.
  case tsv
  /// One object a line.
  case jsonl

  /// By the suffix of `path`; nil when that says nothing.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    default: return nil
    }
  }
}

/// A file that holds a table.
public final class TableFile {
  private static let pieceSize = 1 << 18

  /// As it was given, `standard input` for that.
  public let name: String
  let format: TableFormat
  /// How many bytes it has.
  public let size: UInt64
  private let handle: FileHandle

  /// Opens `path`; `-` is standard input, which is read to its end.
  ///
  /// - Throws: ``TableError/unreadable(file:reason:)``.
  public init(_ path: String, _ format: TableFormat) throws(TableError) {
    name = path == "-" ? "standard input" : path
    self.format = format
    do {
      handle =
        path == "-"
        ? try Self.spooled(.standardInput) : try FileHandle(forReadingFrom: URL(filePath: path))
      let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type]
      if path != "-", kind as? FileAttributeType == .typeDirectory {
        throw POSIXError(.EISDIR)
      }
      size = try handle.seekToEnd()
    } catch {
      throw Self.failure(name, error)
    }
  }

  /// What `input` holds, in a file that goes with this process.
  private static func spooled(_ input: FileHandle) throws -> FileHandle {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "cairn-import-\(UUID().uuidString)")
    guard
      FileManager.default.createFile(
        atPath: place.path, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteNoPermission) }
    defer { try? FileManager.default.removeItem(at: place) }
    let file = try FileHandle(forUpdating: place)
    while let piece = try input.read(upToCount: pieceSize), !piece.isEmpty {
      try file.write(contentsOf: piece)
    }
    return file
  }

  /// Its bytes from the beginning, piece by piece; nothing at the end. Only the one that was asked
  /// for last may be used.
  func bytes() throws(TableError) -> () throws -> [UInt8] {
    do {
      try handle.seek(toOffset: 0)
    } catch {
      throw Self.failure(name, error)
    }
    return { [handle, name] in
      do {
        return [UInt8](try handle.read(upToCount: Self.pieceSize) ?? Data())
      } catch {
        throw Self.failure(name, error)
      }
    }
  }

  /// How much of it has been read, from 0 to 1.
  public var progress: Double {
    size == 0 ? 1 : Double((try? handle.offset()) ?? 0) / Double(size)
  }

  private static func failure(_ name: String, _ error: any Error) -> TableError {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    let reason = cause.localizedDescription
      .replacingOccurrences(of: "The operation could not be completed. ", with: "")
    return .unreadable(file: name, reason: reason)
  }
}
