// Beginning the next log: when one is full, when its end is unusable, when a sync failed.
//
// A log is made complete under another name and appears by rename, so whoever finds it finds
// all of it. All of this happens under the append lock.

import Glibc
import StudyModel

extension StoreState {
  /// Ends the current log where its valid frames end.
  mutating func roll(_ reason: LogHeader.RollReason) throws(StorageError) {
    do {
      if cursor.isReadable { try cursor.file.synchronize() }
    } catch {
      return try rollCopying(after: error)
    }
    cursor.synced = max(cursor.synced, cursor.offset)
    var header = nextHeader(reason)
    header.previousEnd = cursor.offset
    header.previousChecksum = cursor.lastFrame.end == cursor.offset ? cursor.lastFrame.checksum : 0
    try begin(header, copies: [], announcesFirst: false)
  }

  /// Finishes a roll that another process announced and did not live to carry out. Why it
  /// rolled is not known; if a sync had failed, syncing again would prove nothing. So only what
  /// was known to be on disk before stays in the old log.
  mutating func finishRoll() throws(StorageError) { try rollCopying(after: nil) }

  /// Ends the current log at the last offset known to be on disk, and writes all frames behind
  /// it again, into the next.
  mutating func rollCopying(after error: DiskError?) throws(StorageError) {
    var header = nextHeader(error == nil ? .repair : .failedSync)
    header.timeBase = cursor.header.timeBase
    header.previousEnd = cursor.synced
    var reader = LogCursor(
      number: cursor.number, file: cursor.file, path: cursor.path, header: cursor.header,
      isReadable: cursor.isReadable, offset: cursor.synced)
    var copies: [LogFrame] = []
    _ = try reader.advance(finalEnd: cursor.offset) { frame throws(StorageError) in
      copies.append(frame)
    }
    do throws(StorageError) {
      try begin(header, copies: copies, announcesFirst: true)
    } catch {
      failure = .outcomeUnknown(path: paths.directory, error.diskError)
      throw .outcomeUnknown(path: paths.directory, error.diskError)
    }
    if !reader.damages.isEmpty {
      failure = .outcomeUnknown(path: paths.directory, error)
      throw .outcomeUnknown(path: paths.directory, error)
    }
  }

  private func nextHeader(_ reason: LogHeader.RollReason) -> LogHeader {
    var header = LogHeader(
      number: cursor.number + 1, store: identity, seed: disk.random(),
      timeBase: disk.now(), bootID: disk.identity().bootIDBytes, creator: StoreState.creator)
    header.reason = reason
    return header
  }

  /// Makes the log of `header`, with `copies` as its first frames, and goes on in it.
  ///
  /// LOCK's word is set before the new log has its name: otherwise a writer that died in
  /// between would leave others appending to a log that has ended. A word ahead of the logs is
  /// harmless, the next writer finishes what it announces.
  ///
  /// - Parameter announcesFirst: sets the word before anything else, so that a process that has
  ///   just synced the old log learns that this proves nothing.
  private mutating func begin(
    _ header: LogHeader, copies: [LogFrame], announcesFirst: Bool
  ) throws(StorageError) {
    var block = header.encoded()
    var last: (end: UInt64, checksum: UInt64) = (0, 0)
    for copy in copies {
      let place = FramePlace(
        epoch: copy.header.epoch, sequence: copy.header.sequence,
        synced: UInt64(LogHeader.blockByteCount), seed: header.seed, offset: UInt64(block.count))
      // What was a payload once can be one again.
      guard let frame = FrameCodec.encode(payload: Array(copy.bytes[copy.payload]), place) else {
        preconditionFailure("a frame of \(copy.payload.count) bytes")
      }
      block += frame
      last = (UInt64(block.count), frame.littleEndian(UInt64.self, at: 0))
    }
    if announcesFirst { try announce(header.number) }
    try onDisk { () throws(DiskError) in
      _ = try Self.writeTemporaryLog(block, header.number, disk, paths)
    }
    if !announcesFirst { try announce(header.number) }
    let file = try onDisk { () throws(DiskError) in
      try Self.publishLog(header.number, disk, paths)
      // By its name, which errors tell.
      return try disk.open(paths.log(header.number), .writing)
    }
    finishedLogs.append(try summary(finalEnd: header.previousEnd))
    cursor = LogCursor(
      number: header.number, file: file, path: paths.log(header.number), header: header,
      isReadable: true, offset: UInt64(block.count))
    cursor.rule = rule
    cursor.synced = UInt64(block.count)
    cursor.adopt(frames: copies.count, last: last)
  }

  /// From here on nobody appends to the current log any more.
  private mutating func announce(_ number: UInt32) throws(StorageError) {
    try onDisk { () throws(DiskError) in try lock.setWord(number) }
    highestLog = max(highestLog, number)
  }

  /// Writes and syncs a log's first bytes under a name that nobody reads.
  static func writeTemporaryLog(
    _ block: [UInt8], _ number: UInt32, _ disk: any Disk, _ paths: StorePaths
  ) throws(DiskError) -> any DiskFile {
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
    return file
  }

  /// Gives a finished log its name.
  static func publishLog(
    _ number: UInt32, _ disk: any Disk, _ paths: StorePaths
  ) throws(DiskError) {
    try disk.rename(paths.temporaryLog(number), to: paths.log(number))
    try disk.syncDirectory(paths.logs)
  }

  /// Recorded in every log's header, 16 bytes at most.
  static let creator = "cairn 0.1"
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

extension Error {
  /// The failed call behind this error of the store or of its disk.
  var diskError: DiskError? {
    switch self as? StorageError {
    case .disk(let error)?, .diskFull(_, _, let error)?: error
    default: self as? DiskError
    }
  }
}
