// Reading one log from front to back, and the recovery rule.
//
// At the first invalid byte X: if a later valid frame says that the log was on disk beyond X
// when it was written, then X was once durable, and what is there now is damage: it is
// reported, and what follows is kept. Otherwise everything from X on is void, frames that look
// valid included: after a loss of power pages may have reached the disk in any order, and
// keeping a later one would break the order of what happened.

import Glibc

/// A valid frame, as it lies in its log.
struct LogFrame {
  let header: FrameHeader
  let position: LogPosition
  /// Of its log: see ``LogHeader``.
  let timeBase: Int64
  /// Bytes in which it stands, at `index`.
  let bytes: [UInt8]
  let index: Int

  /// What it holds, decompressed.
  ///
  /// - Throws: why it cannot be, although its checksum is right.
  func payload() throws(ByteError) -> (bytes: [UInt8], range: Range<Int>) {
    guard header.kind == FrameHeader.transaction else {
      throw .badValue("a frame of kind \(header.kind)")
    }
    return try FrameCodec.payload(of: header, bytes, at: index)
  }
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
  /// Ends a log whose sync failed before what checkpoints have of it.
  case forgettingCheckpoints
}

struct LogCursor: Sendable {
  let number: UInt32
  let file: any DiskFile
  let path: String
  let header: LogHeader
  /// Which file it is, whatever bears its name later.
  let identity: FileIdentity
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
  /// Where it begins.
  private(set) var lastFrameStart: UInt64 = 0
  /// Where a void tail was found, and where it ended: while nothing of that changes it is not
  /// searched again.
  private var knownVoid: Range<UInt64>?

  /// How much is read at once, and kept in memory.
  private static let chunk = 1 << 20

  init(
    number: UInt32, file: any DiskFile, path: String, header: LogHeader, identity: FileIdentity,
    isReadable: Bool, offset: UInt64
  ) {
    self.number = number
    self.file = file
    self.path = path
    self.header = header
    self.identity = identity
    self.isReadable = isReadable
    self.offset = offset
    synced = UInt64(LogHeader.blockByteCount)
  }

  var position: LogPosition { LogPosition(log: number, offset: offset) }

  /// Reads on to the end and hands every frame to `visit`, in order.
  ///
  /// - Parameters:
  ///   - finalEnd: where this log ends for good, when the next one says so.
  ///   - size: how long the file is, if that was just asked.
  mutating func advance(
    finalEnd: UInt64? = nil, size known: FileStatus? = nil,
    visit: (LogFrame) throws(StorageError) -> Void
  ) throws(StorageError) -> LogTail {
    guard isReadable else { return .clean }
    var known = known
    while true {
      let size: FileStatus
      if let asked = known.take() {
        size = asked
      } else {
        size = try onDisk { () throws(DiskError) in try file.status() }
      }
      allocated = size.allocated
      let end = finalEnd ?? size.bytes
      try readFrames(to: min(end, size.bytes), visit)
      if offset >= end { return .clean }
      if offset >= size.bytes {
        damages.append(offset..<end)
        offset = end
        return .clean
      }
      let bytes = offset..<min(end, size.bytes)
      if finalEnd == nil, knownVoid == bytes { return .invalid(end: end) }
      switch try examineGap(bytes, isFinal: finalEnd != nil) {
      case .healed: continue
      case .damaged(let next):
        damages.append(offset..<next)
        offset = next
      case .void:
        knownVoid = bytes
        return .invalid(end: end)
      }
    }
  }

  /// Goes to `end`, if a frame stands before it that begins at `start` and has this checksum; or
  /// stays where the log begins, if that is `end` and the checksum is its seed.
  ///
  /// - Returns: whether one does.
  mutating func skip(
    to end: UInt64, lastFrame start: UInt64, checksum: UInt64
  ) throws(StorageError) -> Bool {
    let beginning = UInt64(LogHeader.blockByteCount)
    if start == 0 { return isReadable && end == beginning && checksum == header.seed }
    guard isReadable, start >= beginning, end > start,
      end - start <= UInt64(FrameHeader.byteCount + FrameHeader.maximumPayload + 8)
    else { return false }
    let bytes = try read(at: start, count: Int(end - start))
    guard
      case .valid(let frame) = FrameCodec.probe(bytes, at: 0, offset: start, seed: header.seed),
      frame.frameByteCount == bytes.count, frame.checksum == checksum
    else { return false }
    offset = end
    synced = max(synced, frame.synced)
    lastFrame = (end, checksum)
    lastFrameStart = start
    return true
  }

  /// Writes the whole frame at the end, or leaves nothing of it there.
  func write(_ frame: [UInt8]) throws(StorageError) {
    let failed: DiskError
    do throws(DiskError) {
      let written = try file.write(frame, at: offset)
      if written == frame.count { return }
      // Asked for the rest, the system says what was in the way.
      let rest = Array(frame[written...])
      if try file.write(rest, at: offset + UInt64(written)) == rest.count { return }
      failed = DiskError(code: ENOSPC, operation: "write", path: path)
    } catch {
      failed = error
    }
    // What may stand there now is no valid frame, so nobody took it for one. Should it stay,
    // the next append finds it and rolls.
    do throws(DiskError) {
      try file.truncate(to: offset)
    } catch {
      throw .disk(failed)
    }
    throw failed.isFull
      ? .diskFull(path: path, bytesNeeded: frame.count, failed) : .disk(failed)
  }

