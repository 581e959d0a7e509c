// Making log files: complete under another name first, so that who finds a log finds all of it.

import Glibc

/// A directory in which logs are made.
struct LogFiles: Sendable {
  let disk: any Disk
  let paths: StorePaths

  /// Recorded in every log's header, 16 bytes at most.
  static let creator = "cairn 0.1"

  /// Writes and syncs a log's first bytes under a name that nobody reads.
  func writeTemporary(_ block: [UInt8], _ number: UInt32) throws(DiskError) {
    let temporary = paths.temporaryLog(number)
    do {
      try disk.unlink(temporary)
    } catch {
      if !error.isMissing { throw error }
    }
    let file = try disk.open(temporary, .creating)
    guard try file.write(block, at: 0) == block.count else {
      throw DiskError(code: ENOSPC, operation: "write", path: temporary, bytes: block.count)
    }
    try file.synchronize()
  }

  /// Gives a finished log its name, which must be free: no log ever replaces another.
  func publish(_ number: UInt32) throws(DiskError) {
    try disk.link(paths.temporaryLog(number), to: paths.log(number))
    try disk.unlink(paths.temporaryLog(number))
    try disk.syncDirectory(paths.logs)
  }

  /// The numbers of the logs there are, ascending. What bears other names is none of ours.
  func list() throws(StorageError) -> [UInt32] {
    do {
      return try disk.list(paths.logs).compactMap { StorePaths.logNumber(ofFile: $0) }.sorted()
    } catch  where error.isMissing {
      throw .notAStore(path: paths.directory, reason: "it has no directory log/")
    } catch {
      throw .disk(error)
    }
  }
}

extension ProcessSignature {
  /// The boot id, a UUID in text, as its 16 bytes.
  var bootIDBytes: [UInt8] {
    let digits = bootID.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}
