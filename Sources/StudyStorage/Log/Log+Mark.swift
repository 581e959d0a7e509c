// Places of a log to go on from.

extension Log {
  /// Where reading may begin, for a reader that knows what stands before.
  struct Mark: Equatable, Sendable {
    /// The end of a frame that is on disk for ever, or the beginning of a log.
    var position: LogPosition
    /// Where that frame begins; 0: there is none.
    var frameStart: UInt64
    /// That frame's; at the beginning of a log, its seed.
    var checksum: UInt64
    /// The highest epoch before.
    var highestEpoch: UInt32
  }

  /// Whether what stands before `position` will stand there for ever: the log goes on behind it.
  /// Under the append lock.
  func isFinal(_ position: LogPosition) throws(DiskError) -> Bool {
    if cursor.number == position.log { return true }
    let next = try place.files.header(of: position.log + 1)
    return next.map { $0.previousEnd >= position.offset } ?? false
  }

  /// The end of what was read, as somewhere to begin; nil where it is none.
  var mark: Mark? {
    guard cursor.isReadable else { return nil }
    let isBeginning = cursor.offset == UInt64(LogHeader.blockByteCount)
    guard
      isBeginning || (cursor.lastFrameStart > 0 && cursor.lastFrame.end == cursor.offset)
    else { return nil }
    return Mark(
      position: position, frameStart: isBeginning ? 0 : cursor.lastFrameStart,
      checksum: isBeginning ? cursor.header.seed : cursor.lastFrame.checksum,
      highestEpoch: highestEpoch)
  }
}