  /// Records an append that this process made at `offset`.
  mutating func didAppend(_ frame: [UInt8]) {
    lastFrameStart = offset
    offset += UInt64(frame.count)
    frameCount += 1
    lastFrame = (offset, frame.littleEndian(UInt64.self, at: 0))
  }

  /// Takes over a log that this process has just made.
  mutating func adopt(frames: Int, last: (end: UInt64, checksum: UInt64)) {
    frameCount = frames
    lastFrame = last
    lastFrameStart = 0
  }

  /// Reads frames until `end` or the first that is none.
  private mutating func readFrames(
    to end: UInt64, _ visit: (LogFrame) throws(StorageError) -> Void
  ) throws(StorageError) {
    var wanted = Self.chunk
    while offset < end {
      let count = Int(min(UInt64(wanted), end - offset))
      let bytes = try read(at: offset, count: count)
      var index = 0
      walk: while true {
        switch FrameCodec.probe(bytes, at: index, offset: offset, seed: header.seed) {
        case .valid(let frame):
          try visit(
            LogFrame(
              header: frame, position: position, timeBase: header.timeBase, bytes: bytes,
              index: index))
          index += frame.frameByteCount
          lastFrameStart = offset
          offset += UInt64(frame.frameByteCount)
          synced = max(synced, frame.synced)
          frameCount += 1
          lastFrame = (offset, frame.checksum)
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

  private enum Gap {
    case healed
    case damaged(until: UInt64)
    case void
  }

  /// Decides what the invalid bytes at the beginning of `gap` are, from a fresh reading: what a
  /// writer was about to write is there by now when a later frame says that it was synced.
  private func examineGap(_ gap: Range<UInt64>, isFinal: Bool) throws(StorageError) -> Gap {
    if try isValid(at: gap.lowerBound, before: gap.upperBound) { return .healed }
    var firstValid: UInt64?
    var known = isFinal ? gap.upperBound : 0
    try searchFrames(in: gap.lowerBound + 8..<max(gap.upperBound, gap.lowerBound + 8)) {
      (place, found) in
      firstValid = firstValid ?? place
      known = max(known, found.synced)
    }
    switch rule {
    case .standard, .forgettingCheckpoints: break
    case .keepingEverything: known = gap.upperBound
    case .ignoringSynced: known = 0
    }
    guard known > gap.lowerBound else { return .void }
    // What said so was there when this began; what stands at `offset` now is final.
    if try isValid(at: gap.lowerBound, before: gap.upperBound) { return .healed }
    return .damaged(until: min(firstValid ?? known, known))
  }

  /// Whether a frame that ends by `end` stands at `place`.
  private func isValid(at place: UInt64, before end: UInt64) throws(StorageError) -> Bool {
    var wanted = FrameHeader.byteCount
    while true {
      guard UInt64(wanted) <= end - place else { return false }
      let bytes = try read(at: place, count: wanted)
      switch FrameCodec.probe(bytes, at: 0, offset: place, seed: header.seed) {
      case .valid: return true
      case .incomplete(let needed) where needed > wanted: wanted = needed
      case .incomplete, .invalid: return false
      }
    }
  }

  /// Finds the valid frames that stand in `range`, in order, in time that grows with its length
  /// and no faster: bytes made up to look like many long frames are not followed for ever.
  private func searchFrames(
    in range: Range<UInt64>, _ found: (UInt64, FrameHeader) -> Void
  ) throws(StorageError) {
    // Of random bytes an eighth of their number is hashed.
    var budget = 16 * (range.upperBound - range.lowerBound) + UInt64(FrameHeader.maximumPayload)
    var place = range.lowerBound
    while range.upperBound - min(place, range.upperBound) >= UInt64(FrameHeader.byteCount) {
      let bytes = try read(
        at: place, count: Int(min(UInt64(Self.chunk), range.upperBound - place)))
      guard bytes.count >= FrameHeader.byteCount else { return }
      var index = 0
      while index + FrameHeader.byteCount <= bytes.count {
        let offset = place + UInt64(index)
        guard FrameHeader.mayBegin(bytes, at: index),
          case let header = FrameHeader(decoding: bytes, at: index),
          header.isPlausible(at: offset),
          UInt64(header.frameByteCount) <= min(range.upperBound - offset, budget)
        else {
          index += 8
          continue
        }
        budget -= UInt64(header.frameByteCount)
        let isWhole = index + header.frameByteCount <= bytes.count
        let frame = isWhole ? bytes : try read(at: offset, count: header.frameByteCount)
        if case .valid(let header) = FrameCodec.probe(
          frame, at: isWhole ? index : 0, offset: offset, seed: self.header.seed)
        {
          found(offset, header)
          index += header.frameByteCount
        } else {
          index += 8
        }
      }
      place += UInt64(index)
    }
  }

  private func read(at place: UInt64, count: Int) throws(StorageError) -> [UInt8] {
    try onDisk { () throws(DiskError) in try file.read(at: place, count: count) }
  }
}

/// Runs `body`, whose errors are the disk's.
func onDisk<Value>(_ body: () throws(DiskError) -> Value) throws(StorageError) -> Value {
  do { return try body() } catch { throw .disk(error) }
}
