// Making log files: complete under another name first, so that who finds a log finds all of it.

import Glibc

/// A directory in which logs are made.
struct LogFiles: Sendable {
  let disk: any Disk
  let paths: StorePaths

  /// Recorded in every log's header, 16 bytes at most.
  static let creator = "cairn 0.1"

  /// The first bytes of a log that begins with `copies`.
  static func firstBytes(
    _ header: LogHeader, _ copies: [LogFrame]
  ) throws(StorageError) -> (bytes: [UInt8], last: (end: UInt64, checksum: UInt64)) {
    var block = header.encoded()
    var last: (end: UInt64, checksum: UInt64) = (0, 0)
    for copy in copies {
      let place = FramePlace(
        epoch: copy.header.epoch, sequence: copy.header.sequence,
        synced: UInt64(LogHeader.blockByteCount), seed: header.seed, offset: UInt64(block.count))
      let payload: [UInt8]
      do throws(ByteError) {
        let (bytes, range) = try copy.payload()
        payload = Array(bytes[range])
      } catch {
        throw .malformed(path: "log", copy.position, reason: "\(error)")
      }
      // What was a payload once can be one again.
      guard let frame = FrameCodec.encode(payload: payload, place) else {
        preconditionFailure("a frame of \(payload.count) bytes")
      }
      block += frame
      last = (UInt64(block.count), frame.littleEndian(UInt64.self, at: 0))
    }
    return (block, last)
  }

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
    do {
      try disk.unlink(paths.temporaryLog(number))
    } catch {
      // Who seals takes it away, too.
      if !error.isMissing { throw error }
    }
    try disk.syncDirectory(paths.logs)
  }

  /// Takes away first names of logs that have got their own: whoever gave it to them was killed.
  func removeTemporaries() throws {
    for number in try list() {
      do throws(DiskError) {
        _ = try disk.status(of: paths.temporaryLog(number))
        try disk.unlink(paths.temporaryLog(number))
      } catch {
        if !error.isMissing { throw error }
      }
    }
  }

  /// What the header of a log says; nil when there is no such log, or none that can be read.
  func header(of number: UInt32) throws(DiskError) -> LogHeader? {
    do {
      let file = try disk.open(paths.log(number), .reading)
      return LogHeader.read(try file.read(at: 0, count: LogHeader.blockByteCount)).header
    } catch {
      if error.isMissing { return nil }
      throw error
    }
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
