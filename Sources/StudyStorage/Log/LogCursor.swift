// Reading one log from front to back, and the recovery rule.
//
// At the first invalid byte X: if a later valid frame says that the log was on disk beyond X
// when it was written, then X was once durable, and what is there now is damage: it is
// reported, and what follows is kept. Otherwise everything from X on is void, frames that look
// valid included: after a loss of power pages may have reached the disk in any order, and
// keeping a later one would break the order of what happened.

/// A valid frame, decompressed.
struct LogFrame {
  let header: FrameHeader
  let offset: UInt64
  let bytes: [UInt8]
  let payload: Range<Int>
}

/// What is where the valid frames of a log end.
enum LogTail: Equatable, Sendable {
  case clean
  /// Bytes up to here that are no frames: a write under way, or one that was never finished.
  case invalid(end: UInt64)
}

/// How much of the recovery rule is in force. All of it, but in tests that must show that they
/// would notice.
enum RecoveryRule: Sendable {
  case standard
  /// Keeps valid frames behind a gap, whatever they say of it.
  case keepingEverything
  /// Takes every gap for the end.
  case ignoringSynced
}

struct LogCursor: Sendable {
  let number: UInt32
  let file: any DiskFile
  let path: String
  let header: LogHeader
  /// False when both copies of the header are lost; then nothing of it is read.
  let isReadable: Bool
  var rule = RecoveryRule.standard

  /// Everything before this is read.
  var offset: UInt64
  /// The highest offset of this log that any frame so far, or this process, knows to be on disk.
  var synced: UInt64
  /// Bytes of disk the file occupied when its size was last asked.
  private(set) var allocated: UInt64 = 0
  private(set) var frameCount = 0
  /// What of the log is damaged.
  private(set) var damages: [Range<UInt64>] = []
  /// The end and the checksum of the last frame read.
  private(set) var lastFrame: (end: UInt64, checksum: UInt64) = (0, 0)

  private static let chunk = 1 << 20

  init(
    number: UInt32, file: any DiskFile, path: String, header: LogHeader, isReadable: Bool,
    offset: UInt64
  ) {
    self.number = number
    self.file = file
    self.path = path
    self.header = header
    self.isReadable = isReadable
    self.offset = offset
    synced = UInt64(LogHeader.blockByteCount)
  }

  /// Reads on to the end and hands every frame to `visit`, in order.
  ///
  /// - Parameter finalEnd: where this log ends for good, when the next one says so.
  mutating func advance(
    finalEnd: UInt64? = nil, visit: (LogFrame) throws(StorageError) -> Void
  ) throws(StorageError) -> LogTail {
    guard isReadable else { return .clean }
    while true {
      let size = try onDisk { () throws(DiskError) in try file.size() }
      allocated = size.allocated
      let end = finalEnd ?? size.bytes
      try readFrames(to: min(end, size.bytes), visit)
      if offset >= end { return .clean }
      if offset >= size.bytes {
        damages.append(offset..<end)
        offset = end
        return .clean
      }
      switch try examineGap(to: min(end, size.bytes), isFinal: finalEnd != nil) {
      case .healed: continue
      case .damaged(let next):
        damages.append(offset..<next)
        offset = next
      case .void: return .invalid(end: end)
      }
    }
  }

  /// Asks how long the file is; true when there is nothing to read on.
  mutating func isAtEnd() throws(StorageError) -> Bool {
    let size = try onDisk { () throws(DiskError) in try file.size() }
    allocated = size.allocated
    return isReadable && size.bytes == offset
  }

  /// Records an append that this process made at `offset`.
  mutating func didAppend(_ frame: [UInt8]) {
    offset += UInt64(frame.count)
    frameCount += 1
    lastFrame = (offset, frame.littleEndian(UInt64.self, at: 0))
  }

  /// Takes over a log that this process has just made.
  mutating func adopt(frames: Int, last: (end: UInt64, checksum: UInt64)) {
    frameCount = frames
    lastFrame = last
  }

  /// Reads frames until `end` or the first that is none.
  private mutating func readFrames(
    to end: UInt64, _ visit: (LogFrame) throws(StorageError) -> Void
  ) throws(StorageError) {
    var wanted = Self.chunk
    while offset < end {
      let count = min(wanted, Int(end - offset))
      let start = offset
      let bytes = try onDisk { () throws(DiskError) in try file.read(at: start, count: count) }
      var index = 0
      walk: while true {
        switch FrameCodec.probe(bytes, at: index, offset: offset, seed: header.seed) {
        case .valid(let header):
          try visit(try frame(header, bytes, at: index))
          index += header.frameByteCount
          offset += UInt64(header.frameByteCount)
          synced = max(synced, header.synced)
          frameCount += 1
          lastFrame = (offset, header.checksum)
          if index == bytes.count { break walk }
        case .incomplete(let needed):
          // The rest of it may be behind what was read, but not behind the end.
          guard bytes.count == count, UInt64(needed) <= end - offset else { return }
          wanted = max(Self.chunk, needed)
          break walk
        case .invalid: return
        }
      }
    }
  }

  private func frame(
    _ header: FrameHeader, _ bytes: [UInt8], at index: Int
  ) throws(StorageError) -> LogFrame {
    guard header.kind == FrameHeader.transaction else {
      throw .malformed(path: path, position, reason: "a frame of kind \(header.kind)")
    }
    do throws(ByteError) {
      let (raw, range) = try FrameCodec.payload(of: header, bytes, at: index)
      return LogFrame(header: header, offset: offset, bytes: raw, payload: range)
    } catch {
      throw .malformed(path: path, position, reason: "\(error)")
    }
  }

  var position: LogPosition { LogPosition(log: number, offset: offset) }

  private enum Gap {
    case healed
    case damaged(until: UInt64)
    case void
  }

  /// Decides what the invalid bytes at `offset` are, from a fresh reading: what a writer was
  /// about to write is there by now when a later frame says that it was synced.
  private func examineGap(to end: UInt64, isFinal: Bool) throws(StorageError) -> Gap {
    let bytes = try onDisk { () throws(DiskError) in
      try file.read(at: offset, count: Int(end - offset))
    }
    if case .valid = FrameCodec.probe(bytes, at: 0, offset: offset, seed: header.seed) {
      return .healed
    }
    var firstValid: UInt64?
    var known = isFinal ? end : 0
    var index = 8
    while index + FrameHeader.byteCount <= bytes.count {
      let place = offset + UInt64(index)
      if case .valid(let found) = FrameCodec.probe(
        bytes, at: index, offset: place, seed: header.seed)
      {
        firstValid = firstValid ?? place
        known = max(known, found.synced)
        index += found.frameByteCount
      } else {
        index += 8
      }
    }
    switch rule {
    case .standard: break
    case .keepingEverything: known = end
    case .ignoringSynced: known = 0
    }
    guard known > offset else { return .void }
    // What said so was there when this began; what stands at `offset` now is final.
    let again = try onDisk { () throws(DiskError) in
      try file.read(at: offset, count: Int(end - offset))
    }
    if case .valid = FrameCodec.probe(again, at: 0, offset: offset, seed: header.seed) {
      return .healed
    }
    return .damaged(until: min(firstValid ?? known, known))
  }

  private func onDisk<Value>(
    _ body: () throws(DiskError) -> Value
  ) throws(StorageError) -> Value {
    do { return try body() } catch { throw .disk(error) }
  }
}
