// Places of a log to go on from.

extension Log {
  /// Where reading may begin, for a reader that knows what stands before.
  struct Mark: Equatable, Sendable {
    /// The end of a frame that is on disk for ever.
    var position: LogPosition
    /// Where that frame begins.
    var frameStart: UInt64
    var checksum: UInt64
    /// The highest epoch before.
    var highestEpoch: UInt32
  }

  /// The end of what was read, as somewhere to begin; nil where no frame of the current log was.
  var mark: Mark? {
    guard cursor.lastFrameStart > 0, cursor.lastFrame.end == cursor.offset else { return nil }
    return Mark(
      position: position, frameStart: cursor.lastFrameStart, checksum: cursor.lastFrame.checksum,
      highestEpoch: highestEpoch)
  }
}
