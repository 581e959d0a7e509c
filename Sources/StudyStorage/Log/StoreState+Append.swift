// Compare-and-append: under the append lock, after catching up, one frame at the end.

import Glibc
import StudyModel

extension StoreState {
  /// Beyond a frame's end, so much of a log is kept allocated, so that a trial can still end
  /// when the disk is full.
  static let reserveBytes: UInt64 = 64 << 10
  /// How much is allocated when the reserve is short.
  static let reserveStep: UInt64 = 256 << 10

  /// Catches up, with the append lock held, and makes the log ready for a frame: an unfinished
  /// roll is finished, and an unfinished write is left behind in its log.
  mutating func prepareToAppend() throws(StorageError) {
    if let failure { throw failure }
    let tail = try catchUp()
    if let failure { throw failure }
    if cursor.header.features.unknownReadOnly != 0 {
      throw .unknownFeatures(
        path: cursor.path, flags: cursor.header.features.unknownReadOnly, forWriting: true)
    }
    if highestLog > cursor.number {
      try finishRoll()
    } else if !cursor.isReadable {
      try roll(.repair)
    } else if case .invalid(let end) = tail {
      warnings.append(.unfinishedTail(path: cursor.path, from: cursor.offset, to: end))
      try roll(.voidTail)
    } else if word != .number(cursor.number) {
      try onDisk { () throws(DiskError) in try lock.setWord(cursor.number) }
    }
  }

  /// The identity of the next frame. The first time, an epoch that nobody ever used is chosen
  /// and its byte locked, before anything says so.
  mutating func nextClaim() throws(StorageError) -> ClaimID {
    if let writer, writer.nextSequence < .max {
      return ClaimID(epoch: writer.epoch, sequence: writer.nextSequence)
    }
    var epoch = highestEpoch
    repeat {
      guard epoch < .max else {
        throw .malformed(path: paths.directory, position, reason: "all writers' numbers are used")
      }
      epoch += 1
    } while try !onDisk({ () throws(DiskError) in
      try lock.file?.lock(byte: LockFile.livenessByte(ofEpoch: epoch), waits: false) ?? false
    })
    writer = Writer(
      epoch: epoch, identity: WriterIdentity(process: disk.identity(), time: disk.now()))
    return ClaimID(epoch: epoch, sequence: 0)
  }

  /// Appends `records` as one frame and applies them.
  ///
  /// - Parameter isEssential: whether it may use up the reserve.
  mutating func append(_ records: [LogRecord], isEssential: Bool) throws {
    let claim = try nextClaim()
    var records = records
    if claim.sequence == 0, let identity = writer?.identity {
      records.insert(.hello(identity), at: 0)
    }
    // The syncing thread rolls a full log, outside the lock for the most part; this is for when
    // it does not get round to it.
    if cursor.offset >= rollBytes + rollBytes / 4 {
      do throws(StorageError) {
        try roll(.full)
      } catch {
        // A full disk may still have room in this log, unless its end is announced already.
        guard error.isFull && highestLog == cursor.number else { throw error }
      }
    }
    let frame = try encode(records, claim)
    try reserve(frame.count, isEssential: isEssential)
    try write(frame)
    cursor.didAppend(frame)
    writer?.nextSequence = claim.sequence + 1
    apply(records, epoch: claim.epoch, sequence: claim.sequence)
  }

  private func encode(_ records: [LogRecord], _ claim: ClaimID) throws -> [UInt8] {
    var encoder = RecordEncoder(
      RecordContext(timeBase: cursor.header.timeBase, epoch: claim.epoch))
    for record in records { try encoder.append(record) }
    let payloadBytes = encoder.payloadBytes
    let place = FramePlace(
      epoch: claim.epoch, sequence: claim.sequence, synced: cursor.synced,
      seed: cursor.header.seed, offset: cursor.offset)
    guard FrameCodec.seal(&encoder.writer, place) else {
      throw StorageError.transactionTooLarge(
        path: paths.directory, bytes: payloadBytes, limit: FrameHeader.maximumPayload)
    }
    return encoder.writer.bytes
  }

  private mutating func reserve(
    _ count: Int, isEssential: Bool
  ) throws(StorageError) {
    guard isReserveSupported,
      cursor.allocated < cursor.offset + UInt64(count) + Self.reserveBytes
    else { return }
    // Much at once where there is much, and no more than it takes where there is not.
    for extra in [Self.reserveStep, Self.reserveBytes] {
      let wanted = UInt64(count) + extra
      do {
        isReserveSupported = try cursor.file.reserve(from: cursor.offset, count: wanted)
        return
      } catch  where error.isFull {
        if extra == Self.reserveBytes && !isEssential {
          throw .diskFull(path: cursor.path, bytesNeeded: Int(wanted), error)
        }
      } catch {
        throw .disk(error)
      }
    }
  }

  /// Writes the whole frame at the end, or leaves nothing of it there.
  private func write(_ frame: [UInt8]) throws(StorageError) {
    let failed: DiskError
    do {
      let written = try cursor.file.write(frame, at: cursor.offset)
      if written == frame.count { return }
      // Asked for the rest, the system says what was in the way.
      let rest = Array(frame[written...])
      if try cursor.file.write(rest, at: cursor.offset + UInt64(written)) == rest.count { return }
      failed = DiskError(code: ENOSPC, operation: "write", path: cursor.path)
    } catch {
      failed = error
    }
    // What may stand there now is no valid frame, so nobody took it for one. Should it stay,
    // the next append finds it and rolls.
    do {
      try cursor.file.truncate(to: cursor.offset)
    } catch {
      throw .disk(failed)
    }
    throw failed.isFull
      ? .diskFull(path: cursor.path, bytesNeeded: frame.count, failed) : .disk(failed)
  }
}

extension StorageError {
  /// Whether room is all that lacks.
  var isFull: Bool {
    switch self {
    case .diskFull: true
    case .disk(let error): error.isFull
    default: false
    }
  }
}
